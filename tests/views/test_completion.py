import json
import re
from urllib.parse import quote

import pytest

from tests.stub_upstream import Document, page, question, reply, stored

URL = "/default/completions/chatcmpl-1/"


def serving(completion: Document, *messages: Document):
    return lambda path, query: page(list(messages)) if path.endswith("/messages") else reply(completion)


def test_it_shows_the_conversation_in_two_calls(client, upstream):
    upstream.answer = serving(stored(), question(0, "system", "Be kind."), question(1))
    html = client.get(URL).content.decode()
    assert upstream.asked == [
        "/chat/completions/chatcmpl-1",
        "/chat/completions/chatcmpl-1/messages?order=asc&limit=100",
    ]
    for shown in (
        "Be kind.",
        "A question",
        "Answer 1",
        'id="message-1"',
        'id="choice-0"',
        "1,207",
        "env=",
        "chatcmpl-1",
    ):
        assert shown in html, shown


def test_all_messages_come_however_many_pages_they_fill(client, upstream):
    def answer(path, query):
        if not path.endswith("/messages"):
            return reply(stored())
        start = int(dict(query).get("after", "chatcmpl-1--1").rsplit("-", 1)[1]) + 1
        return page(
            [question(number, content=f"Message {number}.") for number in range(start, start + 100)], start < 200
        )

    upstream.answer = answer
    html = client.get(URL).content.decode()
    assert len(re.findall(r'id="message-\d+"', html)) == 300
    assert "Message 299." in html


def test_messages_that_the_server_inlines_need_no_second_call(client, upstream):
    upstream.answer = serving(stored(input_messages=[{"role": "user", "content": "Inlined"}]))
    assert "Inlined" in client.get(URL).content.decode()
    assert len(upstream.asked) == 1


def test_a_server_without_messages_is_told_and_remembered(client, upstream):
    upstream.answer = lambda path, query: reply({"detail": "Not Found"}, 404) if "messages" in path else reply(stored())
    for calls in (2, 3):
        html = client.get(URL).content.decode()
        assert "This server does not offer input messages" in html
        assert "Answer 1" in html
        assert len(upstream.asked) == calls


def test_messages_that_fail_leave_the_output(client, upstream):
    upstream.answer = lambda path, query: reply({}, 500) if "messages" in path else reply(stored())
    response = client.get(URL)
    html = response.content.decode()
    assert response.status_code == 200
    assert "Input messages are missing here." in html
    assert "Answer 1" in html


def test_messages_that_do_not_move_on_end_with_a_sentence(client, upstream):
    upstream.answer = lambda path, query: page([question()], True) if "messages" in path else reply(stored())
    assert "gave no way to go on" in client.get(URL).content.decode()
    assert len(upstream.asked) == 3


def test_messages_beyond_what_memory_may_hold_are_left_out_and_told(client, upstream, monkeypatch):
    monkeypatch.setattr("dashboard.conversation.LARGEST", 100)
    upstream.answer = lambda path, query: page([question()], True) if "messages" in path else reply(stored())
    assert "The messages after the first 1 are left out, as they are too large." in client.get(URL).content.decode()
    assert len(upstream.asked) == 2


def test_every_choice_is_shown_with_its_ending(client, upstream):
    choices = [
        {"index": n, "message": {"role": "assistant", "content": f"Choice {n}"}, "finish_reason": end}
        for n, end in enumerate(["stop", "length", "content_filter", None])
    ]
    upstream.answer = serving(stored(choices=choices))
    html = client.get(URL).content.decode()
    for n in range(4):
        assert f"Choice {n}" in html
        assert f'id="choice-{n}"' in html
    assert "reached the token limit" in html
    assert "content filter of the API held back" in html
    assert "finish reason not set" in html


def test_text_and_tool_calls_of_one_message_stand_together(client, upstream):
    call = {"id": "call_1", "type": "function", "function": {"name": "get_order", "arguments": '{"id": "BW-1"} {'}}
    message = {"role": "assistant", "content": "One moment.", "tool_calls": [call]}
    result = question(2, "tool", '{"found": true}', tool_call_id="call_1")
    upstream.answer = serving(stored(choices=[{"index": 0, "message": message}]), result)
    html = client.get(URL).content.decode()
    for shown in (
        "One moment.",
        "get_order",
        "call_1",
        "{&quot;id&quot;: &quot;BW-1&quot;} {",
        "{&quot;found&quot;: true}",
    ):
        assert shown in html, shown


def test_white_space_is_kept_exactly(client, upstream):
    text = "\n\n  indented\t->  \n"
    upstream.answer = serving(stored(choices=[{"message": {"content": text}}]))
    assert f'<div class="text" dir="auto">{text.replace(">", "&gt;")}</div>' in client.get(URL).content.decode()


