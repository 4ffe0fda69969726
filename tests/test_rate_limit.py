"""Counting within a minute, in the cache that all processes share."""

import time

import pytest
from django.core.cache import caches
from django.db import DatabaseError

from dashboard.rate_limit import seconds_to_wait

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def the_clock(monkeypatch):
    """Ten seconds into a minute."""
    moment = [time.time() // 60 * 60 + 10.0]
    monkeypatch.setattr(time, "time", lambda: moment[0])
    return moment


def test_what_is_more_than_allowed_waits_for_the_next_minute(the_clock):
    assert [seconds_to_wait("door", 2) for _ in range(4)] == [0, 0, 50, 50]
    the_clock[0] += 49.5
    assert seconds_to_wait("door", 2) == 1
    the_clock[0] += 0.5
    assert seconds_to_wait("door", 2) == 0


def test_each_thing_is_counted_for_itself():
    assert [seconds_to_wait(door, 1) for door in ("front", "back", "front")] == [0, 0, 50]


def test_without_the_cache_nobody_waits(monkeypatch):
    def broken(*args: object) -> None:
        raise DatabaseError("locked")

    monkeypatch.setattr(caches["default"], "add", broken)
    assert [seconds_to_wait("door", 0) for _ in range(3)] == [0, 0, 0]


def test_a_count_that_made_room_for_another_begins_anew(monkeypatch):
    seconds_to_wait("door", 1)
    monkeypatch.setattr(caches["default"], "add", lambda *args: caches["default"].clear())
    assert seconds_to_wait("door", 1) == 0
