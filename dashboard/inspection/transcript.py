"""A message as the blocks that a page prints, in reading order. Nothing of it is dropped: what has no block
of its own stands in a block of other fields."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.inspection.summary import parts_text
from dashboard.upstream.records import Choice, Message, ToolCall, text

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
    """Content or parts, refusal, tool calls, then every other field that is set."""
    return [
        *_content(message),
        *([_cut("refusal", message.refusal, LONGEST_TEXT)] if message.refusal else []),
        *(block for call in message.tool_calls for block in _call(call)),
        *_more(message),
    ]


def choice_blocks(choice: Choice) -> list[Block]:
    """The message of a choice, and what else the choice holds; its index and logprobs only when they are unusable."""
    raw, said = choice.raw, choice.message.raw
    unusable = [
        name for name, kind in (("index", int), ("logprobs", dict)) if not isinstance(raw.get(name), kind | None)
    ]
    names = {name: said[name] for name in ("id", "name", "tool_call_id") if said.get(name) is not None}
    return [
        *message_blocks(choice.message),
        *other_fields(names, ()),
        *other_fields(raw, CHOICE_FIELDS.difference(unusable)),
    ]


def other_fields(raw: Mapping[str, Any], known: Collection[str]) -> list[Block]:
    """A block for each field that has none of its own, nulls included."""
    return [data_block(name, value) for name, value in raw.items() if name not in known]


def data_block(title: str, value: Any) -> Block:
    """A value as its JSON, cut after `LONGEST_DATA` characters; a string as it is."""
    if isinstance(value, str):
        return _cut("data", value, LONGEST_DATA, title)
    compact = len(text(value))
    if compact > LONGEST_DATA:
        return Block("data", _beginning(value), title, left_out=compact - LONGEST_DATA)
    return _cut("data", pretty(value), LONGEST_DATA, title)


def pretty(value: Any) -> str:
    """JSON with two spaces of indent."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def _beginning(value: Any) -> str:
    """The first characters of what `pretty` makes of a long value, without making all of it."""
    pieces = json.JSONEncoder(ensure_ascii=False, indent=2).iterencode(value)
    written = ""
    while len(written) < LONGEST_DATA:
        written += next(pieces)
    return written[:LONGEST_DATA]


def logprob_count(choice: Mapping[str, Any]) -> int:
    """Tokens that carry a probability, of the content and of the refusal."""
    logprobs = choice.get("logprobs")
    if not isinstance(logprobs, dict):
        return 0
    return sum(len(tokens) for tokens in (logprobs.get("content"), logprobs.get("refusal")) if isinstance(tokens, list))


def _content(message: Message) -> Iterator[Block]:
    """Parts tell more than the content beside them, which repeats their text; where it does not, both are shown."""
    for part in message.parts:
        yield _part(part)
    if message.content and not (message.parts and _same_words(message.content, parts_text(message))):
        yield _cut("text", message.content, LONGEST_TEXT)
    if message.audio and (transcript := message.audio.get("transcript")) and not message.content:
        yield _cut("text", text(transcript), LONGEST_TEXT)
    both = message.raw.get("content_parts")
    if both and isinstance(message.raw.get("content"), list) and both != message.raw["content"]:
        yield data_block("content_parts", both)


def _same_words(one: str, other: str) -> bool:
    """White space apart: the API puts some of it between the texts of parts."""
    return one == other or one.split() == other.split()


def _cut(kind: str, content: str, longest: int, title: str = "", note: str = "") -> Block:
    return Block(kind, content[:longest], title, note, max(0, len(content) - longest))


def _part(part: Mapping[str, Any]) -> Block:
    """Text and refusals by themselves; whatever else is in a part is worth its JSON."""
    set_fields = {name: value for name, value in part.items() if value is not None}
    kind = set_fields.get("type", "text")
    if kind in ("text", "refusal") and isinstance(part.get(kind), str) and set_fields.keys() <= {"type", kind}:
        return _cut(kind, part[kind], LONGEST_TEXT)
    return data_block(f"{text(part.get('type')) or 'part without a type'}{_media(part)}", set_fields)


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


def _call(call: ToolCall) -> Iterator[Block]:
    note = " · ".join(filter(None, [call.type, call.id]))
    yield _cut("call", call.arguments or "no arguments", LONGEST_TEXT, call.name or "unnamed", note)
    yield from other_fields(call.rest, ())


def _more(message: Message) -> Iterator[Block]:
    if message.annotations:
        yield data_block("annotations", list(message.annotations))
    if message.audio:
        described = {name: value for name, value in message.audio.items() if name != "data"}
        if "data" in message.audio:
            described["data"] = f"base64 of {size(len(text(message.audio['data'])) * 3 // 4)}, in the JSON"
        yield data_block("audio", described)
    yield from other_fields(message.raw, MESSAGE_FIELDS)
