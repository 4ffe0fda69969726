from datetime import UTC, datetime
from itertools import pairwise

import pytest

from dashboard.upstream.demo.samples.dates import DAYS, _part_at_page_ends, creation_times

# A weekday noon, a Sunday night, a Monday just after midnight, the turn of a year.
STARTS = [
    int(datetime(2026, 9, 16, 12, 30, tzinfo=UTC).timestamp()),
    int(datetime(2026, 9, 20, 23, 59, 59, tzinfo=UTC).timestamp()),
    int(datetime(2026, 9, 21, 0, 0, 1, tzinfo=UTC).timestamp()),
    int(datetime(2027, 1, 1, 0, 30, tzinfo=UTC).timestamp()),
]


@pytest.mark.parametrize("now", STARTS)
def test_all_lie_within_the_14_days_before_the_start(now):
    times = creation_times(440, now)
    assert len(times) == 440
    assert times == sorted(times, reverse=True)
    assert now - DAYS * 86_400 <= times[-1] < now - (DAYS - 2) * 86_400
    assert now - 600 < times[0] < now


@pytest.mark.parametrize("now", STARTS)
def test_some_share_a_second_but_not_across_the_ends_of_pages_of_50(now):
    times = creation_times(440, now)
    assert sum(newer == older for newer, older in pairwise(times)) >= 9
    assert times[19] == times[20] == times[21]
    assert all(times[end - 1] > times[end] for end in range(50, 440, 50))


def test_working_days_are_busier_than_weekends():
    times = creation_times(440, STARTS[0])
    weekend = sum(datetime.fromtimestamp(time, UTC).weekday() >= 5 for time in times)
    assert 0 < weekend < 440 / 5


def test_office_hours_are_busier_than_nights():
    hours = [datetime.fromtimestamp(time, UTC).hour for time in creation_times(440, STARTS[0])]
    assert sum(8 <= hour < 18 for hour in hours) > 440 * 0.7


def test_a_tie_at_the_end_of_a_page_is_parted_by_making_the_newer_ones_newer():
    times = [110 - row for row in range(48)] + [60, 60, 60, 60]
    _part_at_page_ends(times)
    assert times[47:] == [63, 62, 61, 60, 60]
