"""A conversation as the entries that a page prints: every message and every choice, each as blocks in reading order.

Nothing is dropped. What has no block of its own stands in a block of data; what is too long for a page is cut, and
says where the rest is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Any

from dashboard.inspection.answer_tokens import FIELDS, confidence_of_choices
from dashboard.inspection.blocks import Block, Call, Data, JsonText, More, Result, Text, data
from dashboard.inspection.json_tree import pointer
from dashboard.inspection.logprobs import Summary
from dashboard.inspection.message_blocks import (
    FOLD,
    SYSTEM_CHARACTERS,
    SYSTEM_LINES,
    Setting,
    characters,
    item_pointer,
    message_blocks,
    other_fields,
)
from dashboard.inspection.tool_calls import Pairing, pair
from dashboard.upstream.records import Choice, Completion, Message
from dashboard.upstream.tokens import LISTS

TIGHT = 300
"""The same where all texts together would be more than `MOST_CHARACTERS`."""
MOST_CHARACTERS = 1_500_000
MOST_BLOCKS = 60
"""Of one message."""
MOST_CHOICES = 128
"""The most that the API makes."""

SYSTEM = frozenset({"system", "developer"})
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
    confidence: Summary | None = None
    """Of the tokens of a choice, where it has logprobs: those of its content, else those of its refusal."""

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


def transcript(
    completion: Completion, messages: Sequence[Message], shown: Iterable[int], *, system_open: bool
) -> Transcript:
    """`shown` are the places of the messages to print; all of them are looked at for pairs of calls and results."""
    pairing = pair(messages, completion.choices)
    confidences = confidence_of_choices(completion)
    places = [place for place in shown if place < len(messages)]

    def printed(fold: int) -> Transcript:
        inputs = [_input(completion, messages[place], place, pairing, fold, system_open) for place in places]
        outputs = _outputs(completion, pairing, fold, confidences)
        return Transcript(tuple(inputs), tuple(outputs), len(completion.choices) - len(outputs), pairing.called)

    whole = printed(FOLD)
    return whole if sum(map(_printed, (*whole.inputs, *whole.outputs))) <= MOST_CHARACTERS else printed(TIGHT)


def compared_confidence(outputs: Iterable[Entry]) -> list[tuple[Entry, float]]:
    """The choices that have logprobs, each with its surprise per token relative to the highest of them, from 0 to 1.

    Surprise per token is the logarithm of the perplexity, which has no upper bound that a bar could show.
    """
    known = [(entry, math.log(entry.confidence.perplexity or 1)) for entry in outputs if entry.confidence]
    highest = max((one for _, one in known if math.isfinite(one)), default=0.0)
    return [(entry, min(one / highest, 1.0) if highest else 0.0) for entry, one in known]


def _input(
    completion: Completion, message: Message, place: int, pairing: Pairing, fold: int, system_open: bool
) -> Entry:
    inlined = completion.raw.get("input_messages")
    at = pointer("messages", place) if inlined is None else item_pointer(inlined, "/completion/input_messages", place)
    if message.role in SYSTEM and not system_open:
        fold = min(fold, SYSTEM_CHARACTERS)
    blocks = _limited(message_blocks(message, at, Setting(completion.raw, pairing, ("message", place), fold)), at)
    return Entry(place, f"message-{place}", f"message {place}", at, message, characters(message), blocks)


def _outputs(completion: Completion, pairing: Pairing, fold: int, confidences: Mapping[int, Summary]) -> list[Entry]:
    seen: set[str] = set()
    entries = []
    for place, choice in enumerate(completion.choices[:MOST_CHOICES]):
        anchor = f"choice-{choice.index}"
        anchor = f"{anchor}-{place}" if anchor in seen else anchor
        seen.add(anchor)
        entries.append(
            _output(
                completion,
                choice,
                place,
                anchor,
                Setting(completion.raw, pairing, ("choice", place), fold),
                confidences.get(place),
            )
        )
    return entries


def _output(
    completion: Completion, choice: Choice, place: int, anchor: str, setting: Setting, confidence: Summary | None
) -> Entry:
    at = item_pointer(completion.raw.get("choices"), "/completion/choices", place)
    message = choice.message
    blocks = [
        *message_blocks(message, f"{at}/message", setting),
        *_names(message.raw, f"{at}/message"),
        *other_fields(choice.raw, CHOICE_FIELDS - _unusable(choice), at),
        *_other_logprobs(choice.raw.get("logprobs"), f"{at}/logprobs"),
    ]
    return Entry(
        place,
        anchor,
        f"choice {choice.index}",
        f"{at}/message",
        message,
        characters(message),
        _limited(blocks, at),
        choice.finish_reason,
        FINISH_WORDS.get(choice.finish_reason, ""),
        confidence,
    )


def _unusable(choice: Choice) -> set[str]:
    """An index that is no number and logprobs that are no object are shown as what they are."""
    kinds = (("index", int), ("logprobs", dict))
    return {name for name, kind in kinds if not isinstance(choice.raw.get(name), kind | None)}


def _other_logprobs(logprobs: Any, at: str) -> list[Data]:
    """What stands beside the lists of tokens, which have a page of their own."""
    if not isinstance(logprobs, dict):
        return []
    lists = {name for name in FIELDS if isinstance(logprobs.get(name), (*LISTS, NoneType))}
    return [data(f"logprobs.{name}", logprobs[name], at + pointer(name)) for name in logprobs if name not in lists]


def _names(said: Mapping[str, Any], at: str) -> list[Data]:
    """Fields that the head of an input message prints, and that of a choice does not."""
    names = ("id", "name", "tool_call_id")
    return [data(name, said[name], at + pointer(name)) for name in names if said.get(name) is not None]


def _limited(blocks: Iterable[Block], at: str) -> tuple[Block, ...]:
    every = list(blocks)
    if len(every) <= MOST_BLOCKS:
        return tuple(every)
    return (*every[:MOST_BLOCKS], More(at, len(every) - MOST_BLOCKS))


def _printed(entry: Entry) -> int:
    """Characters of an entry on the page, roughly."""
    inside = [inner for block in entry.blocks for inner in (block.blocks if isinstance(block, Result) else (block,))]
    return sum(len(one.words.shown) + 100 if isinstance(one, Text | Call | JsonText) else 500 for one in inside)
