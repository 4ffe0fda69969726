"""What of a completion stays when it is shared: everything that is not allowed is gone from the documents."""

import json

import pytest

from dashboard.inspection.shared_parts import (
    SHOWABLE,
    Shown,
    parts,
    read_shown,
    shown_completion,
    shown_messages,
)
from dashboard.upstream.records import completion, message
from tests.stub_upstream import question, stored

LOGPROBS = {"content": [{"token": "a", "logprob": -1}], "refusal": None, "other": "HIDDEN"}
EVERYTHING = stored(
    tools=[{"type": "function", "function": {"name": "TOOL"}}],
    temperature=0.5,
    input_user="PARAMETER",
    request_id="req_PARAMETER",
    metadata={"key": "METADATA"},
    input_messages=[question(content="INPUT")],
    unheard_of={"a": "HIDDEN"},
    usage={
        "prompt_tokens": 5,
        "completion_tokens": None,
        "cost": {"eur": "HIDDEN"},
        "total_tokens": {"a": "HIDDEN"},
        "prompt_tokens_details": {"cached_tokens": 4, "by": "HIDDEN"},
        "completion_tokens_details": "HIDDEN",
    },
    choices=[
        {
            "index": 0,
            "finish_reason": {"a": "HIDDEN"},
            "unheard_of": "HIDDEN",
            "logprobs": LOGPROBS,
            "message": {
                "id": "HIDDEN",
                "role": "assistant",
                "content": "Answer",
                "audio": {"id": "HIDDEN", "data": "AAAA", "unheard_of": "HIDDEN"},
                "reasoning": "HIDDEN",
            },
        }
    ],
)
MARKS = {"input": "INPUT", "tools": "TOOL", "metadata": "METADATA", "parameters": "PARAMETER", "logprobs": "logprob"}


@pytest.mark.parametrize("chosen", MARKS)
def test_each_choice_opens_one_part_and_no_other(chosen):
    written = json.dumps(shown_completion(EVERYTHING, Shown.of([chosen])))
    assert {name for name, mark in MARKS.items() if mark in written} == {chosen}
    assert "HIDDEN" not in written
    assert ('"id"' in written) == (chosen == "parameters")
    assert '"Answer"' in written


def test_with_everything_open_what_nobody_knows_stays_hidden():
    shown = shown_completion(EVERYTHING, Shown.of(SHOWABLE))
    assert "HIDDEN" not in json.dumps(shown)
    assert shown["usage"] == {
        "prompt_tokens": 5,
        "completion_tokens": None,
        "prompt_tokens_details": {"cached_tokens": 4},
    }
    assert shown["choices"][0]["message"]["audio"] == {"data": "AAAA"}
    assert shown["choices"][0]["index"] == 0
    assert shown["input_messages"] == [{"role": "user", "content": "INPUT", "content_parts": None, "name": None}]
    assert shown["id"] == "chatcmpl-1"


def test_ids_of_messages_repeat_that_of_the_completion_and_go():
    assert shown_messages([question(3)]) == [
        {"role": "user", "content": "A question", "content_parts": None, "name": None}
    ]


@pytest.mark.parametrize(
    ("choices", "kept"),
    [
        (None, []),
        ("HIDDEN", []),
        (["HIDDEN", {"index": 1}], [{"message": {}}, {"index": 1, "message": {}}]),
        ({"index": 4, "message": "HIDDEN"}, [{"index": 4, "message": {}}]),
        ([{"logprobs": "HIDDEN"}], [{"message": {}}]),
    ],
)
def test_choices_of_a_wrong_type_keep_their_places_and_nothing_else(choices, kept):
    assert shown_completion({"choices": choices}, Shown.of(SHOWABLE)) == {"choices": kept}


def test_a_usage_that_is_no_object_is_none():
    assert shown_completion({"usage": "HIDDEN", "audio": 1}, Shown()) == {"usage": {}, "choices": []}
    assert shown_messages([{"audio": "as it is"}]) == [{"audio": "as it is"}]


@pytest.mark.parametrize("written", ["answer", "input", "input-tools", "-".join(SHOWABLE)])
def test_what_is_shown_is_written_into_an_address_and_back(written):
    assert str(read_shown(written)) == written


@pytest.mark.parametrize("written", ["", "nothing", "tools-input", "input-input", "input-answer", "INPUT", "input-"])
def test_each_choice_has_one_address(written):
    with pytest.raises(LookupError):
        read_shown(written)


def test_parts_are_what_the_choices_would_show():
    found = parts(completion(EVERYTHING), [message(question(content="INPUT"))])
    assert {name: MARKS[name] in json.dumps(found[name]) for name in found if name != "answer"} == {
        "input": True,
        "tools": True,
        "metadata": True,
        "parameters": True,
    }
    assert "Answer" in json.dumps(found["answer"])
    assert "HIDDEN" not in json.dumps(found)
