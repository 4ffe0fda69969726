"""What the logprobs page shows of one list of tokens, ready for its templates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboard.html.tokens import Heat
from dashboard.inspection.answer_tokens import AnswerTokens, least_likely, row, strangeness, uncertain
from dashboard.inspection.field_confidence import field_confidence
from dashboard.inspection.json_tree import pointer
from dashboard.inspection.logprobs import is_not_top, rank, summary
from dashboard.inspection.one_token import inspect
from dashboard.inspection.surprise_strip import histogram, strip
from dashboard.inspection.token_text import token_texts
from dashboard.token_query import LEAST_LIKELY, TokenQuery
from dashboard.upstream.tokens import Token

STRETCH = 16_384
"""Tokens of one page of heat text."""
ROWS = 1_000
"""Rows of one page of the table."""


def overview(shown: AnswerTokens, tokens: Sequence[Token], query: TokenQuery) -> dict[str, Any]:
    """The numbers, the text in colours, and the token that is looked at: the least likely one where none was chosen."""
    texts = token_texts(tokens)
    least = least_likely(tokens, texts)
    current = query.t if query.t is not None else least[0].place if least else 0
    levels = query.measure.levels(tokens)
    ranks = list(map(rank, tokens))
    bars = strip(tokens)
    fields = field_confidence(tokens)
    start = min(query.start, len(tokens) - 1)
    if not start <= current < start + STRETCH and query.t is not None:
        start = current // STRETCH * STRETCH
    stop = start + STRETCH
    targets = {bar.at for bar in bars.bars} | {one.place for one in least} | {one.first for one in fields.values}
    return {
        "summary": summary(tokens, ranks),
        "strip": bars,
        "shares": histogram(tokens),
        "least": least,
        "fields": fields,
        "heat": Heat(
            texts[start:stop],
            levels[start:stop],
            list(map(is_not_top, tokens[start:stop], ranks[start:stop])),
            start,
            query.t,
            targets,
        ),
        "uncertain": uncertain(levels, query.level, query.t),
        "stretches": stretches(len(tokens), STRETCH) if len(tokens) > STRETCH else [],
        "stretch": start // STRETCH * STRETCH,
        **one_token(shown, current, query),
    }


def one_token(shown: AnswerTokens, place: int, query: TokenQuery) -> dict[str, Any]:
    return {
        "place": place,
        "total": len(shown.entries),
        "copy_link": query.with_(t=place).link,
        "at": shown.at + pointer(place),
        "one": inspect(shown.entries[place], shown.at + pointer(place)),
    }


def table(tokens: Sequence[Token], query: TokenQuery) -> dict[str, Any]:
    """One page of all tokens, by place or the least likely first."""
    places = list(range(len(tokens)))
    if query.sort == LEAST_LIKELY:
        places.sort(key=lambda place: -strangeness(tokens[place]))
    start = query.start if query.start < len(places) else 0
    return {
        "total": len(tokens),
        "rows": [row(tokens[place], place) for place in places[start : start + ROWS]],
        "stretches": stretches(len(tokens), ROWS) if len(tokens) > ROWS else [],
        "stretch": start // ROWS * ROWS,
    }


def stretches(total: int, length: int) -> list[tuple[int, int]]:
    """The first and the last place of each."""
    return [(start, min(start + length, total) - 1) for start in range(0, total, length)]
