"""A conversation as the entries that a page prints: every message and every choice, each as blocks in reading order.

Nothing is dropped. What has no block of its own stands in a block of data; what is too long for a page is cut, and
says where the rest is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from dashboard.inspection.blocks import Audio, Block, Call, Data, JsonText, More, Result, Text, Words, data
from dashboard.inspection.citations import cite
from dashboard.inspection.json_text import parse
from dashboard.inspection.json_tree import CARD, pointer, tree
from dashboard.inspection.media import describe
from dashboard.inspection.parts import part_blocks
from dashboard.inspection.schema_checks import Check, answer_schema, check, tool_schema
from dashboard.inspection.summary import parts_text
from dashboard.inspection.tool_calls import Pairing, pair
from dashboard.upstream.records import Choice, Completion, Json, Message, ToolCall, text

FOLD = 4_000
"""Characters of a text that a page shows at first."""
TIGHT = 300
"""The same where all texts together would be more than `MOST_CHARACTERS`."""
MOST_CHARACTERS = 1_500_000
LONGEST_CITED = 100_000
"""Citations are anchored in what is on the page, so a text that has some is folded late."""
SYSTEM_LINES, SYSTEM_CHARACTERS = 4, 400
"""Of system prompts, which repeat from call to call."""
MOST_BLOCKS = 60
"""Of one message."""
MOST_CHOICES = 128
"""The most that the API makes."""
LONGEST_JSON = 1_000_000
"""Characters of a text that is tried as JSON."""

SYSTEM = frozenset({"system", "developer"})
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
class Entry:
    """One message or choice as printed. `place` counts from 0, `at` points to the message, `characters` to its text."""

    place: int
    anchor: str
    label: str
    at: str
    message: Message
    characters: int
    blocks: tuple[Block, ...]
    finish_reason: str = ""
    finish_words: str = ""
    logprobs: int = 0
    logprobs_at: str = ""

    @property
    def is_long_prompt(self) -> bool:
        """A system prompt that is folded unless the reader wants them whole."""
        lines = (self.message.content or "").count("\n")
        return self.message.role in SYSTEM and (self.characters > SYSTEM_CHARACTERS or lines >= SYSTEM_LINES)

    @property
    def is_result(self) -> bool:
        return any(isinstance(block, Result) for block in self.blocks)

    @property
    def text_at(self) -> str:
        """Where its text stands, if it is one text."""
        return f"{self.at}/content" if isinstance(self.message.raw.get("content"), str) else ""


@dataclass(frozen=True, slots=True)
class Transcript:
    """The entries that were asked for of the input, and all choices but `choices_left_out`."""

    inputs: tuple[Entry, ...]
    outputs: tuple[Entry, ...]
    choices_left_out: int
    called: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Setting:
    """What the blocks of one message depend on besides itself. `position` is the one of a call in its message."""

    raw: Json
    pairing: Pairing
    place: tuple[str, int]
    fold: int
    schemas: bool = True


def transcript(
    completion: Completion, messages: Sequence[Message], shown: Iterable[int], *, system_open: bool
) -> Transcript:
    """`shown` are the places of the messages to print; all of them are looked at for pairs of calls and results."""
    pairing = pair(messages, completion.choices)
    places = [place for place in shown if place < len(messages)]

    def printed(fold: int) -> Transcript:
        inputs = [_input(completion, messages[place], place, pairing, fold, system_open) for place in places]
        outputs = _outputs(completion, pairing, fold)
        return Transcript(tuple(inputs), tuple(outputs), len(completion.choices) - len(outputs), pairing.called)

    whole = printed(FOLD)
    return whole if sum(map(_printed, (*whole.inputs, *whole.outputs))) <= MOST_CHARACTERS else printed(TIGHT)


def logprob_count(choice: Mapping[str, Any]) -> int:
    """Tokens that carry a probability, of the content and of the refusal."""
    logprobs = choice.get("logprobs")
    if not isinstance(logprobs, dict):
        return 0
    return sum(len(tokens) for tokens in (logprobs.get("content"), logprobs.get("refusal")) if isinstance(tokens, list))


def other_fields(raw: Mapping[str, Any], known: Set[str], at: str) -> list[Data]:
    """A block for each field that has none of its own, nulls included."""
    return [data(name, value, at + pointer(name)) for name, value in raw.items() if name not in known]


def item_pointer(raw: Any, at: str, place: int) -> str:
    """Where the item of a list stands; what should be a list and is none stands for its only item."""
    return at + pointer(place) if isinstance(raw, list) else at


def _input(
    completion: Completion, message: Message, place: int, pairing: Pairing, fold: int, system_open: bool
) -> Entry:
    inlined = completion.raw.get("input_messages")
    at = pointer("messages", place) if inlined is None else item_pointer(inlined, "/completion/input_messages", place)
    if message.role in SYSTEM and not system_open:
        fold = min(fold, SYSTEM_CHARACTERS)
    blocks = _limited(_message_blocks(message, at, _Setting(completion.raw, pairing, ("message", place), fold)), at)
    return Entry(place, f"message-{place}", f"message {place}", at, message, _characters(message), blocks)


def _outputs(completion: Completion, pairing: Pairing, fold: int) -> list[Entry]:
    seen: set[str] = set()
    entries = []
    for place, choice in enumerate(completion.choices[:MOST_CHOICES]):
        anchor = f"choice-{choice.index}"
        anchor = f"{anchor}-{place}" if anchor in seen else anchor
        seen.add(anchor)
        entries.append(
            _output(completion, choice, place, anchor, _Setting(completion.raw, pairing, ("choice", place), fold))
        )
    return entries


def _output(completion: Completion, choice: Choice, place: int, anchor: str, setting: _Setting) -> Entry:
    at = item_pointer(completion.raw.get("choices"), "/completion/choices", place)
    message = choice.message
    blocks = [
        *_message_blocks(message, f"{at}/message", setting),
        *_names(message.raw, f"{at}/message"),
        *other_fields(choice.raw, CHOICE_FIELDS - _unusable(choice), at),
    ]
    return Entry(
        place,
        anchor,
        f"choice {choice.index}",
        f"{at}/message",
        message,
        _characters(message),
        _limited(blocks, at),
        choice.finish_reason,
        FINISH_WORDS.get(choice.finish_reason, ""),
        logprob_count(choice.raw),
        f"{at}/logprobs",
    )


def _unusable(choice: Choice) -> set[str]:
    """An index that is no number and logprobs that are no object are shown as what they are."""
    kinds = (("index", int), ("logprobs", dict))
    return {name for name, kind in kinds if not isinstance(choice.raw.get(name), kind | None)}


def _names(said: Mapping[str, Any], at: str) -> list[Data]:
    """Fields that the head of an input message prints, and that of a choice does not."""
    names = ("id", "name", "tool_call_id")
    return [data(name, said[name], at + pointer(name)) for name in names if said.get(name) is not None]


def _limited(blocks: Iterable[Block], at: str) -> tuple[Block, ...]:
    every = list(blocks)
    if len(every) <= MOST_BLOCKS:
        return tuple(every)
    return (*every[:MOST_BLOCKS], More(at, len(every) - MOST_BLOCKS))


def _characters(message: Message) -> int:
    return len(message.content or "") or sum(len(text(part.get("text"))) for part in message.parts)


def _printed(entry: Entry) -> int:
    """Characters of an entry on the page, roughly."""
    inside = [inner for block in entry.blocks for inner in (block.blocks if isinstance(block, Result) else (block,))]
    return sum(len(one.words.shown) + 100 if isinstance(one, Text | Call | JsonText) else 500 for one in inside)


def _message_blocks(message: Message, at: str, setting: _Setting) -> Iterator[Block]:
    """Content or parts, refusal, tool calls, then every other field that is set."""
    content = list(_content(message, at, setting))
    result = setting.pairing.result(setting.place[1]) if setting.place[0] == "message" else None
    if result:
        yield Result(message.tool_call_id, result, _characters(message), tuple(content))
    else:
        yield from content
    if message.refusal:
        yield Text(Words(f"{at}/refusal", message.refusal, setting.fold), refusal=True)
    yield from _calls(message, at, setting)
    yield from _audio(message, at, setting)
    yield from other_fields(message.raw, MESSAGE_FIELDS, at)


def _content(message: Message, at: str, setting: _Setting) -> Iterator[Block]:
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


def _words(message: Message, at: str, setting: _Setting) -> Block:
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


def _calls(message: Message, at: str, setting: _Setting) -> Iterator[Block]:
    listed = message.raw.get("tool_calls")
    for position, call in enumerate(message.tool_calls):
        old = call.raw is message.raw.get("function_call")
        place = f"{at}/function_call" if old else item_pointer(listed, f"{at}/tool_calls", position)
        yield _call(call, place, position, setting)
        yield from (data(name, value, place) for name, value in call.rest.items())


def _call(call: ToolCall, at: str, position: int, setting: _Setting) -> Call:
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


def _audio(message: Message, at: str, setting: _Setting) -> Iterator[Block]:
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
