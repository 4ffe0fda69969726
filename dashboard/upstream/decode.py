"""Bytes of an answer -> Python values, tolerantly: one odd value never costs the document.

Numbers that Python or HTML could garble (NaN, Infinity, integers of thousands of digits, floats that
overflow) arrive as `Verbatim`, the text as it stood in the document. Lone surrogates, which no template
can encode, become visible `\\udXXX` text. What is nested too deeply for the decoder is kept as text.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from dashboard.upstream.errors import NotJson

LONGEST_INTEGER = 400
"""Digits. Python itself refuses to convert more than 4,300."""
DEEPEST = 60
"""Levels. What lies deeper is kept as text when a document defeats the decoder."""

_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_STRING_OR_BRACKET = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.DOTALL)


class Verbatim(str):
    """A number that is shown as it was written, because no Python number can hold it."""

    __slots__ = ()


def decode(body: bytes) -> Any:
    """The value of a JSON document. Raises NotJson, whose detail says what was wrong with it."""
    if not body.strip():
        raise NotJson("The answer was empty.")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotJson(f"The answer was not valid UTF-8 (byte {error.start}).") from None
    try:
        return _showable(_loads(text), text)
    except RecursionError:
        return _showable(_loads(_cut_deep_parts(text)), text)


def _showable(value: Any, text: str) -> Any:
    """The walk over every string is only taken when the document holds a surrogate escape at all."""
    return _without_lone_surrogates(value) if _SURROGATE_ESCAPE.search(text) else value


def _loads(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=Verbatim, parse_float=_float, parse_int=_int)
    except json.JSONDecodeError as error:
        raise NotJson(f"{error.msg} at character {error.pos} of {len(text)}.") from None


def _int(digits: str) -> int | Verbatim:
    return int(digits) if len(digits) <= LONGEST_INTEGER else Verbatim(digits)


def _float(digits: str) -> float | Verbatim:
    value = float(digits)
    return value if math.isfinite(value) else Verbatim(digits)


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


def _without_lone_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return _LONE_SURROGATE.sub(_visible_escape, value) if not isinstance(value, Verbatim) else value
    if isinstance(value, list):
        return [_without_lone_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_lone_surrogates(key): _without_lone_surrogates(item) for key, item in value.items()}
    return value


def _visible_escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"
