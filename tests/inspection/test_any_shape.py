"""Random JSON in every field: nothing between the decoder and the page may raise, and no text may be lost."""

import json
import random
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from dashboard.inspection.conversation_markdown import conversation_markdown
from dashboard.inspection.declared_tools import declared_tools
from dashboard.inspection.filter_check import ignored_filters
from dashboard.inspection.properties import identity, other_blocks, parameters
from dashboard.inspection.snippets import LANGUAGES, Upstream, run_snippet
from dashboard.inspection.summary import input_line, input_text, summarise
from dashboard.inspection.transcript import transcript
from dashboard.inspection.usage import usage_bars
from dashboard.inspection.visible import visible
from dashboard.upstream.decode import decode
from dashboard.upstream.records import completion_page, message_page, retrieved

CALL = {
    "id": "c",
    "type": "function",
    "function": {"name": "f", "arguments": "{}"},
    "custom": {"name": "f", "input": ""},
}
PART = {"type": "text", "text": "t", "image_url": {"url": "data:image/png;base64,AA"}, "refusal": "r"}
MESSAGE = {
    "id": "m", "role": "user", "name": "n", "content": "c", "content_parts": [PART], "refusal": "r", "tool_calls": [CALL],
    "function_call": {"name": "f", "arguments": ""}, "tool_call_id": "t", "annotations": [{"type": "url_citation"}],
    "audio": {"id": "a", "data": "UklGRg==", "transcript": "t"},
}  # fmt: skip
COMPLETION = {
    "id": "chatcmpl-1", "object": "o", "created": 1, "model": "m", "seed": 1, "tools": [CALL], "metadata": {"k": "v"},
    "choices": [{"index": 0, "message": MESSAGE, "finish_reason": "stop", "logprobs": {"content": [{}], "refusal": None}}],
    "usage": {"prompt_tokens": 1, "prompt_tokens_details": {"cached_tokens": 1}, "completion_tokens_details": {"x": 2}},
    "input_messages": [MESSAGE],
}  # fmt: skip
PAGE = {"object": "list", "data": [COMPLETION], "first_id": "a", "last_id": "b", "has_more": True}
ODD = [
    "",
    "x",
    "function",
    "\ud800",
    "\0",
    "‮",
    "a b",
    0,
    -1,
    1.5,
    10**30,
    float("nan"),
    float("inf"),
    True,
    False,
    None,
]
ODD += [[], {}, [[]], {"type": []}, [None], {"": None}, [{"type": {}}], {"name": [], "arguments": {}}, "A" * 5000]


def changed(value: Any, dice: random.Random, chance: float) -> Any:
    """A copy in which some fields hold something else, are missing, or have neighbours."""
    if dice.random() < chance:
        return dice.choice(ODD)
    if isinstance(value, dict):
        copy = {name: changed(one, dice, chance) for name, one in value.items() if dice.random() > chance / 2}
        return copy | ({dice.choice(["", "new", "\udfff", "type"]): dice.choice(ODD)} if dice.random() < chance else {})
    if isinstance(value, list):
        return [changed(one, dice, chance) for one in value] + ([dice.choice(ODD)] if dice.random() < chance else [])
    return value


def page_texts(found) -> list[str]:
    """Every text that the pages of a completion print."""
    summary = summarise(found)
    inputs = found.input_messages or ()
    printed = transcript(found, inputs, range(len(inputs)), system_open=False)
    texts = [
        found.id,
        found.model,
        summary.output,
        input_line(found.input_messages or ()) or "",
        *summary.finish_reasons,
    ]
    texts += [choice.finish_reason + choice.message.role for choice in found.choices]
    texts += [one.role + one.name + one.tool_call_id + one.id for one in found.input_messages or ()]
    texts += [one.label for one in summary.marks]
    texts += [f"{key} {value}" for key, value in found.metadata.items()] + [input_text(one) for one in inputs]
    texts += strings([printed, declared_tools(found, printed.called), other_blocks(found), usage_bars(found.usage.raw)])
    texts += strings([parameters(found), identity(found)])
    texts.append(conversation_markdown(found, inputs))
    texts += [run_snippet(one, Upstream("https://x.example/v1"), found, inputs, short=False) for one in LANGUAGES]
    assert isinstance(ignored_filters([found], "m", [("k", "v")]), list)
    return texts


def strings(value: Any) -> list[str]:
    """Every text in dataclasses and sequences, the raw documents apart: those are not printed."""
    if isinstance(value, str):
        return [value]
    if is_dataclass(value):
        return [text for one in fields(value) if one.name != "raw" for text in strings(getattr(value, one.name))]
    return [text for one in value for text in strings(one)] if isinstance(value, list | tuple) else []


@pytest.mark.parametrize("chance", [0.02, 0.1, 0.4])
def test_random_values_in_every_field_raise_nothing(chance):
    dice = random.Random(f"shapes {chance}")
    for _ in range(300):
        document = {"data": [changed(COMPLETION, dice, chance)], "last_id": dice.choice(ODD), "has_more": True}
        for found in completion_page(decode(json.dumps(document).encode()), b"").items:
            for text in page_texts(found):
                visible(text).encode()


def test_random_pages_of_messages_raise_nothing():
    dice = random.Random("messages")
    for _ in range(500):
        document = decode(json.dumps({"data": [changed(MESSAGE, dice, 0.2), dice.choice(ODD)]}).encode())
        found = message_page(document, b"").items
        input_line(found)
        for one in found:
            input_text(one)
        nothing = retrieved({"id": "a", "choices": []}, b"")
        transcript(nothing, found, range(len(found)), system_open=True)
        conversation_markdown(nothing, found)


def spots(value: Any, path: tuple[object, ...] = ()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in items:
        yield from spots(one, (*path, key))


# What a page says in other words, or points to the JSON for.
ELSEWHERE = {
    ("choices", 0, "logprobs"),
    ("choices", 0, "message", "audio", "data"),
    ("input_messages", 0, "audio", "data"),
}


@pytest.mark.parametrize("strange", ["STRANGE", ["STRANGE"], {"strange": "STRANGE"}])
def test_a_strange_value_anywhere_can_still_be_read(strange):
    lost = []
    for spot in list(spots(COMPLETION))[1:]:
        document = json.loads(json.dumps(COMPLETION))
        place = document
        for key in spot[:-1]:
            place = place[key]
        place[spot[-1]] = strange
        if not any("STRANGE" in text for text in page_texts(retrieved(document, b""))):
            lost.append(spot)
    assert [spot for spot in lost if not any(spot[: len(one)] == one for one in ELSEWHERE)] == []
