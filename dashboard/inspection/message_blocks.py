"""A message -> blocks in reading order: content or parts, refusal, tool calls, audio, and every other field that is set."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from dashboard.inspection.blocks import Audio, Block, Call, Data, JsonText, Result, Text, Words, data
from dashboard.inspection.citations import cite
from dashboard.inspection.json_text import parse
from dashboard.inspection.json_tree import CARD, pointer, tree
from dashboard.inspection.media import describe
from dashboard.inspection.parts import part_blocks
from dashboard.inspection.schema_checks import Check, answer_schema, check, tool_schema
from dashboard.inspection.summary import parts_text
from dashboard.inspection.tool_calls import Pairing
from dashboard.upstream.records import Json, Message, ToolCall, text

LONGEST_CITED = 100_000
"""Citations are anchored in what is on the page, so a text that has some is folded late."""
LONGEST_JSON = 1_000_000
"""Characters of a text that is tried as JSON."""
MESSAGE_FIELDS = frozenset(
    {"id", "role", "name", "content", "content_parts", "refusal", "tool_calls", "function_call"}
    | {"tool_call_id", "annotations", "audio"}
)
FOLD = 4_000
"""Characters of a text that a page shows at first."""
SYSTEM_LINES, SYSTEM_CHARACTERS = 4, 400
"""Of system prompts, which repeat from call to call."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the blocks of one message depend on besides itself: the completion, and its place among the messages."""

    raw: Json
    pairing: Pairing
    place: tuple[str, int]
    fold: int


def message_blocks(message: Message, at: str, setting: Setting) -> Iterator[Block]:
    """Content or parts, refusal, tool calls, then every other field that is set."""
    content = list(_content(message, at, setting))
    result = setting.pairing.result(setting.place[1]) if setting.place[0] == "message" else None
    if result:
        yield Result(message.tool_call_id, result, characters(message), tuple(content))
    else:
        yield from content
    if message.refusal:
        yield Text(Words(f"{at}/refusal", message.refusal, setting.fold), refusal=True)
    yield from _calls(message, at, setting)
    yield from _audio(message, at, setting)
    yield from other_fields(message.raw, MESSAGE_FIELDS, at)


def _content(message: Message, at: str, setting: Setting) -> Iterator[Block]:
    """Parts tell more than the content beside them, which repeats their text; where it does not, both are shown."""
    raw = message.raw
    name = "content" if isinstance(raw.get("content"), list) else "content_parts"
    for place, part in enumerate(message.parts):
        here = item_pointer(raw.get(name), f"{at}/{name}", place)
        if part is (raw[name][place] if isinstance(raw[name], list) else raw[name]):
            yield from part_blocks(part, here, setting.fold)
        else:  # no object: the record made a text of it
            yield Text(Words(here, text(part.get("text")), setting.fold))
    others: Sequence[Json] = message.annotations
    if message.content and not (message.parts and _same_words(message.content, parts_text(message))):
        words = _words(message, f"{at}/content", setting)
        others = words.cited.others if isinstance(words, Text) and words.cited else others
        yield words
    if others:
        yield data("annotations", list(others), f"{at}/annotations")
    both = raw.get("content_parts")
    if both and name == "content" and both != raw["content"]:
        yield data("content_parts", both, f"{at}/content_parts")


def _words(message: Message, at: str, setting: Setting) -> Block:
    """The text of a message, with what belongs to it."""
    content = message.content or ""
    cited = cite(content[:LONGEST_CITED], message.annotations) if message.annotations else None
    folded = LONGEST_CITED if cited and setting.fold == FOLD else _fold(content, setting.fold)
    words = Words(at, content, folded)
    if message.role in ("tool", "function") and (value := _json(content)) is not None:
        return JsonText(words, tree(value, at=at, limits=CARD))
    if setting.place[0] == "choice" and (asked := answer_schema(setting.raw)):
        return _structured(words, asked[1])
    return Text(words, cited=cited)


def _structured(words: Words, schema: Any) -> Text:
    """An answer that was asked to follow a schema."""
    parsed = parse(words.text[:LONGEST_JSON])
    if parsed.fault:
        return Text(words, check=Check((), f"The answer is not the JSON that was asked for: {parsed.fault}."))
    return Text(words, tree=tree(parsed.value, at=words.at, limits=CARD), check=check(parsed.value, schema))


