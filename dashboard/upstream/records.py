"""What the API sends, as frozen records decoded tolerantly from JSON values.

Whatever is missing, null, of another type or unknown costs nothing but itself: the field is empty, and
`raw` still holds the document as received (shapes: the API reference of chat completions, and what was
observed of several servers). Nothing here raises except `WrongShape`, when there is no document at all.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from dashboard.upstream.errors import WrongShape

Record = TypeVar("Record")
Json = Mapping[str, Any]

ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
"""Ids that may stand in an address. Seen: `chatcmpl-…`, `chatcmpl_…`, and `<completion>-<n>` for messages."""
LATEST_MOMENT = 253_402_214_400
"""Unix seconds of the last day of the year 9999 but one: Python can write it in every time zone."""
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
UNREADABLE = "unreadable"
"""The field under which a value is kept that stands where an object or a list should be."""


class Verbatim(str):
    """A number that is shown as it was written, because no Python number can hold it."""

    __slots__ = ()


class RepeatedKeys(dict[str, Any]):
    """An object in which a key stands more than once: as a dict its last values, and all of them in `pairs`."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call that a model asked for: `type` is `function`, `custom`, or the old `function_call`."""

    id: str
    type: str
    name: str
    arguments: str
    """As received: JSON text for functions (it may be broken), free text for custom tools."""
    rest: Json
    """What else the call holds; `function.strict` for a field inside of the function."""
    raw: Json


@dataclass(frozen=True, slots=True)
class Message:
    """An input message, or the message of a choice."""

    id: str
    role: str
    name: str
    content: str | None
    parts: tuple[Json, ...]
    """Content parts, where the message has them: a part is an object with a `type`."""
    refusal: str
    tool_calls: tuple[ToolCall, ...]
    tool_call_id: str
    annotations: tuple[Json, ...]
    audio: Json | None
    raw: Json


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers; `index` is its place in the list where the API gives no usable one."""

    index: int
    message: Message
    finish_reason: str
    """Empty where it is null or missing. Not an enumeration: new reasons appear."""
    raw: Json


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts; None where the upstream gives no usable number."""

    prompt: int | None
    completion: int | None
    total: int | None
    raw: Json


@dataclass(frozen=True, slots=True)
class Completion:
    """A stored chat completion. `created` is Unix seconds, None when it is not a moment one can write."""

    id: str
    created: int | None
    model: str
    choices: tuple[Choice, ...]
    usage: Usage
    metadata: dict[str, str]
    input_messages: tuple[Message, ...] | None
    """Only where the server inlines them; None means: ask for the messages."""
    raw: Json
    body: bytes = field(default=b"", repr=False)
    """The exact bytes received, for a completion that was retrieved alone."""
    digest: str = ""
    """Of these bytes: what was made of them is right as long as it stays the same."""

    @property
    def addressable(self) -> bool:
        """Whether the id can stand in an address; where not, the row has no link."""
        return bool(ID.fullmatch(self.id))


@dataclass(frozen=True, slots=True)
class Page(Generic[Record]):
    """One answer of a list call. `next_after` is the cursor that continues it, None at the end."""

    items: tuple[Record, ...]
    has_more: bool
    next_after: str | None
    body: bytes = field(default=b"", repr=False)


def completion_page(document: Any, body: bytes) -> Page[Completion]:
    """One page of `GET /chat/completions`. Raises WrongShape when there is no list in it."""
    return _page(document, body, completion)


def message_page(document: Any, body: bytes) -> Page[Message]:
    """One page of `GET /chat/completions/{id}/messages`. Raises WrongShape when there is no list in it."""
    return _page(document, body, message)


def retrieved(document: Any, body: bytes) -> Completion:
    """Raises WrongShape when `document` holds an error, or anything but a completion."""
    raw = _document(document)
    if "choices" not in raw and "id" not in raw:
        raise WrongShape("It is an object, but not a completion.")
    return replace(completion(raw, body), digest=hashlib.sha256(body).hexdigest())


def completion(raw: Json, body: bytes = b"") -> Completion:
    """A completion as the list or retrieve sends it; never raises."""
    inlined = raw.get("input_messages")
    return Completion(
        id=text(raw.get("id")),
        created=_moment(raw.get("created")),
        model=text(raw.get("model")),
        choices=tuple(_choice(one, place) for place, one in enumerate(_objects(raw.get("choices")))),
        usage=_usage(_object(raw.get("usage"))),
        metadata={key: text(value) for key, value in _object(raw.get("metadata")).items()},
        input_messages=None if inlined is None else tuple(message(one) for one in _objects(inlined)),
        raw=raw,
        body=body,
    )


