"""The surprise of a whole answer at a glance: a strip of bars, and a histogram of the probabilities."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.inspection.logprobs import is_outside, surprise
from dashboard.inspection.measures import HIGHEST, MEASURES
from dashboard.upstream.tokens import Token

MOST_BARS = 480
"""With one bar for each token."""
FEWER_BARS = 128
"""Of a longer answer, whose page is large enough: each bar is a link."""
HEIGHT = 44.0
SHARES = 10
"""Classes of the histogram: 0 to 10 %, and so on."""


@dataclass(frozen=True, slots=True)
class Bar:
    """`at` is the most surprising token of the `place`-th stretch, `level` its colour, `height` out of `HEIGHT`."""

    place: int
    at: int
    level: int
    height: float


@dataclass(frozen=True, slots=True)
class Strip:
    """`step` is how many tokens one bar stands for; `peak` the bits of the most surprising token, at `peak_at`."""

    bars: tuple[Bar, ...]
    step: int
    peak: float
    peak_at: int

    @property
    def by_level(self) -> list[tuple[int, list[Bar]]]:
        """The bars that can be seen, by their colour."""
        seen = [bar for bar in self.bars if bar.height]
        return [(level, [bar for bar in seen if bar.level == level]) for level in range(HIGHEST + 1)]


@dataclass(frozen=True, slots=True)
class Share:
    """How many tokens have a probability from `low` to `high` percent; `share` is relative to the fullest class."""

    low: int
    high: int
    count: int
    share: float


def strip(tokens: Sequence[Token]) -> Strip:
    """A mean would hide the one token that matters, so that a bar shows the maximum of its tokens."""
    bits = [_bits(token) for token in tokens]
    finite = [one for one in bits if math.isfinite(one)]
    peak = max(finite, default=0.0)
    step = 1 if len(tokens) <= MOST_BARS else math.ceil(len(tokens) / FEWER_BARS)
    stretches = [range(start, min(start + step, len(tokens))) for start in range(0, len(tokens), step)]
    highest = [max(stretch, key=bits.__getitem__) for stretch in stretches]
    bars = tuple(Bar(place, at, _level(tokens[at]), _height(bits[at], peak)) for place, at in enumerate(highest))
    return Strip(bars, step, peak, bits.index(peak) if finite else 0)


def histogram(tokens: Sequence[Token]) -> tuple[Share, ...]:
    """Tokens by probability, the least likely first; none where there is nothing to count."""
    known = [2**-bits for token in tokens if (bits := surprise(token)) is not None]
    places = [min(int(share * SHARES + 1e-9), SHARES - 1) for share in known]
    counts = [places.count(place) for place in range(SHARES)]
    width = 100 // SHARES
    return tuple(
        Share(place * width, (place + 1) * width, count, count / max(counts))
        for place, count in enumerate(counts)
        if known
    )


def _height(bits: float, peak: float) -> float:
    return round(HEIGHT * min(bits / peak if peak else bits, 1.0), 1)


def _bits(token: Token) -> float:
    """Outside of the top 20 is the most surprising of all; what is not known, not at all."""
    if is_outside(token):
        return math.inf
    return surprise(token) or 0.0


def _level(token: Token) -> int:
    return MEASURES["p"].level(token) or 0 if not is_outside(token) else HIGHEST
