import time
from datetime import UTC, date, datetime

import pytest

from dashboard import clock
from dashboard.upstream.records import LATEST_MOMENT

NOON = 1_795_348_954  # Sun 22 Nov 2026, 12:02:34 UTC


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "europe/berlin", "\0", "x" * 5000]
)
def test_an_unknown_zone_is_utc(name):
    assert clock.zone_named(name).key == "UTC"


def test_a_known_zone_is_that_zone():
    assert clock.zone_named("Europe/Berlin").key == "Europe/Berlin"


def test_hostile_zone_names_are_cheap():
    clock.zone_named("warm")
    started = time.process_time()
    for number in range(1000):
        clock.zone_named(f"Nowhere/{number}")
    assert time.process_time() - started < 0.2


@pytest.mark.parametrize(
    ("zone", "offset", "full", "utc"),
    [
        ("UTC", "UTC", "Sun 22 Nov 2026, 12:02:34 UTC", ""),
        ("Europe/Berlin", "UTC+01:00", "Sun 22 Nov 2026, 13:02:34 UTC+01:00", "12:02:34 UTC"),
        ("Asia/Kolkata", "UTC+05:30", "Sun 22 Nov 2026, 17:32:34 UTC+05:30", "12:02:34 UTC"),
        ("Pacific/Kiritimati", "UTC+14:00", "Mon 23 Nov 2026, 02:02:34 UTC+14:00", "Sun 22 Nov, 12:02:34 UTC"),
        ("America/St_Johns", "UTC-03:30", "Sun 22 Nov 2026, 08:32:34 UTC-03:30", "12:02:34 UTC"),
    ],
)
def test_a_moment_in_a_zone(zone, offset, full, utc):
    when = clock.moment(NOON, clock.zone_named(zone))
    assert (clock.offset(when), clock.full(when), clock.utc(when)) == (offset, full, utc)
    assert clock.short(when) in full.replace(" 2026", "")
    assert clock.time_of_day(when) in full


@pytest.mark.parametrize("created", [0, LATEST_MOMENT])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "Africa/Monrovia"])
def test_the_first_and_the_last_moment_can_be_written_everywhere(created, zone):
    when = clock.moment(created, clock.zone_named(zone))
    assert clock.full(when)
    assert bool(clock.utc(when)) == bool(when.utcoffset())
    assert clock.day_name(when.date(), datetime.now(UTC).date())


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 11, 22), ("Today", "Sunday 22 November")),
        (date(2026, 11, 21), ("Yesterday", "Saturday 21 November")),
        (date(2026, 11, 1), ("Sunday 1 November", "")),
        (date(2025, 11, 22), ("Saturday 22 November 2025", "")),
    ],
)
def test_days_have_names(day, name):
    assert clock.day_name(day, date(2026, 11, 22)) == name


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (0, "now"), (1, "1 second ago"), (59, "59 seconds ago"), (60, "1 minute ago"), (7_199, "1 hour ago"),
        (90_000, "1 day ago"), (864_000, "10 days ago"), (-7_200, "in 2 hours"), (-1, "in 1 second"),
    ],
)  # fmt: skip
def test_distances_in_words(distance, words):
    assert clock.ago(NOON, NOON + distance + 0.9) == words


@pytest.mark.parametrize(
    ("expires_at", "words"),
    [
        (NOON + 2_520, "Reusable in a conversation for another 42 minutes (until Sun 22 Nov, 12:44:34)"),
        (NOON - 7_200, "Expired 2 hours ago (Sun 22 Nov, 10:02:34); this copy is the stored one"),
        (10**15, "expires at 1000000000000000"),
    ],
)
def test_recordings_expire(expires_at, words):
    assert clock.expiry(expires_at, NOON, clock.zone_named("UTC")) == words
