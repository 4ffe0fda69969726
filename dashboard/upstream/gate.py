"""What stands between the pages and one upstream: it bounds the calls under way, and holds back after failures.

A 429 starts a cool-down. Several failures in a row open the breaker: calls are refused for a while, then one is let
through, and what becomes of it decides for all. What is known of both is shared by all processes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from dashboard.upstream.errors import (
    BrokenOff,
    Busy,
    Overloaded,
    Paused,
    RateLimited,
    ServerFault,
    TimedOut,
    Unreachable,
    UpstreamError,
)
from dashboard.upstream.slots import Slots

FAILURES, WITHIN_SECONDS = 5, 30.0
PAUSE_SECONDS = 10.0
PROBE_SECONDS = 10.0
"""So long the others wait for the one that was let through. No call is silent for longer."""
COOL_DOWN_SECONDS = 5.0
"""After a 429 that names no time."""
BUSY_SECONDS = 2.0
REMEMBERED_SECONDS = 120.0
"""A pause that is over is known for so long, so that the next call is one alone."""
FAILED = (Unreachable, BrokenOff, ServerFault, Overloaded)
"""What the breaker counts. Not time-outs: an upstream that is slow still answers some, and what they bind is bounded."""

Outcome = TypeVar("Outcome")


class Memory(Protocol):
    """Facts that all processes know, each for some seconds. One that cannot be reached knows nothing."""

    def get(self, key: str, *, fresh: bool = False) -> Any:
        """What is known may be a second old, unless it has to be fresh."""

    def set(self, key: str, value: Any, seconds: float) -> None: ...
    def claim(self, key: str, seconds: float) -> bool:
        """True for one caller alone, until the seconds are over or it is forgotten."""

    def forget(self, *keys: str) -> None: ...


class Gate:
    """`name` stands for the upstream and its key in the memory. Safe to share between threads."""

    def __init__(self, name: str, slots: Slots, memory: Memory) -> None:
        self._slots = slots
        self._memory = memory
        self._held, self._probe, self._failures = f"held:{name}", f"probe:{name}", f"failures:{name}"
        self._has_failed = False

    def is_held(self) -> bool:
        """Whether the upstream is left alone, or has not answered since it was."""
        return self._memory.get(self._held) is not None

    @contextmanager
    def place(self) -> Iterator[bool]:
        """For what waits beside calls that are not bounded here: whether there was a place, which is held meanwhile."""
        taken = self._slots.take()
        try:
            yield taken
        finally:
            if taken:
                self._slots.give_back()

    def through(self, call: Callable[[], Outcome | UpstreamError]) -> Outcome | UpstreamError:
        """What the call gives, or Busy, Paused or RateLimited, without having made it."""
        if not self._slots.take():
            return Busy(retry_after=BUSY_SECONDS)
        try:
            if refusal := self._refusal():
                return refusal
            outcome = call()
        finally:
            self._slots.give_back()
        self._heed(outcome)
        return outcome

    def _refusal(self) -> UpstreamError | None:
        kind, until = self._memory.get(self._held) or (None, 0.0)
        left = until - time.time()
        if kind is None:
            return None
        if kind == RateLimited.__name__:
            return RateLimited("It was not asked again.", retry_after=left) if left > 0 else None
        if left > 0:
            return Paused("It was not asked again.", retry_after=left)
        if not self._memory.claim(self._probe, PROBE_SECONDS):
            return Paused("One request is under way to see whether it answers.", retry_after=1.0)
        self._has_failed = True
        return None

    def _heed(self, outcome: object) -> None:
        if isinstance(outcome, RateLimited):
            outcome.retry_after = outcome.retry_after or COOL_DOWN_SECONDS
            self._hold(RateLimited, outcome.retry_after)
        elif isinstance(outcome, FAILED):
            self._count()
        elif not self._has_failed:
            return
        elif isinstance(outcome, TimedOut):
            self._memory.forget(self._probe)  # the next one may try
        else:
            self._has_failed = False
            self._memory.forget(self._held, self._probe, self._failures)

    def _count(self) -> None:
        self._has_failed = True
        now = time.time()
        known = self._memory.get(self._failures, fresh=True) or []
        failures = [at for at in known if at > now - WITHIN_SECONDS] + [now]
        if len(failures) >= FAILURES or self.is_held():
            self._hold(Paused, PAUSE_SECONDS)
        else:
            self._memory.set(self._failures, failures, WITHIN_SECONDS)

    def _hold(self, kind: type[UpstreamError], seconds: float) -> None:
        self._memory.forget(self._probe, self._failures)
        self._memory.set(self._held, (kind.__name__, time.time() + seconds), seconds + REMEMBERED_SECONDS)