def test_fields_that_nobody_knows_are_shown(client, upstream):
    message = {"role": "assistant", "content": "x", "reasoning_content": "Thinking aloud"}
    choice = {"index": 0, "message": message, "content_filter_results": {"hate": {"filtered": False}}}
    upstream.answer = serving(stored(choices=[choice], moderation={"flagged": "maybe"}, seed=-8132613597486110237))
    html = client.get(URL).content.decode()
    for shown in (
        "reasoning_content",
        "Thinking aloud",
        "content_filter_results",
        "hate",
        "moderation",
        "maybe",
        "-8132613597486110237",
    ):
        assert shown in html, shown


def test_null_is_not_set_and_absent_is_absent(client, upstream):
    upstream.answer = serving(
        stored(temperature=None, usage={"prompt_tokens": None, "prompt_tokens_details": {"cached_tokens": 5}})
    )
    html = client.get(URL).content.decode()
    assert re.search(r"<dt>Temperature</dt><dd class=\"muted\">not set", html)
    assert "Top p" not in html
    assert "cached" in html


def test_without_usage_metadata_and_messages_it_says_so(client, upstream):
    upstream.answer = serving({"id": "chatcmpl-1", "created": None, "tools": "odd", "choices": []})
    html = client.get(URL).content.decode()
    for shown in (
        "not reported",
        ">none<",
        "The API has no input messages",
        "no usable time",
        "The API sent no choices.",
        "odd",
    ):
        assert shown in html, shown


def test_declared_tools_are_listed_by_name(client, upstream):
    tools = [{"type": "function", "function": {"name": "get_order"}}, {"type": "custom", "custom": {"name": "sql"}}, 5]
    upstream.answer = serving(stored(tools=tools))
    html = client.get(URL).content.decode()
    for shown in ("get_order", "sql", "unnamed tool"):
        assert shown in html, shown


def test_long_texts_are_cut_with_a_word_about_the_rest(client, upstream):
    upstream.answer = serving(stored(choices=[{"message": {"content": "x" * 150_000}}]))
    html = client.get(URL).content.decode()
    assert "50,000 more characters are in the" in html
    assert len(html) < 200_000


def test_the_json_twins_are_the_bytes_received(client, upstream):
    upstream.answer = serving(stored(odd="\ud83d"), question())
    twin = client.get("/default/completions/chatcmpl-1.json")
    assert twin.content == reply(stored(odd="\ud83d"))[2]
    assert twin.headers["Content-Type"] == "application/json"
    assert client.get("/default/completions/chatcmpl-1/messages.json").content == page([question()])[2]


@pytest.mark.parametrize("path", ["..", ".", "a.b", "a%2Fb", "a%20b", "x" * 129, "%00", "a%0A"])
def test_an_id_that_cannot_be_one_is_not_found_without_a_call(client, upstream, path):
    assert client.get(f"/default/completions/{path}/").status_code == 404
    assert upstream.asked == []


def test_hostile_ids_never_reach_the_upstream(client, upstream, shared):
    for case in json.loads((shared / "corpora/malicious_ids.json").read_text("utf-8")):
        for written in (case["value"], quote(case["value"], safe="")):
            response = client.get(f"/default/completions/{written}/")
            assert response.status_code in {200, 301, 302, 400, 404, 502}, case
    assert all(
        asked.startswith(("/chat/completions/", "/chat/completions?")) and ".." not in asked for asked in upstream.asked
    )


def test_a_server_that_lists_the_answer_as_input_is_told(client, upstream):
    upstream.answer = serving(stored(), question(0, "assistant", "Answer 1"))
    assert "This server lists the answer where the input should be." in client.get(URL).content.decode()


def test_an_assistant_message_before_the_answer_is_no_such_server(client, upstream):
    upstream.answer = serving(stored(), question(0, "assistant", "Another answer"))
    assert "where the input should be" not in client.get(URL).content.decode()


def test_known_fields_of_an_odd_type_are_shown_as_they_came(client, upstream):
    choice = {"index": "first", "message": {"content": "x", "name": "nadia", "id": "msg_1", "tool_call_id": "call_9"}}
    upstream.answer = serving(stored(choices=[choice | {"logprobs": "none were kept"}]))
    html = client.get(URL).content.decode()
    for shown in ("first", "none were kept", "nadia", "msg_1", "call_9"):
        assert shown in html, shown


def test_the_twin_of_the_messages_goes_on_after_a_cursor(client, upstream):
    upstream.answer = serving(stored(), question())
    client.get("/default/completions/chatcmpl-1/messages.json?after=chatcmpl-1-99")
    assert upstream.asked == ["/chat/completions/chatcmpl-1/messages?order=asc&limit=100&after=chatcmpl-1-99"]
    bad = client.get("/default/completions/chatcmpl-1/messages.json?after=../x")
    assert (bad.status_code, len(upstream.asked)) == (400, 1)
