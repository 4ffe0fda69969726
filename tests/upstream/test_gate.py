"""Who gets through to an upstream that fails, and what the processes tell each other about it."""

from threading import Event, Thread

import pytest

from dashboard.upstream import gate as gate_module
from dashboard.upstream.errors import (
    BrokenOff,
    Busy,
    KeyRejected,
    NotFound,
    Overloaded,
    Paused,
    RateLimited,
    ServerFault,
    TimedOut,
    Unreachable,
)
from dashboard.upstream.gate import Gate
from dashboard.upstream.slots import Slots


class Facts:
    """A memory on a clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.kept: dict = {}

    def time(self) -> float:
        return self.now

    def get(self, key, *, fresh=False):
        value, ends = self.kept.get(key, (None, 0))
        return value if ends > self.now else None

    def set(self, key, value, seconds):
        self.kept[key] = (value, self.now + seconds)

    def claim(self, key, seconds):
        if self.get(key):
            return False
        self.set(key, True, seconds)
        return True

    def forget(self, *keys):
        for key in keys:
            self.kept.pop(key, None)


@pytest.fixture
def facts(monkeypatch) -> Facts:
    made = Facts()
    monkeypatch.setattr(gate_module, "time", made)
    return made


@pytest.fixture
def gate(facts) -> Gate:
    return Gate("default", Slots(2), facts)


def asked(gate: Gate, outcome):
    """What the caller gets, and whether the upstream was asked."""
    calls = []

    def call():
        calls.append(1)
        return outcome

    return gate.through(call), bool(calls)


def test_what_the_upstream_gives_goes_through(gate):
    assert asked(gate, "a page") == ("a page", True)
    found, was_asked = asked(gate, NotFound())
    assert (type(found), was_asked) == (NotFound, True)


def test_who_finds_all_places_taken_is_told_at_once(gate):
    inside, leave = Event(), Event()

    def hang():
        inside.set()
        leave.wait(5)

    threads = [Thread(target=gate.through, args=[hang]) for _ in range(2)]
    for thread in threads:
        thread.start()
        assert inside.wait(5)
        inside.clear()
    found, was_asked = asked(gate, "a page")
    assert (type(found), was_asked, found.status, found.retry_after) == (Busy, False, 503, 2)
    leave.set()
    for thread in threads:
        thread.join()
    assert asked(gate, "a page") == ("a page", True)


def test_a_call_that_raises_gives_its_place_back(gate):
    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            gate.through(lambda: 1 / 0)
    assert asked(gate, "a page") == ("a page", True)


@pytest.mark.parametrize(("named", "seconds"), [(7.0, 7), (None, 5), (0.0, 5)])
def test_a_limit_holds_back_all_until_its_time_is_over(gate, facts, named, seconds):
    error, _ = asked(gate, RateLimited(retry_after=named))
    assert error.retry_after == seconds, "it is said at once"
    facts.now += seconds - 1
    found, was_asked = asked(gate, "a page")
    assert (type(found), was_asked, found.retry_after) == (RateLimited, False, 1)
    assert gate.is_held()
    facts.now += 2
    assert asked(gate, "a page") == ("a page", True)


@pytest.mark.parametrize("kind", [Unreachable, BrokenOff, ServerFault, Overloaded])
def test_the_fifth_failure_within_half_a_minute_opens_the_breaker(gate, facts, kind):
    for _ in range(5):
        assert asked(gate, kind())[1]
        facts.now += 1
    found, was_asked = asked(gate, "a page")
    assert (type(found), was_asked, found.status) == (Paused, False, 503)
    assert found.retry_after == pytest.approx(9)


def test_failures_that_are_far_apart_do_not(gate, facts):
    for _ in range(20):
        assert asked(gate, ServerFault())[1]
        facts.now += 8


def test_an_answer_in_between_begins_the_count_anew(gate):
    for _ in range(3):
        for _ in range(4):
            asked(gate, ServerFault())
        assert asked(gate, NotFound())[1]


@pytest.mark.parametrize("error", [TimedOut(), KeyRejected(), NotFound()])
def test_what_says_nothing_about_the_upstream_is_not_counted(gate, error):
    for _ in range(20):
        assert asked(gate, error)[1]


@pytest.fixture
def after_a_pause(gate, facts) -> Gate:
    for _ in range(5):
        asked(gate, Unreachable())
    facts.now += 10.1
    return gate


def test_after_the_pause_one_call_decides_for_all(after_a_pause):
    gate = after_a_pause
    outcomes = []

    def probe():
        outcomes.append(asked(gate, "another page"))
        return "a page"

    assert gate.through(probe) == "a page"
    ((other, was_asked),) = outcomes
    assert (type(other), was_asked, other.retry_after) == (Paused, False, 1)
    assert asked(gate, "a page") == ("a page", True)
    assert not gate.is_held()


def test_a_probe_that_fails_pauses_all_again(after_a_pause, facts):
    assert asked(after_a_pause, Unreachable())[1]
    facts.now += 9
    assert not asked(after_a_pause, "a page")[1]
    facts.now += 2
    assert asked(after_a_pause, "a page")[1]


def test_a_probe_that_times_out_lets_the_next_one_try(after_a_pause):
    assert asked(after_a_pause, TimedOut())[1]
    assert asked(after_a_pause, TimedOut())[1]
    assert asked(after_a_pause, "a page") == ("a page", True)


def test_a_probe_that_is_lost_is_waited_for_no_longer_than_a_call_can_take(after_a_pause, facts):
    with pytest.raises(ZeroDivisionError):
        after_a_pause.through(lambda: 1 / 0)
    assert not asked(after_a_pause, "a page")[1]
    facts.now += 10.1
    assert asked(after_a_pause, "a page")[1]


def test_a_pause_that_nobody_ended_is_forgotten(after_a_pause, facts):
    facts.now += 121
    assert not after_a_pause.is_held()


def test_two_processes_share_what_they_know(facts):
    one, other = Gate("default", Slots(2), facts), Gate("default", Slots(2), facts)
    for gate in (one, other, one, other, one):
        assert asked(gate, Unreachable())[1]
    assert not asked(other, "a page")[1]
    assert asked(Gate("another", Slots(2), facts), "a page")[1]
    facts.now += 10.1
    assert asked(other, "a page")[1]
    assert asked(one, "a page")[1]


def test_a_place_is_held_and_given_back(gate):
    with gate.place() as first, gate.place() as second, gate.place() as third:
        assert (first, second, third) == (True, True, False)
        assert type(asked(gate, "a page")[0]) is Busy
    assert asked(gate, "a page") == ("a page", True)


def test_slots_of_a_project_are_slots_of_all():
    everything = Slots(3)
    one, other = Slots(2, within=everything), Slots(2, within=everything)
    assert [one.take(), one.take(), one.take()] == [True, True, False]
    assert [other.take(), other.take()] == [True, False]
    one.give_back()
    assert [other.take(), other.take()] == [True, False]
