"""What the API sends, as frozen records decoded tolerantly from JSON values.

Whatever is missing, null, of another type or unknown costs nothing but itself: the field is empty, and
`raw` still holds the document as received (shapes: the API reference of chat completions, and what was
observed of several servers). Nothing here raises except `WrongShape`, when there is no document at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from dashboard.upstream.errors import WrongShape

Record = TypeVar("Record")
Json = Mapping[str, Any]

ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
"""Ids that may stand in an address. Seen: `chatcmpl-…`, `chatcmpl_…`, and `<completion>-<n>` for messages."""
LATEST_MOMENT = 253_402_300_799
"""Unix seconds of the last moment of the year 9999, the last one that Python and people can write."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call that a model asked for: `type` is `function`, `custom`, or the old `function_call`."""

    id: str
    type: str
    name: str
    arguments: str
    """As received: JSON text for functions (it may be broken), free text for custom tools."""
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

    @property
    def addressable(self) -> bool:
        return bool(ID.fullmatch(self.id))


@dataclass(frozen=True, slots=True)
class Page(Generic[Record]):
    """One answer of a list call. `next_after` is the cursor that continues it, None at the end."""

    items: tuple[Record, ...]
    has_more: bool
    next_after: str | None
    body: bytes = field(default=b"", repr=False)


def completion_page(document: Any, body: bytes) -> Page[Completion]:
    return _page(document, body, completion)


def message_page(document: Any, body: bytes) -> Page[Message]:
    return _page(document, body, message)


def completion(document: Any, body: bytes = b"") -> Completion:
    """Raises WrongShape when `document` is no object or holds an error instead of a completion."""
    raw = _document(document)
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
    content = raw.get("content")
    parts = content if isinstance(content, list) else raw.get("content_parts")
    audio = raw.get("audio")
    return Message(
        id=text(raw.get("id")),
        role=text(raw.get("role")),
        name=text(raw.get("name")),
        content=None if content is None or isinstance(content, list) else text(content),
        parts=tuple(_part(one) for one in parts) if isinstance(parts, list) else (),
        refusal=text(raw.get("refusal")),
        tool_calls=_tool_calls(raw),
        tool_call_id=text(raw.get("tool_call_id")),
        annotations=tuple(_objects(raw.get("annotations"))),
        audio=audio if isinstance(audio, dict) else None,
        raw=raw,
    )


def text(value: Any) -> str:
    """A string as it is, null as nothing, anything else as its JSON: shown rather than lost."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _page(document: Any, body: bytes, decode: Callable[[Any], Record]) -> Page[Record]:
    raw = _document(document)
    data = raw.get("data", ())
    if data is not None and not isinstance(data, list):
        raise WrongShape("It has no list of data.")
    items = tuple(decode(one if isinstance(one, dict) else {"unreadable": one}) for one in data or ())
    has_more = raw.get("has_more") is True
    return Page(items, has_more, _next_after(raw, items) if has_more else None, body)


def _next_after(raw: Json, items: tuple[Any, ...]) -> str | None:
    last = items[-1].id if items else ""
    after = text(raw.get("last_id")) or last
    return after if ID.fullmatch(after) else None


def _document(document: Any) -> Json:
    if not isinstance(document, dict):
        raise WrongShape(f"An object was expected, not {type(document).__name__}.")
    if document.get("error"):
        error = document["error"]
        raise WrongShape(f"It holds an error: {text(error.get('message') if isinstance(error, dict) else error)}")
    return document


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
    if isinstance(old := raw.get("function_call"), dict):
        calls.append(ToolCall("", "function_call", text(old.get("name")), text(old.get("arguments")), old))
    return tuple(calls)


def _tool_call(raw: Json) -> ToolCall:
    kind = text(raw.get("type"))
    called = _object(raw.get(kind) or raw.get("function"))
    arguments = called.get("arguments", called.get("input"))
    return ToolCall(text(raw.get("id")), kind, text(called.get("name")), text(arguments), raw)


def _part(part: Any) -> Json:
    return part if isinstance(part, dict) else {"type": "text", "text": text(part)}


def _object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _count(value: Any) -> int | None:
    return value if type(value) is int and value >= 0 else None


def _moment(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value <= LATEST_MOMENT else None
