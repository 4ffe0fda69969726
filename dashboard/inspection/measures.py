"""The three things that tokens can be coloured by. Steps are fixed, so that a colour means the same everywhere."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dashboard.inspection.logprobs import entropy, is_outside, surprise
from dashboard.upstream.tokens import Token

HIGHEST = 4
"""The last of the levels 0 to 4."""
UNCERTAIN = 2
"""The level from which on a token counts as uncertain, if the reader sets no other."""
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Measure:
    """`steps` part the levels, in bits; `legend` names all five levels, `beyond` the levels from 1 on with all above."""

    name: str
    label: str
    steps: tuple[float, ...]
    legend: tuple[str, ...]
    beyond: tuple[str, ...]
    bits: Callable[[Token], float | None]

    def level(self, token: Token) -> int | None:
        """0, the most expected, to 4; None where there is no usable value."""
        bits = self.bits(token)
        if bits is not None:
            return bisect_left(self.steps, bits - _ROUNDING)
        return HIGHEST if is_outside(token) else None

    def levels(self, tokens: Sequence[Token]) -> list[int | None]:
        return [self.level(token) for token in tokens]


def _entropy_bits(token: Token) -> float | None:
    found = entropy(token)
    return None if found is None else found.bits


MEASURES = {
    one.name: one
    for one in (
        Measure(
            "p",
            "Probability",
            tuple(-math.log2(share) for share in (0.9, 0.5, 0.2, 0.05)),
            ("≥ 90", "50–90", "20–50", "5–20", "< 5%"),
            ("below 90%", "below 50%", "below 20%", "below 5%"),
            surprise,
        ),
        Measure(
            "bits",
            "Surprise",
            (1, 2, 4, 8),
            ("≤ 1 bit", "1–2", "2–4", "4–8", "> 8 bits"),
            ("over 1 bit", "over 2 bits", "over 4 bits", "over 8 bits"),
            surprise,
        ),
        Measure(
            "entropy",
            "Entropy",
            (0.5, 1, 2, 3),
            ("≤ ½ bit", "½–1", "1–2", "2–3", "> 3 bits"),
            ("over ½ bit", "over 1 bit", "over 2 bits", "over 3 bits"),
            _entropy_bits,
        ),
    )
}
