"""Text that should be JSON: what it means, or the place where it breaks."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass
from typing import Any, NoReturn

from dashboard.upstream.records import Verbatim, without_lone_surrogates

DEEPEST = 60
LONGEST_INTEGER = 400
"""Digits. Python itself refuses to convert more than 4,300."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """`value` where `fault` is empty; else `fault` says what breaks, and `position` the character, counted from 0.

    `repeated` names keys that stand in their object more than once, of which the last one counts.
    """

    value: Any
    fault: str
    position: int
    repeated: tuple[str, ...] = ()


class _NotJson(ValueError):
    """What Python would accept and JSON does not."""


EXPECTED = {
    "Expecting value": "expected a value",
    "Expecting property name enclosed in double quotes": "expected a key in double quotes",
    "Expecting ':' delimiter": "expected a colon after the key",
    "Expecting ',' delimiter": "expected a comma or the end of the list or object",
    "Illegal trailing comma before end of object": "a comma stands before the end of an object",
    "Illegal trailing comma before end of array": "a comma stands before the end of a list",
    "Invalid control character at": "a line end or another control character stands in a string",
    "Invalid \\escape": "a backslash stands before a character that needs none",
    "Invalid \\uXXXX escape": "a \\u stands without four hexadecimal digits",
}


def parse(text: str) -> Parsed:
    """Exactly one JSON value, with white space around it; never raises."""
    repeated: dict[str, None] = {}
    decoder = json.JSONDecoder(
        object_pairs_hook=lambda pairs: _object(pairs, repeated),
        parse_int=_int,
        parse_float=_float,
        parse_constant=_refuse,
    )
    try:
        value, end = decoder.raw_decode(text, _skip(text, 0))
    except json.JSONDecodeError as error:
        return _broken(text, error)
    except _NotJson as error:
        return _fault(f"{error} is not JSON", max(text.find(str(error)), 0))
    except RecursionError:
        return _too_deep()
    if (rest := _skip(text, end)) < len(text):
        return _followed(text, rest)
    if _is_deep(value):
        return _too_deep()
    return Parsed(without_lone_surrogates(value), "", -1, tuple(map(without_lone_surrogates, repeated)))


def _skip(text: str, start: int) -> int:
    while text[start : start + 1] in (" ", "\t", "\n", "\r"):
        start += 1
    return start


def _object(pairs: list[tuple[str, Any]], repeated: dict[str, None]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        repeated.update((name, None) for name, count in Counter(name for name, _ in pairs).items() if count > 1)
    return value


def _int(digits: str) -> int | Verbatim:
    return int(digits) if len(digits) <= LONGEST_INTEGER else Verbatim(digits)


def _float(digits: str) -> float | Verbatim:
    value = float(digits)
    return value if math.isfinite(value) else Verbatim(digits)


def _refuse(name: str) -> NoReturn:
    raise _NotJson(name)


def _fault(words: str, position: int) -> Parsed:
    return Parsed(None, f"{words}, at character {position:,}", position)


def _too_deep() -> Parsed:
    return Parsed(None, f"nested deeper than {DEEPEST} levels", -1)


def _broken(text: str, error: json.JSONDecodeError) -> Parsed:
    if error.msg.startswith("Unterminated string"):
        return _fault("the text ends inside a string", len(text))
    if error.pos >= len(text.rstrip()):
        return _fault("the text ends too early", len(text))
    return _fault(EXPECTED.get(error.msg, "it breaks"), error.pos)


def _followed(text: str, rest: int) -> Parsed:
    """What comes after the value: another one, as some models glue them together, or something else."""
    try:
        json.JSONDecoder().raw_decode(text, rest)
    except (ValueError, RecursionError):
        return _fault("something follows after the end of the value", rest)
    return _fault("a second JSON value begins", rest)


def _is_deep(value: Any) -> bool:
    """Level by level, since a walk by recursion is what deep nesting breaks."""
    level, depth = [value] if isinstance(value, dict | list) else [], 0
    while level and depth < DEEPEST:
        inside = (one.values() if isinstance(one, dict) else one for one in level)
        level = [child for children in inside for child in children if isinstance(child, dict | list)]
        depth += 1
    return bool(level)
