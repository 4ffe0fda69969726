"""When the samples were created: office hours, quieter weekends, the newest some minutes ago."""

from datetime import UTC, datetime

from dashboard.upstream.demo.samples.dice import seeded

DAYS = 14
_DAY = 86_400
# The newest rows by seconds before the start; two share a second.
_RECENT = (95, 410, 1_020, 1_020, 1_910, 3_050, 4_400, 5_700, 7_300, 8_600, 10_150, 11_900, 12_700)
# Relative traffic by hour of the day, UTC.
_HOURS = (1, 1, 1, 1, 2, 3, 6, 12, 22, 30, 32, 28, 20, 26, 32, 30, 24, 16, 9, 6, 5, 4, 3, 2)
# Rows that share the second of the row before them. 20 straddles a page of 20, whose cursor then loses rows as
# the real one does; none straddles a page of 50 or 100, so the dashboard's own pages lose nothing.
_TIES = (20, 21, 67, 118, 119, 120, 233, 309, 371)


def creation_times(count: int, now: int) -> list[int]:
    """Unix seconds, newest first, all within the 14 days before now and none in the future."""
    recent = [now - back for back in _RECENT]
    times = recent + _earlier_times(count - len(recent), newest=recent[-1] - 60, oldest=now - DAYS * _DAY + 60)
    for row in range(count):
        if row in _TIES:
            times[row] = times[row - 1]
    _part_at_page_ends(times)
    return times


def _earlier_times(count: int, *, newest: int, oldest: int) -> list[int]:
    dice = seeded("calendar")
    days = [newest - newest % _DAY - back * _DAY for back in range(DAYS + 1)]
    weights = [0.2 if datetime.fromtimestamp(day, UTC).weekday() >= 5 else 1.0 for day in days]
    times: list[int] = []
    while len(times) < count:
        [day] = dice.choices(days, weights)
        [hour] = dice.choices(range(24), _HOURS)
        time = day + hour * 3600 + dice.randrange(3600)
        if oldest <= time <= newest:
            times.append(time)
    return sorted(times, reverse=True)


def _part_at_page_ends(times: list[int]) -> None:
    """Chance may tie the rows on either side of a page of 50; move the newer ones up where there is room."""
    for last in range(49, len(times) - 1, 50):
        row = last
        while times[row] <= times[row + 1]:
            times[row] = times[row + 1] + 1
            row -= 1