def message(raw: Json) -> Message:
    """An input message, or the message of a choice; never raises."""
    content, parts = raw.get("content"), raw.get("content_parts")
    if isinstance(content, list):
        content, parts = None, content
    return Message(
        id=text(raw.get("id")),
        role=text(raw.get("role")),
        name=text(raw.get("name")),
        content=None if content is None else text(content),
        parts=tuple(_part(one) for one in _list(parts)),
        refusal=text(raw.get("refusal")),
        tool_calls=_tool_calls(raw),
        tool_call_id=text(raw.get("tool_call_id")),
        annotations=tuple(_objects(raw.get("annotations"))),
        audio=_object(raw.get("audio")) or None,
        raw=raw,
    )


def text(value: Any) -> str:
    """A string as it is, null as nothing, anything else as its JSON: shown rather than lost."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False, default=list)


def _page(document: Any, body: bytes, decode: Callable[[Json], Record]) -> Page[Record]:
    raw = _document(document)
    data = raw.get("data", False)
    if data is not None and not isinstance(data, list):
        raise WrongShape("It has no list of data.")
    items = tuple(decode(one) for one in _objects(data))
    has_more = raw.get("has_more") is True
    return Page(items, has_more, _next_after(raw, items) if has_more else None, body)


def _next_after(raw: Json, items: tuple[Any, ...]) -> str | None:
    """The id that the page calls its last, else that of its last row; None where neither can be a cursor."""
    candidates = [text(raw.get("last_id")), *(one.id for one in items[-1:])]
    return next((one for one in candidates if ID.fullmatch(one)), None)


def _document(document: Any) -> Json:
    if not isinstance(document, dict):
        raise WrongShape(f"An object was expected, not {_KINDS.get(type(document), 'a number')}.")
    if (error := document.get("error")) and not {"data", "choices"} & document.keys():
        raise WrongShape(f"It holds an error: {text(error.get('message') if isinstance(error, dict) else error)}")
    return document


_KINDS = {type(None): "null", bool: "true or false", str: "a text", list: "a list"}


def _choice(raw: Json, place: int) -> Choice:
    index = raw.get("index")
    return Choice(
        index=index if type(index) is int else place,
        message=message(_object(raw.get("message"))),
        finish_reason=text(raw.get("finish_reason")),
        raw=raw,
    )


def _usage(raw: Json) -> Usage:
    return Usage(
        _count(raw.get("prompt_tokens")), _count(raw.get("completion_tokens")), _count(raw.get("total_tokens")), raw
    )


def _tool_calls(raw: Json) -> tuple[ToolCall, ...]:
    calls = [_tool_call(one) for one in _objects(raw.get("tool_calls"))]
    if (old := raw.get("function_call")) is not None:
        called = _object(old)
        rest = _without(called, "name", "arguments")
        calls.append(
            ToolCall("", "function_call", text(called.get("name")), text(called.get("arguments")), rest, called)
        )
    return tuple(calls)


def _tool_call(raw: Json) -> ToolCall:
    """What is called stands under the name of its type. A type that is missing or wrong does not hide it."""
    kind = text(raw.get("type"))
    place = next((name for name in (kind, "function", "custom") if isinstance(raw.get(name), dict)), "")
    called = raw[place] if place else {}
    worded = "arguments" if "arguments" in called else "input"
    inside = {f"{place}.{name}": value for name, value in _without(called, "name", worded).items()}
    rest = _without(raw, "id", "type", place) | inside
    return ToolCall(text(raw.get("id")), kind, text(called.get("name")), text(called.get(worded)), rest, raw)


def _part(part: Any) -> Json:
    return part if isinstance(part, dict) else {"type": "text", "text": text(part)}


# Where an object or a list should be, anything else is kept as one: shown rather than lost.


def _object(value: Any) -> Json:
    if isinstance(value, dict):
        return value
    return {} if value is None or value in ("", []) else {UNREADABLE: value}


def _list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None or value in ("", {}) else [value]


def _objects(value: Any) -> list[Json]:
    return [one if isinstance(one, dict) else {UNREADABLE: one} for one in _list(value)]


def _without(raw: Json, *names: str) -> dict[str, Any]:
    return {name: value for name, value in raw.items() if name not in names}


def _count(value: Any) -> int | None:
    return value if type(value) is int and value >= 0 else None


def _moment(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value <= LATEST_MOMENT else None


def without_lone_surrogates(value: Any) -> Any:
    """A JSON value whose lone surrogates, which cannot be encoded, are written out: `\\ud83d`."""
    if isinstance(value, str):
        return _LONE_SURROGATE.sub(_visible_escape, value) if not isinstance(value, Verbatim) else value
    if isinstance(value, list):
        return [without_lone_surrogates(item) for item in value]
    if isinstance(value, RepeatedKeys):
        return RepeatedKeys([(without_lone_surrogates(key), without_lone_surrogates(one)) for key, one in value.pairs])
    if isinstance(value, dict):
        return {without_lone_surrogates(key): without_lone_surrogates(item) for key, item in value.items()}
    return value


def _visible_escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"
