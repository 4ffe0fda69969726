"""All tokens of one list as CSV, a line at a time."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any

from dashboard.csv_cells import safe_cell
from dashboard.inspection.logprobs import entropy, rank, surprise
from dashboard.inspection.one_token import share
from dashboard.inspection.token_text import data_of, hexadecimal, token_texts
from dashboard.upstream.tokens import Token

HEADER = (
    "token_number",
    "text",
    "token",
    "bytes",
    "logprob",
    "probability",
    "surprise_bits",
    "rank_at_least",
    "entropy_bits_at_least",
    "covered",
    "alternatives",
)


LINES = 500
"""In one piece."""


def csv_pieces(tokens: Sequence[Token]) -> Iterator[str]:
    """`text` is what the token adds to the answer, `alternatives` JSON of [token, logprob] pairs. Unknown is empty."""
    texts = token_texts(tokens)
    yield _lines([HEADER])
    for start in range(0, len(tokens), LINES):
        places = range(start, min(start + LINES, len(tokens)))
        yield _lines([_cells(place, tokens[place], texts[place].text) for place in places])


def _lines(rows: Sequence[Sequence[Any]]) -> str:
    written = StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()


def _cells(place: int, token: Token, text: str) -> tuple[Any, ...]:
    found = entropy(token)
    return (
        place,
        safe_cell(text),
        safe_cell(token.token),
        hexadecimal(data_of(token)),
        token.logprob,
        share(token),
        surprise(token),
        rank(token),
        found.bits if found else None,
        found.covered if found else None,
        json.dumps([[one.token, one.logprob] for one in token.alternatives], ensure_ascii=False),
    )
