"""A JSON value as the tree that a page prints: bounded in nodes and characters, whatever the value holds.

Places are JSON pointers (RFC 6901) into the document `{"completion": …, "messages": […]}`. What a tree leaves out, it
counts, and a tree that starts at that place has it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from dashboard.inspection.json_text import parse
from dashboard.upstream.records import UNREADABLE, RepeatedKeys, Verbatim
from dashboard.upstream.tokens import LISTS, TokenList

DEEPEST = 60
"""Levels of an answer; below them its text is kept as text."""
SAMPLE = 20
"""Children that are measured to tell the size of all."""
EXCERPT = 60
"""Characters around a hit of a search."""

Container = dict[str, Any] | list[Any] | TokenList


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a tree prints: levels that are open, children of one value, characters of one string, nodes in all."""

    open_levels: int
    children: int
    characters: int
    nodes: int


PAGE = Limits(open_levels=3, children=50, characters=2_000, nodes=1_000)
CARD = Limits(open_levels=2, children=50, characters=2_000, nodes=300)
STRING_STEP = 100_000
"""Characters of a string that is looked at for itself."""


@dataclass(frozen=True, slots=True)
class Node:
    """One value. `kind` is object, array, string, number, word (true, false, null) or raw (too deep to be taken apart).

    `text` is the JSON of a scalar, as far as it is shown. `size` counts children, or the characters of a string.
    Of these, `left_out` are not here, beginning with the one at `first_left_out`; `about_bytes` is their size in JSON.
    """

    kind: str
    key: str | None
    at: str
    text: str
    size: int
    children: tuple[Node, ...] = ()
    open: bool = False
    left_out: int = 0
    first_left_out: int = 0
    about_bytes: int = 0
    repeated: bool = False
    """Whether the key stands in its object more than once."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A place that holds the words of a search, and the text around them."""

    at: str
    before: str
    match: str
    after: str


@dataclass(frozen=True, slots=True)
class Found:
    hits: tuple[Hit, ...]
    more: bool


def tree(value: Any, *, key: str | None = None, at: str = "", start: int = 0, limits: Limits = PAGE) -> Node:
    """The value at `at`; of a list, an object or a string that is long, what begins with its item `start`."""
    if isinstance(value, str) and limits == PAGE:  # a text that is looked at for itself
        limits = replace(limits, characters=STRING_STEP)
    return _node(value, key, at, start, 0, limits, _Budget(limits.nodes))


def pointer(*steps: str | int) -> str:
    """`/choices/0/message`"""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)


def steps(at: str) -> list[str]:
    """The steps of a pointer; none for the pointer to the whole."""
    return [step.replace("~1", "/").replace("~0", "~") for step in at.split("/")[1:]]


def trail(at: str) -> list[tuple[str, str]]:
    """Every step of a pointer, with the pointer that leads so far."""
    taken = steps(at)
    return [(step, pointer(*taken[: place + 1])) for place, step in enumerate(taken)]


def resolve(value: Any, at: str) -> Any:
    """The value at a pointer. Raises LookupError where there is none.

    A pointer may go on into a text that is JSON, such as the arguments of a call.
    """
    if at and not at.startswith("/"):
        raise LookupError(at)
    for step in steps(at):
        value = _child(value, step)
    return value


def _child(value: Any, step: str) -> Any:
    if isinstance(value, str) and step != UNREADABLE:
        value = parse(value).value
    if isinstance(value, dict):
        return value[step]
    if isinstance(value, LISTS) and step.isascii() and step.isdigit() and len(step) < 10:
        return value[int(step)]
    if step == UNREADABLE:  # the name under which records keep what should be an object
        return value
    raise LookupError(step)


def search(value: Any, words: str, *, at: str = "", most: int = 100) -> Found:
    """The places whose key or scalar holds the words, in reading order; upper and lower case are the same."""
    folded = words.casefold()
    hits = list(islice(_hits(value, folded, at), most + 1)) if folded else []
    return Found(tuple(hits[:most]), len(hits) > most)


class _Budget:
    """How many nodes may still be made."""

    def __init__(self, nodes: int) -> None:
        self.nodes = nodes


def _node(value: Any, key: str | None, at: str, start: int, depth: int, limits: Limits, budget: _Budget) -> Node:
    budget.nodes -= 1
    if isinstance(value, dict | list | TokenList):
        return _container(value, key, at, start, depth, limits, budget)
    if isinstance(value, str) and not isinstance(value, Verbatim):
        return _string(value, key, at, start, depth, limits)
    kind = "word" if value is None or isinstance(value, bool) else "number"
    return Node(kind, key, at, _number(value), 0)


