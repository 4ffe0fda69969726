"""How sure the model was of each value of a JSON answer, or of JSON that stands in an answer, as tool calls may."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from dashboard.inspection.json_spans import Span, json_spans
from dashboard.inspection.logprobs import usable
from dashboard.inspection.token_text import data_of
from dashboard.upstream.tokens import Token

MOST_VALUES = 300


@dataclass(frozen=True, slots=True)
class FieldConfidence:
    """`product` and `lowest` are probabilities from 0 to 1 over all tokens that hold a byte of the value.

    They are None where one of these tokens has no usable probability. `first` and `lowest_at` are places of tokens.
    """

    span: Span
    first: int
    tokens: int
    product: float | None
    lowest: float | None
    lowest_at: int


@dataclass(frozen=True, slots=True)
class Fields:
    """Values in reading order, a container before its children; `left_out` more are not listed."""

    values: tuple[FieldConfidence, ...]
    left_out: int


def field_confidence(tokens: Sequence[Token], most: int = MOST_VALUES) -> Fields:
    """Nothing where the answer holds no JSON object or list."""
    pieces = [data_of(token) for token in tokens]
    spans, left_out = json_spans(b"".join(pieces), most)
    starts = [0, *accumulate(map(len, pieces))]
    return Fields(tuple(_confidence(span, tokens, starts) for span in spans), left_out)


def _confidence(span: Span, tokens: Sequence[Token], starts: list[int]) -> FieldConfidence:
    """`starts` are the offsets of the tokens, and that of the end. Tokens without bytes hold nothing of a value."""
    first = bisect_right(starts, span.start) - 1
    after = bisect_left(starts, max(span.stop, span.start + 1))
    logprobs = [usable(token.logprob) for token in tokens[first:after]]
    known = [one for one in logprobs if one is not None]
    is_known = bool(known) and len(known) == len(logprobs)
    lowest = min(known, default=0.0)
    return FieldConfidence(
        span,
        first,
        after - first,
        math.exp(math.fsum(known)) if is_known else None,
        math.exp(lowest) if is_known else None,
        first + logprobs.index(lowest) if known else first,
    )
