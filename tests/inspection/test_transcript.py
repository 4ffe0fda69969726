import json
import tracemalloc

import pytest

from dashboard.inspection.transcript import (
    LONGEST_DATA,
    LONGEST_TEXT,
    Block,
    choice_blocks,
    data_block,
    logprob_count,
    message_blocks,
    other_fields,
    size,
)
from dashboard.upstream.records import completion, message


def blocks(**fields) -> list[Block]:
    return message_blocks(message(fields))


def test_content_is_a_text():
    assert blocks(role="user", content="Hello") == [Block("text", "Hello")]


def test_nothing_is_no_block():
    assert blocks(content=None, refusal=None, tool_calls=None, annotations=[], audio=None) == []
    assert blocks(content="") == []


def test_what_is_too_long_is_cut_and_counted():
    assert blocks(content="x" * (LONGEST_TEXT + 7))[0].left_out == 7
    assert blocks(refusal="x" * (LONGEST_TEXT + 8))[0].left_out == 8
    assert data_block("d", "x" * (LONGEST_DATA + 9)).left_out == 9


def test_a_refusal_follows_the_content():
    assert blocks(content="a", refusal="no") == [Block("text", "a"), Block("refusal", "no")]


def test_parts_stand_for_the_content_that_repeats_them():
    parts = [
        {"type": "text", "text": "Whose logo is this?: "},
        {"type": "image_url", "image_url": {"url": "https://x"}},
    ]
    found = blocks(content="Whose logo is this?:  ", content_parts=parts)
    assert [one.kind for one in found] == ["text", "data"]
    assert found[1].title == "image_url"


def test_content_that_differs_from_the_parts_is_shown_too():
    found = blocks(content="something else", content_parts=[{"type": "text", "text": "part"}])
    assert [one.text for one in found] == ["part", "something else"]


def test_two_lists_of_parts_are_both_shown():
    found = blocks(content=[{"type": "text", "text": "a"}], content_parts=[{"type": "text", "text": "b"}])
    assert (found[0].text, found[1].title, '"b"' in found[1].text) == ("a", "content_parts", True)
    same = [{"type": "text", "text": "a"}]
    assert len(blocks(content=same, content_parts=same)) == 1


def test_parts_of_text_without_an_odd_field_are_text():
    assert blocks(content=["bare", {"text": "untyped"}, {"type": "refusal", "refusal": "no", "text": None}]) == [
        Block("text", "bare"),
        Block("text", "untyped"),
        Block("refusal", "no"),
    ]


@pytest.mark.parametrize(
    ("part", "title"),
    [
        ({"type": "thinking", "text": "hm"}, "thinking"),
        ({"type": {"odd": 1}, "text": "hm"}, '{"odd": 1}'),
        ({"type": "text", "text": 5}, "text"),
        ({"type": "text", "text": "a", "cache": True}, "text"),
        ({"type": None, "x": 1}, "part without a type"),
        ({"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 16_000}}, "image_url · image/png, 12 kB"),
        ({"type": "image_url", "image_url": "data:image/png;base64,AAAA"}, "image_url · image/png, 3 B"),
        ({"type": "image_url", "image_url": {"url": ["odd"]}}, "image_url"),
    ],
)  # fmt: skip
def test_other_parts_are_data_with_all_their_fields(part, title):
    (found,) = blocks(content=[part])
    assert (found.kind, found.title) == ("data", title)
    assert found.text.startswith("{")


def test_calls_have_their_arguments_and_what_else_they_hold():
    call = {"id": "call_1", "type": "function", "index": 4, "function": {"name": "find", "arguments": "{broken"}}
    assert blocks(tool_calls=[call, {}]) == [
        Block("call", "{broken", "find", "function · call_1"),
        Block("data", "4", "index"),
        Block("call", "no arguments", "unnamed"),
    ]


def test_a_call_that_is_no_object_is_shown():
    assert Block("data", "odd", "unreadable") in blocks(tool_calls=["odd"])


def test_annotations_audio_and_unknown_fields_are_shown():
    found = blocks(
        annotations=[{"type": "url_citation"}], audio={"id": "a", "data": "A" * 4000}, reasoning="why", x=None
    )
    assert [(one.title, one.kind) for one in found] == [
        ("annotations", "data"),
        ("audio", "data"),
        ("reasoning", "data"),
        ("x", "data"),
    ]
    assert "base64 of 3 kB, in the JSON" in found[1].text
    assert found[3].text == "null"
    assert blocks(audio={"id": "a"})[0].text == '{\n  "id": "a"\n}'


def test_a_choice_shows_what_cannot_be_used():
    (first, second) = completion(
        {"choices": [{"index": "one", "logprobs": "text", "message": {"name": "n", "content": "x"}, "extra": 1}, "odd"]}
    ).choices
    assert [(one.title, one.text) for one in choice_blocks(first)] == [
        ("", "x"),
        ("name", "n"),
        ("index", "one"),
        ("logprobs", "text"),
        ("extra", "1"),
    ]
    assert choice_blocks(second) == [Block("data", "odd", "unreadable")]


def test_a_usual_choice_has_no_more_than_its_message():
    (choice,) = completion({"choices": [{"index": 0, "logprobs": None, "message": {"content": "x"}}]}).choices
    assert choice_blocks(choice) == [Block("text", "x")]


def test_large_data_is_written_no_further_than_it_is_shown():
    value = [{"token": f"t{n}", "logprob": -0.5} for n in range(100_000)]
    compact = len(json.dumps(value))
    tracemalloc.start()
    found = data_block("odd", value)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.text == json.dumps(value, indent=2)[:LONGEST_DATA]
    assert found.left_out == compact - LONGEST_DATA
    assert peak < 60_000_000


def test_fields_that_are_known_are_left_out():
    assert other_fields({"a": 1, "b": [2]}, {"a"}) == [Block("data", "[\n  2\n]", "b")]


@pytest.mark.parametrize(
    ("logprobs", "count"),
    [(None, 0), ("x", 0), ({}, 0), ({"content": [{}, {}], "refusal": [{}]}, 3), ({"content": "x", "refusal": None}, 0)],
)
def test_tokens_with_a_probability_are_counted(logprobs, count):
    assert logprob_count({"logprobs": logprobs}) == count


@pytest.mark.parametrize(("count", "written"), [(0, "0 B"), (999, "999 B"), (12_400, "12 kB"), (3_400_000, "3.4 MB")])
def test_sizes(count, written):
    assert size(count) == written


def test_the_transcript_of_audio_is_read_as_what_was_said():
    audio = {"id": "a", "transcript": "Good morning"}
    assert next((block.kind, block.text) for block in blocks(audio=audio)) == ("text", "Good morning")
    assert [block.text for block in blocks(content="Said", audio=audio) if block.kind == "text"] == ["Said"]
