"""What a page cuts short, it says; and the twin that it points to holds the rest."""

import json
from typing import Any

from tests.replay.leaves import readable_text
from tests.replay.recordings import ROUTE
from tests.replay.server import Answer

ID = "chatcmpl-long"


def test_a_cut_in_a_declared_tool_is_said(replay, browse):
    long = {"type": "function", "function": {"name": "long_tool", "description": "d" * 9_000}}
    _serve(replay, {"tools": [long]}, [])
    assert "more characters are in the JSON" in _text(browse)


def test_a_cut_in_an_unknown_field_is_said(replay, browse):
    _serve(replay, {"novelty": "x" * 9_000}, [])
    assert "more characters are in the JSON" in _text(browse)


def test_a_cut_in_an_unknown_field_of_a_choice_is_said(replay, browse):
    message = {"role": "assistant", "content": "short", "reasoning_content": "r" * 9_000}
    _serve(replay, {"choices": [{"index": 0, "message": message}]}, [])
    assert "more characters are in the JSON" in _text(browse)


def test_messages_of_a_later_page_of_the_api_are_on_the_page(replay, browse):
    _serve_two_pages(replay)
    text = _text(browse)
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


def _text(browse) -> str:
    page = browse.get(f"/replayed/completions/{ID}/")
    assert page.status_code == 200
    return readable_text(page.content)
