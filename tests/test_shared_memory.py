"""Facts that processes share, and what they cost."""

import time

import pytest
from django.core.cache import caches
from django.db import DatabaseError

from dashboard import shared_memory as module
from dashboard.shared_memory import SharedMemory


@pytest.fixture
def slow_clock(monkeypatch):
    """Facts that were looked up stay known."""
    monkeypatch.setattr(module, "LOOKED_UP_SECONDS", 3_600)


@pytest.mark.django_db
def test_what_one_knows_the_other_can_look_up():
    SharedMemory().set("fact", ("kind", 1.5), 60)
    assert tuple(SharedMemory().get("fact")) == ("kind", 1.5)
    assert SharedMemory().get("unknown") is None


@pytest.mark.django_db
def test_a_fact_is_looked_up_once_a_second(slow_clock, django_assert_num_queries):
    memory = SharedMemory()
    memory.get("fact")
    with django_assert_num_queries(0):
        assert [memory.get("fact") for _ in range(50)] == [None] * 50
    SharedMemory().set("fact", "new", 60)
    assert memory.get("fact") is None
    assert memory.get("fact", fresh=True) == memory.get("fact") == "new"


@pytest.mark.django_db
def test_what_is_set_or_forgotten_is_known_at_once(slow_clock):
    memory = SharedMemory()
    memory.set("fact", 1, 60)
    assert memory.get("fact") == 1
    memory.forget("fact", "another")
    assert memory.get("fact") is None
    assert SharedMemory().get("fact") is None


@pytest.mark.django_db
def test_a_claim_is_one_callers_until_it_is_forgotten():
    one, other = SharedMemory(), SharedMemory()
    assert one.claim("probe", 60)
    assert not other.claim("probe", 60)
    other.forget("probe")
    assert one.claim("probe", 60)


@pytest.mark.django_db
def test_without_its_cache_nothing_is_known_and_nothing_fails(monkeypatch):
    def unreachable(*args, **options):
        raise DatabaseError

    for name in ("get", "set", "add", "incr", "delete_many"):
        monkeypatch.setattr(type(caches["default"]), name, unreachable)
    memory = SharedMemory()
    memory.set("fact", 1, 60)
    memory.forget("fact")
    assert memory.get("fact") is None
    assert memory.claim("probe", 60)
    assert memory.count("uses", 0, 60) == 0


@pytest.mark.django_db
def test_more_than_so_many_in_a_stretch_are_told_how_long_to_wait(monkeypatch):
    now = [time.time() // 60 * 60 + 10.25]
    monkeypatch.setattr(time, "time", lambda: now[0])
    one, other = SharedMemory(), SharedMemory()
    assert [memory.count("uses", 3, 60) for memory in (one, other, one)] == [0, 0, 0]
    assert one.count("uses", 3, 60) == 50
    assert other.count("another", 3, 60) == 0
    now[0] += 50
    assert other.count("uses", 3, 60) == 0
