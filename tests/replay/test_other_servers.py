"""Servers that answer something else where the list should be."""

import json

from tests.replay.leaves import readable_text
from tests.replay.recordings import ROUTE
from tests.replay.server import Answer


def test_a_server_without_these_routes_is_named_as_such(replay, browse):
    # LiteLLM has a route for POST there, vLLM, llama.cpp and Ollama have none or the same.
    replay.put(ROUTE, Answer(405, b'{"detail":"Method Not Allowed"}'))
    page = browse.get("/replayed/completions/")
    assert page.status_code == 502
    assert "The API does not offer this route" in readable_text(page.content)


def test_a_list_whose_data_is_null_is_empty(replay, browse):
    # One server answers so as long as it holds nothing.
    empty = {"object": "list", "data": None, "first_id": None, "last_id": None, "has_more": False}
    replay.put(ROUTE, Answer(200, json.dumps(empty).encode()))
    page = browse.get("/replayed/completions/")
    assert page.status_code == 200
    assert "No stored completions yet" in readable_text(page.content)


def test_a_detail_as_text_says_that_the_id_is_unknown(replay, browse):
    # llama-stack answers 400 where the API answers 404.
    gone = b'{"detail":"Invalid value: Chat completion with id chatcmpl-gone not found"}'
    replay.put(f"{ROUTE}/chatcmpl-gone", Answer(400, gone))
    page = browse.get("/replayed/completions/chatcmpl-gone/")
    assert page.status_code == 404
    assert "The API has no such completion" in readable_text(page.content)


def test_a_server_that_lists_the_answer_as_its_input_is_told_from_the_others(replay, browse):
    # openai-api-server-via-codex keeps no input.
    said = {"role": "assistant", "content": "The tide turns."}
    choice = {"index": 0, "message": said, "finish_reason": "stop"}
    listed = {"object": "list", "data": [{**said, "id": "chatcmpl_1_msg_0"}], "has_more": False}
    replay.put(f"{ROUTE}/chatcmpl_1", Answer(200, json.dumps({"id": "chatcmpl_1", "choices": [choice]}).encode()))
    replay.put(f"{ROUTE}/chatcmpl_1/messages", Answer(200, json.dumps(listed).encode()))
    text = readable_text(browse.get("/replayed/completions/chatcmpl_1/").content)
    assert "This server lists the answer where the input should be" in text