def _json(content: str) -> Any:
    """The object or list that a text is; None where it is anything else."""
    if len(content) > LONGEST_JSON or content.lstrip()[:1] not in ("{", "["):
        return None
    return parse(content).value


def _fold(content: str, fold: int) -> int:
    """Where to cut: system prompts after some lines, long texts at the end of a line where one is near."""
    if len(content) <= fold and fold > SYSTEM_CHARACTERS:
        return fold
    if fold == SYSTEM_CHARACTERS and (lines := re.match(rf"(?:[^\n]*\n){{{SYSTEM_LINES}}}", content)):
        return min(fold, lines.end())
    line_end = content.rfind("\n", fold * 3 // 4, fold)
    return line_end + 1 if line_end > 0 else fold


def _same_words(one: str, other: str) -> bool:
    """White space apart: the API puts some of it between the texts of parts."""
    return one == other or one.split() == other.split()


def _calls(message: Message, at: str, setting: Setting) -> Iterator[Block]:
    listed = message.raw.get("tool_calls")
    for position, call in enumerate(message.tool_calls):
        old = call.raw is message.raw.get("function_call")
        place = f"{at}/function_call" if old else item_pointer(listed, f"{at}/tool_calls", position)
        yield _call(call, place, position, setting)
        yield from (data(name, value, place) for name, value in call.rest.items())


def _call(call: ToolCall, at: str, position: int, setting: Setting) -> Call:
    """Arguments are JSON, save those of custom tools."""
    words = Words(at + _arguments_at(call), call.arguments, setting.fold)
    paired = setting.pairing.call(*setting.place, position)
    shared = (words, call.name, call.id, call.type, paired)
    if call.type == "custom" or not call.arguments.strip():
        return Call(*shared, tree=None, fault="", repeated=(), check=None)
    if len(call.arguments) > LONGEST_JSON:
        return Call(*shared, tree=None, fault="too long to be read as JSON here", repeated=(), check=None)
    parsed = parse(call.arguments)
    if parsed.fault:
        return Call(*shared, tree=None, fault=parsed.fault, repeated=(), check=None)
    schema = tool_schema(setting.raw, call.name)
    checked = None if schema is None else check(parsed.value, schema)
    return Call(*shared, tree(parsed.value, at=words.at, limits=CARD), "", parsed.repeated, checked)


def _arguments_at(call: ToolCall) -> str:
    """Where the arguments stand in a call: the place that the record read them from."""
    inside = next((name for name in (call.type, "function", "custom") if isinstance(call.raw.get(name), dict)), "")
    called = call.raw[inside] if inside else call.raw
    return (pointer(inside) if inside else "") + ("/arguments" if "arguments" in called else "/input")


def _audio(message: Message, at: str, setting: Setting) -> Iterator[Block]:
    audio = message.audio
    if not audio:
        return
    said, data, expires = text(audio.get("transcript")), audio.get("data"), audio.get("expires_at")
    usable = {"id", "transcript"}
    usable |= {"data"} if isinstance(data, str | None) else set()
    usable |= {"expires_at"} if expires is None or (type(expires) is int and expires >= 0) else set()
    yield Audio(
        f"{at}/audio/data",
        text(audio.get("id")),
        describe(text(data) if "data" in usable else ""),
        expires if "expires_at" in usable else None,
        Words(f"{at}/audio/transcript", said, setting.fold) if said else None,
    )
    yield from other_fields(audio, usable, f"{at}/audio")


def other_fields(raw: Mapping[str, Any], known: Set[str], at: str) -> list[Data]:
    """A block for each field that has none of its own, nulls included."""
    return [data(name, value, at + pointer(name)) for name, value in raw.items() if name not in known]


def item_pointer(raw: Any, at: str, place: int) -> str:
    """Where the item of a list stands; what should be a list and is none stands for its only item."""
    return at + pointer(place) if isinstance(raw, list) else at


def characters(message: Message) -> int:
    """Of its text."""
    return len(message.content or "") or sum(len(text(part.get("text"))) for part in message.parts)
