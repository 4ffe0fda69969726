"""Which lists of tokens a completion has, and what of one list the logprobs page shows."""

from __future__ import annotations

import heapq
import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dashboard.inspection.json_tree import pointer
from dashboard.inspection.logprobs import Summary, is_outside, rank, summary, surprise
from dashboard.inspection.measures import HIGHEST
from dashboard.inspection.message_blocks import item_pointer
from dashboard.inspection.one_token import share, token_text
from dashboard.inspection.token_text import TokenText
from dashboard.upstream.records import Completion
from dashboard.upstream.tokens import LISTS, Token, tokens

FIELDS = ("content", "refusal")
BEFORE, AFTER = 6, 4
"""Tokens of context around one."""
AROUND = 100
"""Characters of it, at most."""
LEAST, FEW = 20, 5
SURPRISING = -math.log2(0.9)
"""Bits."""


@dataclass(frozen=True, slots=True)
class AnswerTokens:
    """One list: `choice` is the place of its choice, `label` names it, `at` points to it in the document."""

    choice: int
    label: str
    field: str
    at: str
    entries: Sequence[Any]


@dataclass(frozen=True, slots=True)
class InContext:
    """One token as a row: `share` from 0 to 1, `bits` of surprise; None where they are not known."""

    place: int
    text: str
    share: float | None
    bits: float | None
    rank: int | None
    outside: bool
    before: str = ""
    said: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The uncertain tokens around the current one; after the last comes the first. `number` counts from 1, 0 where the
    current one is none of them. `counts` are those of the levels from 1 on, each with all above it.
    """

    count: int
    number: int
    previous: int | None
    next: int | None
    counts: tuple[int, ...]


def answer_tokens(completion: Completion) -> list[AnswerTokens]:
    """In the order of the choices, content before refusal; empty lists are none."""
    choices = completion.raw.get("choices")
    return [
        AnswerTokens(
            place,
            f"choice {choice.index}",
            field,
            item_pointer(choices, "/completion/choices", place) + pointer("logprobs", field),
            entries,
        )
        for place, choice in enumerate(completion.choices)
        if isinstance(logprobs := choice.raw.get("logprobs"), dict)
        for field in FIELDS
        if isinstance(entries := logprobs.get(field), LISTS) and len(entries)
    ]


def confidence_of_choices(completion: Completion) -> dict[int, Summary]:
    """By the place of the choice: of the first list that it has."""
    first: dict[int, AnswerTokens] = {}
    for one in answer_tokens(completion):
        first.setdefault(one.choice, one)
    return {place: summary(tokens(one.entries)) for place, one in first.items()}


def odd_logprobs(completion: Completion) -> str:
    """Where logprobs stand that are there and hold no such list: of another shape than the API's. Empty if nowhere."""
    choices = completion.raw.get("choices")
    return next(
        (
            item_pointer(choices, "/completion/choices", place) + pointer("logprobs")
            for place, choice in enumerate(completion.choices)
            if (logprobs := choice.raw.get("logprobs")) and (not isinstance(logprobs, dict) or any(logprobs.values()))
        ),
        "",
    )


def least_likely(listed: Sequence[Token], texts: Sequence[TokenText], most: int = LEAST) -> list[InContext]:
    """The most surprising first. Of an answer without surprises they are few, and what is certain is not among them."""
    places = heapq.nlargest(most, range(len(listed)), key=lambda place: (strangeness(listed[place]), -place))
    least = [place for place in places if strangeness(listed[place]) > 0]
    surprising = sum(strangeness(listed[place]) > SURPRISING for place in least)
    return [_in_context(listed, texts, place) for place in least[: max(surprising, FEW)]]


def row(token: Token, place: int) -> InContext:
    return InContext(place, token_text(token), share(token), surprise(token), rank(token), is_outside(token))


def strangeness(token: Token) -> float:
    """To sort by: bits of surprise, with what is outside of the top 20 above all, and what is not known below."""
    if is_outside(token):
        return math.inf
    bits = surprise(token)
    return -1.0 if bits is None else bits


def uncertain(levels: Sequence[int | None], level: int, current: int | None) -> Uncertain:
    """Those of `level` and above; without a current token the first of them is the next."""
    counts = tuple(sum(one is not None and one >= least for one in levels) for least in range(1, HIGHEST + 1))
    places = [place for place, one in enumerate(levels) if one is not None and one >= level]
    if not places:
        return Uncertain(0, 0, None, None, counts)
    before = bisect_left(places, -1 if current is None else current)
    hit = current in places[before : before + 1]
    following = places[(before + hit) % len(places)]
    return Uncertain(len(places), before + 1 if hit else 0, places[before - 1], following, counts)


def _in_context(listed: Sequence[Token], texts: Sequence[TokenText], place: int) -> InContext:
    return replace(
        row(listed[place], place),
        before=_line(texts[max(place - BEFORE, 0) : place], slice(-AROUND, None)),
        said=_line(texts[place : place + 1], slice(AROUND)),
        after=_line(texts[place + 1 : place + 1 + AFTER], slice(AROUND)),
    )


def _line(texts: Sequence[TokenText], kept: slice) -> str:
    """Of hostile tokens, which may be of any length, only what is next to the one."""
    return "".join(said.text[kept] for said in texts)[kept].replace("\n", "↵")
