"""The building blocks of a sample: request messages, content parts, tool calls, choices, and the sample itself."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from dashboard.upstream.demo.samples.dice import code

Document = dict[str, Any]

LARGE = "gpt-5.4-2026-03-05"
SMALL = "gpt-5.4-mini-2026-03-05"
SEARCH = "gpt-4o-search-preview-2025-03-11"
VOICE = "gpt-4o-audio-preview-2025-06-03"
OLDER = "gpt-4o-mini-2024-07-18"


@dataclass(frozen=True, slots=True)
class Sample:
    """One completion before it has a date: what was asked and what came back.

    settings are other fields of the stored document (tools, temperature, ...); usage replaces the counted one;
    later writes the choices of a document that is too big to keep.
    """

    messages: list[Document]
    choices: list[Document]
    model: str = SMALL
    metadata: dict[str, str] = field(default_factory=dict)
    settings: Document = field(default_factory=dict)
    reasoning: int | None = None
    cached: int = 0
    usage: Document | None = None
    later: Callable[[], list[Document]] | None = None


def user(content: str | list[Document], **more: str) -> Document:
    return {"role": "user", "content": content, **more}


def system(content: str) -> Document:
    return {"role": "system", "content": content}


def developer(content: str) -> Document:
    return {"role": "developer", "content": content}


def assistant(content: str | None, calls: list[Document] | None = None) -> Document:
    return {"role": "assistant", "content": content, **({"tool_calls": calls} if calls else {})}


def result(call: Document, content: Any) -> Document:
    """What the tool answered: JSON of content, or content itself when it is text."""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    return {"role": "tool", "content": text, "tool_call_id": call["id"]}


def part(kind: str, value: Any) -> Document:
    """A content part as the store returns it: all five keys, the unused ones null."""
    empty = {"type": kind, "text": None, "image_url": None, "input_audio": None, "file": None}
    return empty | {kind: value}


def image(url: str, detail: str = "auto") -> Document:
    return part("image_url", {"url": url, "detail": detail})


def call(dice: Random, name: str, arguments: Document | str) -> Document:
    """A function call; arguments as text are kept as they are, valid JSON or not."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return {"id": f"call_{code(dice, 24)}", "type": "function", "function": {"name": name, "arguments": text}}


def reply(
    content: str | None,
    finish: str | None = "stop",
    *,
    calls: list[Document] | None = None,
    logprobs: Document | None = None,
    **more: Any,
) -> Document:
    """A choice without its index. The message has the four recorded keys; more adds documented ones to it."""
    message = {"content": content, "role": "assistant", "tool_calls": calls, "function_call": None, **more}
    return {"message": message, "finish_reason": finish, "logprobs": logprobs}


def calling(*calls: Document, content: str | None = None) -> Document:
    return reply(content, "tool_calls", calls=list(calls))


def function_tool(name: str, description: str, **properties: Document) -> Document:
    """A function tool; every property is required, as strict mode wants it."""
    parameters = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    function = {"name": name, "description": description, "parameters": parameters, "strict": True}
    return {"type": "function", "function": function}


def json_schema(name: str, schema: Document) -> Document:
    return {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": schema}}


def object_schema(**properties: Document) -> Document:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
