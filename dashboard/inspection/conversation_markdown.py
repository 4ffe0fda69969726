"""A conversation as Markdown, to be pasted into a ticket or a document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dashboard.inspection.media import data_uri, describe
from dashboard.inspection.message_blocks import MESSAGE_FIELDS
from dashboard.inspection.parts import TEXTS
from dashboard.inspection.sizes import size
from dashboard.inspection.summary import parts_text
from dashboard.upstream.records import Choice, Completion, Json, Message, ToolCall, text

RESULTS = frozenset({"tool", "function"})
FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})([^\n]*)$", re.MULTILINE)
CODE = re.compile(r"`[^`\n]*`")
TAG = re.compile(r"^ {0,3}<(?!https?://|mailto:)[A-Za-z/!?]|<(?!https?://|mailto:)[A-Za-z/!?][^<>]*>", re.MULTILINE)
LONGEST_DATA = 100
"""Characters of base64 that are printed."""


def conversation_markdown(completion: Completion, messages: Sequence[Message]) -> str:
    """A heading for every message and every choice; calls, results and data in fences, texts as they are.

    A text that would take in what follows, or hide a part of itself as HTML, stands in a fence as well.
    """
    blocks = [f"# {_line(completion.id) or 'Completion'}", "\n".join(_facts(completion))]
    for place, message in enumerate(messages):
        blocks += [f"## {_head(message)} (message {place})", *_said(message)]
    for choice in completion.choices:
        blocks += [f"## {_head(choice.message)} ({_ending(choice)})", *_said(choice.message)]
    return "\n\n".join(blocks) + "\n"


def _facts(completion: Completion) -> Iterator[str]:
    yield f"- model: {_line(completion.model) or 'not set'}"
    if completion.created is not None:
        yield f"- created: {completion.created} (Unix seconds)"
    for key, value in completion.metadata.items():
        yield f"- {_line(key)}: {_line(value)}"


def _head(message: Message) -> str:
    return _line(" ".join(filter(None, [message.role or "no role", message.name, message.tool_call_id])))


def _ending(choice: Choice) -> str:
    return f"choice {choice.index}, {_line(choice.finish_reason) or 'finish reason not set'}"


def _line(said: str) -> str:
    """In one line, so that nothing in it begins a heading of its own."""
    return " ".join(said.split())


def _said(message: Message) -> list[str]:
    return list(_blocks(message)) or ["*no content*"]


def _blocks(message: Message) -> Iterator[str]:
    for part in message.parts:
        yield _part(part)
    if message.content and message.content.split() != parts_text(message).split():
        yield _fenced(message.content) if message.role in RESULTS else _contained(message.content)
    if message.refusal:
        yield f"*Refusal:*\n\n{_contained(message.refusal)}"
    for call in message.tool_calls:
        yield _call(call)
    if message.audio:
        recording = describe(text(message.audio.get("data")))
        said = _contained(text(message.audio.get("transcript"))) or "no transcript"
        yield f"*Audio, {size(recording.size)}:*\n\n{said}"
    for annotation in message.annotations:
        yield _data(annotation)
    if rest := _set({name: value for name, value in message.raw.items() if name not in MESSAGE_FIELDS}):
        yield _data(rest)


def _part(part: Json) -> str:
    """Text as it is, anything else as JSON without the fields of other kinds, which are null."""
    said = part.get("refusal" if part.get("type") == "refusal" else "text")
    if isinstance(said, str) and part.get("type") in (None, *TEXTS):
        return _contained(said)
    return _data(_set(part))


def _set(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _data(value: Any) -> str:
    return _fenced(json.dumps(_without_base64(value), ensure_ascii=False), "json")


def _without_base64(value: Any, name: str = "") -> Any:
    """Base64 is named with its size, as nobody reads it."""
    if isinstance(value, dict):
        return {key: _without_base64(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_without_base64(one) for one in value]
    if not isinstance(value, str) or len(value) <= LONGEST_DATA:
        return value
    if embedded := data_uri(value):
        return f"data:{embedded[0]}, base64 of {size(describe(embedded[1]).size)}"
    described = describe(value) if name in ("data", "file_data") and " " not in value else None
    return f"base64 of {size(described.size)}" if described and not described.fault else value


def _call(call: ToolCall) -> str:
    name = _line(call.name).replace("`", "'") or "unnamed"
    named = f"*Calls* `{name}`" + (f" ({_line(call.id)})" if call.id else "")
    called = _fenced(call.arguments, "" if call.type == "custom" else "json")
    return "\n\n".join([named, called, *([_data(call.rest)] if call.rest else [])])


def _contained(said: str) -> str:
    """Markdown as it is, where it ends with itself and shows all of itself."""
    outside, fence, begin = [], "", 0
    for match in FENCE.finditer(said):
        run, info = match.groups()
        if not fence and not (run[0] == "`" and "`" in info):
            outside.append(said[begin : match.start()])
            fence = run
        elif fence and run.startswith(fence) and not info.strip():
            fence, begin = "", match.end()
    outside.append(said[begin:])
    return _fenced(said) if fence or TAG.search(CODE.sub("", "\n".join(outside))) else said


def _fenced(content: str, language: str = "") -> str:
    """A fence longer than any run of backticks inside of it."""
    runs = [len(run) for run in re.findall("`+", content)]
    fence = "`" * max([3, *(run + 1 for run in runs)])
    return f"{fence}{language}\n{content}\n{fence}"
