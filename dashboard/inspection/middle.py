"""Which messages of a long conversation a page shows: its beginning, its end, and a stretch of the middle if asked."""

from __future__ import annotations

from dataclasses import dataclass

WHOLE = 30
"""So many messages are shown without a gap."""
FIRST, LAST = 3, 12
STRETCH = 100
"""Messages that one step adds."""


@dataclass(frozen=True, slots=True)
class Gap:
    """The messages from `start` up to, not including, `stop` are not shown."""

    start: int
    stop: int

    @property
    def count(self) -> int:
        return self.stop - self.start

    @property
    def step(self) -> int:
        return min(self.count, STRETCH)


def stretches(count: int, start: int | None) -> list[range]:
    """The places to show, in order and apart from each other; `start` is where the stretch of the middle begins."""
    if count <= WHOLE:
        return [range(count)]
    end = count - LAST
    if start is None or not FIRST <= start < end:
        return [range(FIRST), range(end, count)]
    stop = min(start + STRETCH, end)
    before = [range(FIRST)] if start > FIRST else []
    middle = range(start if before else 0, stop)
    return [*before, middle, range(end, count)] if stop < end else [*before, range(middle.start, count)]


def gap_after(shown: range, stretches: list[range]) -> Gap | None:
    """What is left out between a stretch and the next one."""
    later = [one.start for one in stretches if one.start > shown.start]
    return Gap(shown.stop, later[0]) if later else None
