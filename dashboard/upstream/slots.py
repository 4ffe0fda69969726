"""Bounds how many calls are under way at once, so that an upstream that hangs leaves threads for everything else."""

from __future__ import annotations

import threading


class Slots:
    """`count` of them, each also one of `within`, if given. Nobody waits for one: who gets none is told so at once."""

    def __init__(self, count: int, within: Slots | None = None) -> None:
        self._free = threading.Semaphore(count)
        self._within = within

    def take(self) -> bool:
        """Whether there was one; it has to be given back."""
        if not self._free.acquire(blocking=False):
            return False
        if self._within is None or self._within.take():
            return True
        self._free.release()
        return False

    def give_back(self) -> None:
        self._free.release()
        if self._within is not None:
            self._within.give_back()
