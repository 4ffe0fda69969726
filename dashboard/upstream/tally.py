"""What the upstream calls of one piece of work came to: counted where they are made, read by whoever opened the tally."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

MOST_IDS = 3
LONGEST_ID = 80


@dataclass
class Tally:
    """`seconds` is the sum over all calls, `received` counts decoded bytes of whole answers, `kind` names the
    fault of the last call that failed, such as "timed-out", and is empty when none did."""

    calls: int = 0
    seconds: float = 0.0
    received: int = 0
    request_ids: list[str] = field(default_factory=list)
    kind: str = ""


_open: ContextVar[Tally | None] = ContextVar("upstream_tally", default=None)


@contextmanager
def counting(tally: Tally | None = None) -> Iterator[Tally]:
    """Within it, the calls of this thread go into the tally that it yields: a new one, or the one to go on with."""
    tally = tally or Tally()
    token = _open.set(tally)
    try:
        yield tally
    finally:
        _open.reset(token)


def note_call(seconds: float, received: int) -> None:
    if tally := _open.get():
        tally.calls += 1
        tally.seconds += seconds
        tally.received += received


def note_request_id(request_id: str) -> None:
    """Without the key, if the upstream put that into it. The first few are enough to ask whoever runs the API."""
    tally = _open.get()
    if tally and request_id and request_id not in tally.request_ids and len(tally.request_ids) < MOST_IDS:
        tally.request_ids.append(request_id[:LONGEST_ID])


def note_failure(error: Exception) -> None:
    """The kind is the name of the class in kebab case."""
    if tally := _open.get():
        tally.kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(error).__name__).lower()
