"""What a page cuts short, it says; and what it says brings the rest into its place."""

import json
from typing import Any

import pytest

from tests.replay.leaves import readable_text
from tests.replay.reach import whole_page
from tests.replay.recordings import ROUTE
from tests.replay.server import Answer

ID = "chatcmpl-long"
URL = f"/replayed/completions/{ID}/"
LONG = " ".join(f"word{n}" for n in range(1_500))


@pytest.mark.parametrize(
    "fields",
    [
        {"tools": [{"type": "function", "function": {"name": "long_tool", "description": LONG}}]},
        {"novelty": LONG},
        {"novelty": {"nested": [LONG]}},
        {"choices": [{"index": 0, "message": {"role": "assistant", "content": "short", "reasoning_content": LONG}}]},
        {"choices": [{"index": 0, "message": {"role": "assistant", "content": LONG}}]},
        {"choices": [{"index": 0, "message": {"role": "assistant", "refusal": LONG}}]},
        {"choices": [{"message": {"tool_calls": [{"type": "custom", "custom": {"name": "f", "input": LONG}}]}}]},
        {"choices": [{"message": {"audio": {"id": "a", "transcript": LONG}}}]},
    ],
)
def test_a_long_text_is_cut_and_all_of_it_can_be_had(fields, replay, browse):
    _serve(replay, fields, [])
    assert "word1499" not in readable_text(browse.get(URL).content).split()
    assert LONG in readable_text(whole_page(browse, URL))


def test_a_long_list_in_an_unknown_field_is_cut_and_all_of_it_can_be_had(replay, browse):
    _serve(replay, {"novelty": [f"item {n}." for n in range(180)]}, [])
    assert "item 179." not in readable_text(browse.get(URL).content)
    text = readable_text(whole_page(browse, URL))
    assert all(f"item {n}." in text for n in range(180))


def test_messages_in_the_middle_are_brought_in_steps(replay, browse):
    _serve(replay, {}, [{"role": "user", "content": f"message text {n}."} for n in range(450)])
    page = readable_text(browse.get(URL).content)
    assert "message text 2." in page
    assert "message text 3." not in page
    assert "message text 449." in page
    text = readable_text(whole_page(browse, URL))
    assert [n for n in range(450) if text.count(f"message text {n}.") != 1] == []


def test_messages_of_a_later_page_of_the_api_are_on_the_page(replay, browse):
    _serve_two_pages(replay)
    text = readable_text(whole_page(browse, URL))
    assert "message text 3." in text
    assert "message text 104." in text


def test_messages_of_a_later_page_of_the_api_have_a_twin(replay, browse):
    _serve_two_pages(replay)
    twin = browse.get(f"/replayed/completions/{ID}/messages.json?after={ID}-99")
    assert [one["content"] for one in twin.json()["data"]][-1] == "message text 104."


def _serve_two_pages(replay) -> None:
    messages = [{"id": f"{ID}-{n}", "role": "user", "content": f"message text {n}."} for n in range(105)]
    _serve(replay, {}, messages[:100], has_more=True)
    replay.put(f"{ROUTE}/{ID}/messages", _answer({"object": "list", "data": messages[100:]}), after=f"{ID}-99")


def _serve(replay, fields: dict[str, Any], messages: list[Any], has_more: bool = False) -> None:
    choice = {"index": 0, "message": {"role": "assistant", "content": "short"}, "finish_reason": "stop"}
    replay.put(f"{ROUTE}/{ID}", _answer({"id": ID, "object": "chat.completion", "choices": [choice], **fields}))
    replay.put(f"{ROUTE}/{ID}/messages", _answer({"object": "list", "data": messages, "has_more": has_more}))


def _answer(value: Any) -> Answer:
    return Answer(200, json.dumps(value).encode())
