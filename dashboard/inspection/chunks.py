"""A long text in pieces that a browser can lay out one by one. Put together again they are the text, exactly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

STEP = 250_000
"""Characters that one request brings."""
CHUNK = 8_000


@dataclass(frozen=True, slots=True)
class Chunk:
    """`whole_lines`: it begins and ends with a line, so that it may stand as a block of its own."""

    text: str
    whole_lines: bool


def chunks(text: str, start: int) -> Iterator[Chunk]:
    """The next `STEP` characters, cut at line ends where there are some."""
    start, stop = min(start, len(text)), min(start + STEP, len(text))
    at_line_start = start == 0 or text[start - 1] == "\n"
    while start < stop:
        line_end = text.rfind("\n", start, min(start + CHUNK, stop)) + 1
        end = line_end or min(start + CHUNK, stop)
        yield Chunk(text[start:end], at_line_start and line_end > 0)
        at_line_start = line_end > 0
        start = end


def next_start(text: str, start: int) -> int | None:
    """Where the step after this one begins; None at the end of the text."""
    return start + STEP if start + STEP < len(text) else None
