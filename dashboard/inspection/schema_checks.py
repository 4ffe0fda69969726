"""Whether a value follows the JSON schema that was declared for it.

Schemas come from outside: nothing that they refer to is ever fetched, and no schema can hold up the page.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import regex
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend, validator_for
from jsonschema_specifications import REGISTRY as META_SCHEMAS
from referencing import Registry
from referencing.exceptions import Unresolvable

from dashboard.inspection.json_tree import pointer
from dashboard.upstream.records import Json, Verbatim, text

MOST_PROBLEMS = 20
MOST_UNIQUE = 1_000
"""Items that are compared with each other."""
LONGEST_PATTERN = 1_000
LONGEST_WORD = 60
DEEPEST = 100
"""Keywords inside of each other."""


@dataclass(frozen=True, slots=True)
class Problem:
    """`at` points into the value that was checked; empty for the value itself."""

    at: str
    words: str


@dataclass(frozen=True, slots=True)
class Check:
    """No problems and no note: the value follows its schema. `note` says what was not checked, and why."""

    problems: tuple[Problem, ...]
    note: str = ""


class _TooMuch(Exception):
    """The time is up, or a keyword would need too much of it."""


class _TooDeep(Exception):
    """Before Python's own limit, at which a library that is not written in Python would panic."""


class _Clock:
    """When the time is up, and how many keywords are inside each other."""

    def __init__(self, seconds: float) -> None:
        self.deadline = time.monotonic() + seconds
        self.depth = 0

    def check(self) -> None:
        if time.monotonic() > self.deadline:
            raise _TooMuch
        if self.depth > DEEPEST:
            raise _TooDeep


def check(value: Any, schema: Any, *, seconds: float = 0.25) -> Check:
    """At most `MOST_PROBLEMS` problems, found within `seconds`; never raises."""
    if not isinstance(schema, dict):
        return Check(()) if schema is True else Check((), "Not checked: the declared schema is no object.")
    try:
        kind = _bounded(_draft(schema), _Clock(seconds))
        if next(iter(kind(kind.META_SCHEMA, registry=META_SCHEMAS).iter_errors(schema)), None):
            return Check((), "Not checked: the declared schema breaks the rules of JSON schemas.")
        errors = kind(schema, registry=Registry()).iter_errors(value)
        problems = dict.fromkeys(problem for error in islice(errors, MOST_PROBLEMS) for problem in _problems(error))
    except (_TooMuch, TimeoutError):
        return Check((), "Not checked: the declared schema takes too long.")
    except (_TooDeep, RecursionError):
        return Check((), "Not checked: the declared schema refers to itself without end.")
    except Unresolvable:
        return Check((), "Not checked: the declared schema refers to something outside of it.")
    except Exception:  # what a schema from outside does to the library cannot be foreseen
        return Check((), "Not checked: the declared schema cannot be followed.")
    return Check(tuple(problems)[:MOST_PROBLEMS])


def tool_schema(completion: Json, name: str) -> Any | None:
    """The declared parameters of the function of that name; None where there are none."""
    tools = completion.get("tools")
    for tool in tools if isinstance(tools, list) else ():
        function = tool.get("function") if isinstance(tool, dict) else None
        if isinstance(function, dict) and function.get("name") == name:
            return function.get("parameters")
    return None


def answer_schema(completion: Json) -> tuple[str, Any] | None:
    """Name and schema of the format that was asked for; None where no schema was."""
    asked = completion.get("response_format")
    described = asked.get("json_schema") if isinstance(asked, dict) and asked.get("type") == "json_schema" else None
    if not isinstance(described, dict) or described.get("schema") is None:
        return None
    return text(described.get("name")), described["schema"]


def _draft(schema: Mapping[str, Any]) -> type[Validator]:
    named = isinstance(schema.get("$schema"), str)
    return validator_for(schema, default=Draft202012Validator) if named else Draft202012Validator


Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]


def _bounded(draft: type[Validator], clock: _Clock) -> type[Validator]:
    """The draft with a clock in every keyword, and with the costly ones in our own words."""
    own: dict[str, Keyword] = {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "uniqueItems": _unique(draft),
    }
    keywords = {name: _timed(own.get(name, keyword), clock) for name, keyword in draft.VALIDATORS.items()}
    kinds = draft.TYPE_CHECKER.redefine_many({"string": _is_string, "number": _is_number, "integer": _is_integer})
    bounded: type[Validator] = extend(draft, validators=keywords, type_checker=kinds)  # type: ignore[no-untyped-call]
    return bounded


def _timed(keyword: Any, clock: _Clock) -> Keyword:
    def timed(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        clock.check()
        clock.depth += 1
        yield from keyword(validator, value, instance, schema) or ()
        clock.depth -= 1

    return timed


def _matches(pattern: str, text: str) -> bool:
    if len(pattern) > LONGEST_PATTERN:
        raise _TooMuch
    return bool(regex.search(pattern, text, timeout=0.05))


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if validator.is_type(instance, "string") and not _matches(pattern, instance):
        yield ValidationError("pattern")


def _pattern_properties(validator: Any, patterns: Json, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if validator.is_type(instance, "object"):
        for pattern, inside in patterns.items():
            for name in [name for name in instance if _matches(pattern, name)]:
                yield from validator.descend(instance[name], inside, path=name, schema_path=pattern)


def _unique(draft: type[Validator]) -> Keyword:
    def unique(validator: Any, wanted: Any, instance: Any, schema: Any) -> Any:
        if isinstance(instance, list) and len(instance) > MOST_UNIQUE:
            raise _TooMuch
        return draft.VALIDATORS["uniqueItems"](validator, wanted, instance, schema)

    return unique


def _is_string(checker: Any, value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, Verbatim)


def _is_number(checker: Any, value: Any) -> bool:
    return isinstance(value, int | float | Verbatim) and not isinstance(value, bool)


def _is_integer(checker: Any, value: Any) -> bool:
    return _is_number(checker, value) and (
        value.lstrip("-").isdigit() if isinstance(value, str) else value == int(value)
    )


def _problems(error: ValidationError) -> Iterator[Problem]:
    at = pointer(*error.absolute_path)
    for words in _words(error):
        yield Problem(at, words)


def _words(error: ValidationError) -> list[str]:
    keyword = str(error.validator)
    wanted: Any = error.validator_value
    found: Any = error.instance
    if keyword == "required":
        return [f"{_word(name)} is required" for name in wanted if name not in found]
    if keyword == "additionalProperties" and isinstance(found, dict):
        schema: Any = error.schema
        known = schema.get("properties", {})
        return [f"unknown key {_word(name)}" for name in found if name not in known]
    if keyword == "type":
        return [f"expected {' or '.join(wanted) if isinstance(wanted, list) else wanted}, got {_kind(found)}"]
    if keyword == "enum":
        return [f"must be one of {', '.join(_word(text(one)) for one in wanted[:10])}"]
    if keyword in ("anyOf", "oneOf"):
        return [
            "fits none of the alternatives, or more than one" if keyword == "oneOf" else "fits none of the alternatives"
        ]
    return [f"breaks {keyword} {_word(text(wanted))}"]


def _word(name: object) -> str:
    said = text(name)
    return said if len(said) <= LONGEST_WORD else f"{said[: LONGEST_WORD - 1]}…"


def _kind(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    if _is_number(None, value):
        return "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"
