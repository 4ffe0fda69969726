"""A message as the blocks that a page prints, in reading order. Nothing of it is dropped: what has no block
of its own stands in a block of other fields."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.upstream.records import Message, ToolCall, text

LONGEST_TEXT = 100_000
LONGEST_DATA = 4_000
MESSAGE_FIELDS = frozenset(
    {"id", "role", "name", "content", "content_parts", "refusal", "tool_calls", "function_call"}
    | {"tool_call_id", "annotations", "audio"}
)
CHOICE_FIELDS = frozenset({"index", "message", "finish_reason", "logprobs"})
FINISH_WORDS = {
    "length": "Cut off: the answer reached the token limit of the request or of the model.",
    "content_filter": "The content filter of the API held back this answer or a part of it.",
}


@dataclass(frozen=True, slots=True)
class Block:
    """`kind` is text, refusal, call or data. `left_out` counts characters that only the JSON has."""

    kind: str
    text: str
    title: str = ""
    note: str = ""
    left_out: int = 0


def message_blocks(message: Message) -> list[Block]:
    return [
        *_content(message),
        *([_text(message.refusal, "refusal")] if message.refusal else []),
        *(_call(call) for call in message.tool_calls),
        *_more(message),
    ]


def other_fields(raw: Mapping[str, Any], known: Collection[str]) -> list[Block]:
    """A block for each field that has none of its own, nulls included."""
    return [data_block(name, value) for name, value in raw.items() if name not in known]


def data_block(title: str, value: Any) -> Block:
    written = value if isinstance(value, str) else pretty(value)
    return Block("data", written[:LONGEST_DATA], title, left_out=max(0, len(written) - LONGEST_DATA))


def pretty(value: Any) -> str:
    """JSON with two spaces of indent; on one line where it is nested too deeply for that."""
    try:
        return json.dumps(value, ensure_ascii=False, indent=2)
    except RecursionError:
        return "nested too deeply to be written here; see the JSON"


def logprob_count(choice: Mapping[str, Any]) -> int:
    """Tokens that carry a probability, of the content and of the refusal."""
    logprobs = choice.get("logprobs")
    if not isinstance(logprobs, dict):
        return 0
    return sum(len(tokens) for tokens in (logprobs.get("content"), logprobs.get("refusal")) if isinstance(tokens, list))


def _content(message: Message) -> Iterator[Block]:
    """The parts tell more than the text beside them, which repeats their text."""
    if message.parts:
        for part in message.parts:
            yield _part(part)
    elif message.content:
        yield _text(message.content, "text")


def _text(content: str, kind: str) -> Block:
    return Block(kind, content[:LONGEST_TEXT], left_out=max(0, len(content) - LONGEST_TEXT))


def _part(part: Mapping[str, Any]) -> Block:
    set_fields = {name: value for name, value in part.items() if value is not None}
    if set_fields.keys() <= {"type", "text"} and isinstance(part.get("text"), str):
        return _text(part["text"], "text")
    if set_fields.keys() <= {"type", "refusal"} and isinstance(part.get("refusal"), str):
        return _text(part["refusal"], "refusal")
    kind = text(part.get("type")) or "part without a type"
    return data_block(f"{kind}{_media(part)}", set_fields)


def _media(part: Mapping[str, Any]) -> str:
    """` · image/png, 12 kB` for a data URI, so that its base64 need not be read."""
    image = part.get("image_url")
    url = image.get("url") if isinstance(image, dict) else image
    if not isinstance(url, str) or not (match := re.match(r"data:([\w.+-]+/[\w.+-]+);base64,", url)):
        return ""
    return f" · {match.group(1)}, {size((len(url) - match.end()) * 3 // 4)}"


def size(count: int) -> str:
    """`512 B`, `12 kB`, `3.4 MB`"""
    if count < 1_000:
        return f"{count} B"
    return f"{count / 1_000:.0f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def _call(call: ToolCall) -> Block:
    return Block(
        "call",
        call.arguments[:LONGEST_TEXT] or "no arguments",
        call.name or "unnamed",
        " · ".join(filter(None, [call.type, call.id])),
        max(0, len(call.arguments) - LONGEST_TEXT),
    )


def _more(message: Message) -> Iterator[Block]:
    if message.annotations:
        yield data_block("annotations", list(message.annotations))
    if message.audio:
        described = {name: value for name, value in message.audio.items() if name != "data"}
        if "data" in message.audio:
            described["data"] = f"base64 of {size(len(text(message.audio['data'])) * 3 // 4)}, in the JSON"
        yield data_block("audio", described)
    yield from other_fields(message.raw, MESSAGE_FIELDS)
