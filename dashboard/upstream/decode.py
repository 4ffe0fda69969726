"""Bytes of an answer -> Python values, tolerantly: one odd value never costs the document.

Numbers that Python or HTML could garble (NaN, Infinity, integers of thousands of digits, floats that
overflow) arrive as `Verbatim`, the text as it stood in the document. Lone surrogates, which no template
can encode, become visible `\\udXXX` text. What is nested deeper than `DEEPEST` is kept as text.
"""

from __future__ import annotations

import gc
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from dashboard.upstream.errors import CutShort, NotJson
from dashboard.upstream.records import RepeatedKeys, Verbatim, without_lone_surrogates

ObjectHook = Callable[[list[tuple[str, Any]]], dict[str, Any]]

LONGEST_INTEGER = 400
"""Digits. Python itself refuses to convert more than 4,300."""
DEEPEST = 60
"""Levels. Whoever walks a value, or writes it as JSON again, meets no more of them."""

# A first half without a second, or a second without a first. Where a backslash stands before the first half, it
# may be no escape at all: then the values themselves are looked at, which costs more and is always right.
_LONE_ESCAPE = re.compile(
    r"\\u[dD](?:[89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    r"|(?<![^\\]\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD])[c-fC-F])"
)
# A string that never ends is taken whole, so that its quotes are not tried one by one.
_STRING_OR_BRACKET = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)


def decode(body: bytes, *, keep_repeated: bool = False) -> Any:
    """The value of a JSON document. Raises NotJson, whose detail says what was wrong with it; CutShort where its end is missing.

    With `keep_repeated`, which takes twice the time, objects that repeat a key are `RepeatedKeys`.
    """
    if not body.strip():
        raise CutShort("The answer was empty.")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotJson(f"The answer was not valid UTF-8 (byte {error.start}).") from None
    with _garbage_left_alone():
        value = _shallow(text, _object if keep_repeated else None)
        return without_lone_surrogates(value) if _LONE_ESCAPE.search(text) else value


@contextmanager
def _garbage_left_alone() -> Iterator[None]:
    """Decoding makes no cycles, yet its millions of new objects would have the collector look through all of
    them again and again: two thirds of the time for a large document."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    return value if len(value) == len(pairs) else RepeatedKeys(pairs)


def _shallow(text: str, hook: ObjectHook | None) -> Any:
    try:
        value = _loads(text, hook)
    except RecursionError:
        return _loads(_cut_deep_parts(text), hook)
    return _loads(_cut_deep_parts(text), hook) if _is_deep(value) else value


def _loads(text: str, hook: ObjectHook | None) -> Any:
    try:
        return json.loads(text, parse_constant=Verbatim, parse_float=_float, parse_int=_int, object_pairs_hook=hook)
    except json.JSONDecodeError as error:
        kind = CutShort if _ends_too_early(error, len(text)) else NotJson
        raise kind(f"{error.msg} at character {error.pos} of {len(text)}.") from None


def _ends_too_early(error: json.JSONDecodeError, length: int) -> bool:
    """Where the end is in a word, its beginning is named; where it is in a string, that of the string."""
    is_at_end = 0 < error.pos >= length - len("fals") and error.msg != "Extra data"
    return is_at_end or error.msg.startswith("Unterminated")


def _int(digits: str) -> int | Verbatim:
    return int(digits) if len(digits) <= LONGEST_INTEGER else Verbatim(digits)


def _float(digits: str) -> float | Verbatim:
    value = float(digits)
    return value if math.isfinite(value) else Verbatim(digits)


def _is_deep(value: Any) -> bool:
    """Level by level, since a walk by recursion is what deep nesting breaks."""
    level, depth = [value], 0
    while level and depth < DEEPEST:
        level = [child for one in level for child in _children(one) if type(child) in _CONTAINERS]
        depth += 1
    return bool(level)


_CONTAINERS = (dict, list, RepeatedKeys)


def _children(value: Any) -> Iterable[Any]:
    if type(value) is RepeatedKeys:
        return (child for _, child in value.pairs)
    if type(value) is dict:
        return value.values()
    return value if type(value) is list else ()


def _cut_deep_parts(text: str) -> str:
    """The document with every part below `DEEPEST` levels turned into a string that holds its text."""
    pieces: list[str] = []
    depth = kept_until = cut_from = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        bracket = match.group()
        if bracket in "[{":
            depth += 1
            if depth == DEEPEST + 1:
                pieces.append(text[kept_until : match.start()])
                cut_from = match.start()
        elif bracket in "]}":
            depth -= 1
            if depth == DEEPEST:
                kept_until = match.end()
                pieces.append(json.dumps(text[cut_from:kept_until]))
    if depth > DEEPEST:
        raise NotJson("The answer was nested too deeply, and not closed.")
    return "".join([*pieces, text[kept_until:]])