def _number(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _string(value: str, key: str | None, at: str, start: int, depth: int, limits: Limits) -> Node:
    """Cut text keeps its quotes open where it goes on."""
    start = min(start, len(value))
    stop = min(start + limits.characters, len(value))
    written = json.dumps(value[start:stop], ensure_ascii=False)
    shown = written[1 if start else 0 : None if stop == len(value) else -1]
    raw = depth >= DEEPEST - 2 and value[:1] in ("[", "{")
    left_out = len(value) - stop
    return Node("raw" if raw else "string", key, at, shown, len(value), (), False, left_out, stop if left_out else 0)


def _container(
    value: Container, key: str | None, at: str, start: int, depth: int, limits: Limits, budget: _Budget
) -> Node:
    kind = "object" if isinstance(value, dict) else "array"
    size = len(value.pairs if isinstance(value, RepeatedKeys) else value)
    if depth and (_is_bulk(key, value) or budget.nodes <= 0):
        return Node(kind, key, at, "", size, left_out=size, about_bytes=_about_bytes(value))
    children: list[Node] = []
    repeated = _repeated(value)
    for name, child in islice(_items(value), start, start + limits.children):
        if budget.nodes <= 0 and children:
            break
        inner_key = name if isinstance(name, str) else None
        made = _node(child, inner_key, at + pointer(name), 0, depth + 1, limits, budget)
        children.append(replace(made, repeated=True) if name in repeated else made)
    reached = min(start, size) + len(children)
    left_out = size - reached
    is_open = depth < limits.open_levels
    return Node(kind, key, at, "", size, tuple(children), is_open, left_out, reached if left_out else 0)


def _items(value: Container) -> Iterable[tuple[str | int, Any]]:
    """Names or places with their values; of an object that repeats a key, all of its pairs."""
    if isinstance(value, dict):
        return value.pairs if isinstance(value, RepeatedKeys) else value.items()
    return enumerate(value)


def _repeated(value: Container) -> set[str]:
    if not isinstance(value, RepeatedKeys):
        return set()
    return {name for name, count in Counter(name for name, _ in value.pairs).items() if count > 1}


def _is_bulk(key: str | None, value: Any) -> bool:
    """Token lists are long and dull: they come when they are asked for."""
    return isinstance(value, LISTS) and (
        key == "top_logprobs" or (len(value) > 1 and isinstance(value[0], dict) and "logprob" in value[0])
    )


def _about_bytes(value: Container) -> int:
    """Measured on the first children, as the whole may be tens of megabytes."""
    first = [child for _, child in islice(_items(value), SAMPLE)]
    if not first:
        return 2
    measured = sum(_measure(child) for child in first)
    return measured * len(value) // len(first)


def _measure(value: Any) -> int:
    """Bytes of JSON; strings and lists are measured by their beginning."""
    if isinstance(value, str):
        return len(value) + 2
    if isinstance(value, dict):
        return 2 + sum(len(name) + 4 + _measure(child) for name, child in islice(value.items(), SAMPLE))
    if isinstance(value, LISTS):
        first = value[:SAMPLE]
        return 2 + (sum(_measure(child) + 1 for child in first) * len(value) // len(first) if first else 0)
    return len(_number(value))


def _hits(value: Any, folded: str, at: str) -> Iterator[Hit]:
    """Without recursion: the document may be deep. Keys are hits of the place that they name."""
    waiting: list[Iterator[tuple[str, str, Any]]] = [iter([(at, "", value)])]
    while waiting:
        found = next(waiting[-1], None)
        if found is None:
            waiting.pop()
            continue
        place, key, child = found
        if isinstance(child, dict | list | TokenList):
            if hit := _hit(place, key, folded):
                yield hit
            waiting.append(_places(child, place))
        elif hit := _hit(place, _scalar_text(child), folded) or _hit(place, key, folded):
            yield hit


def _places(value: Container, at: str) -> Iterator[tuple[str, str, Any]]:
    for name, child in _items(value):
        yield at + pointer(name), name if isinstance(name, str) else "", child


def _scalar_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _hit(at: str, text: str, folded: str) -> Hit | None:
    """Case folding may change lengths; then the excerpt is the beginning of the text."""
    lowered = text.casefold()
    found = lowered.find(folded)
    if found < 0:
        return None
    if len(lowered) != len(text):
        return Hit(at, "", text[: 2 * EXCERPT], "")
    end = found + len(folded)
    return Hit(at, text[max(0, found - EXCERPT) : found], text[found:end], text[end : end + EXCERPT])
