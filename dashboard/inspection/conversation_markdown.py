"""A conversation as Markdown, to be pasted into a ticket or a document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from dashboard.inspection.media import data_uri, describe
from dashboard.inspection.sizes import size
from dashboard.upstream.records import Choice, Completion, Message, ToolCall, text


def conversation_markdown(completion: Completion, messages: Sequence[Message]) -> str:
    """A heading for every message and every choice; calls and data in fences, texts as they are."""
    lines = [f"# {completion.id or 'Completion'}", "", *_facts(completion)]
    for place, message in enumerate(messages):
        lines += ["", f"## {_head(message)} (message {place})", "", *_said(message)]
    for choice in completion.choices:
        ending = choice.finish_reason or "finish reason not set"
        lines += ["", f"## {_head(choice.message)} (choice {choice.index}, {ending})", "", *_answer(choice)]
    return "\n".join(lines) + "\n"


def _facts(completion: Completion) -> Iterator[str]:
    yield f"- model: {completion.model or 'not set'}"
    if completion.created is not None:
        yield f"- created: {completion.created} (Unix seconds)"
    for key, value in completion.metadata.items():
        yield f"- {key}: {value}"


def _head(message: Message) -> str:
    return " ".join(filter(None, [message.role or "no role", message.name, message.tool_call_id]))


def _answer(choice: Choice) -> list[str]:
    return list(_said(choice.message))


def _said(message: Message) -> Iterator[str]:
    blocks = list(_blocks(message))
    for block in blocks or ["*no content*"]:
        yield block
        yield ""


def _blocks(message: Message) -> Iterator[str]:
    for part in message.parts:
        yield _part(part)
    if message.content and not message.parts:
        yield message.content
    if message.refusal:
        yield f"*Refusal:* {message.refusal}"
    for call in message.tool_calls:
        yield _call(call)
    if message.audio:
        recording = describe(text(message.audio.get("data")))
        yield f"*Audio, {size(recording.size)}:* {text(message.audio.get('transcript')) or 'no transcript'}"
    for annotation in message.annotations:
        yield _fenced(json.dumps(annotation, ensure_ascii=False), "json")


def _part(part: Any) -> str:
    """Base64 is named with its size, as nobody reads it."""
    said = part.get(text(part.get("type")) or "text")
    if isinstance(said, str) and part.get("type") in (None, "text", "refusal", "input_text", "output_text"):
        return said
    return _fenced(json.dumps(_without_base64(part), ensure_ascii=False), "json")


def _without_base64(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: f"base64 of {size(describe(one).size)}"
            if name in ("data", "file_data") and isinstance(one, str)
            else _without_base64(one)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [_without_base64(one) for one in value]
    embedded = data_uri(value) if isinstance(value, str) else None
    return f"data:{embedded[0]}, base64 of {size(describe(embedded[1]).size)}" if embedded else value


def _call(call: ToolCall) -> str:
    named = f"*Calls* `{call.name or 'unnamed'}`" + (f" ({call.id})" if call.id else "")
    return f"{named}\n\n{_fenced(call.arguments, '' if call.type == 'custom' else 'json')}"


def _fenced(content: str, language: str) -> str:
    """A fence longer than any run of backticks inside of it."""
    runs = [len(run) for run in re.findall("`+", content)]
    fence = "`" * max([3, *(run + 1 for run in runs)])
    return f"{fence}{language}\n{content}\n{fence}"
