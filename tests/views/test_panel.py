import pytest

from tests.stub_upstream import page, question, reply, stored

LIST = "/default/completions/"
PANEL = "/default/completions/chatcmpl-1/panel/"


def answering(*messages, completion=None):
    def answer(path, query):
        if path.endswith("/messages"):
            return page(list(messages))
        return reply(completion or stored()) if path.count("/") == 3 else page([stored(1), stored(2)])

    return answer


def test_the_panel_shows_a_completion_in_short(htmx, upstream):
    upstream.answer = answering(question(0, "system", "Be kind."), question(1, content="Where is it?"))
    answer = htmx(f"{PANEL}?metadata[env]=prod&pages=2")
    html = answer.content.decode()
    for shown in ("Answer 1", "Where is it?", "message 1", "All 2 messages", "1,200 not cached", "env="):
        assert shown in html, shown
    assert "Be kind." not in html
    assert answer.headers["HX-Push-Url"] == f"{LIST}?metadata%5Benv%5D=prod&pages=2&peek=chatcmpl-1"
    assert f'href="{LIST}?metadata%5Benv%5D=prod&amp;pages=2"' in html
    assert f'href="{LIST}chatcmpl-1/?metadata%5Benv%5D=prod"' in html


def test_the_next_row_replaces_the_address(htmx, upstream):
    upstream.answer = answering()
    answer = htmx(f"{PANEL}?follow=1")
    assert answer.headers["HX-Replace-Url"] == f"{LIST}?peek=chatcmpl-1"
    assert "HX-Push-Url" not in answer.headers


def test_without_the_script_the_address_is_that_of_the_list(client, htmx, upstream):
    assert client.get(f"{PANEL}?order=asc").headers["Location"] == f"{LIST}?order=asc&peek=chatcmpl-1"
    assert htmx(f"{PANEL}?order=sideways").status_code == 302


def test_a_list_with_a_panel_is_a_page(client, upstream):
    upstream.answer = answering(question(0, "user", "Where is it?"))
    html = client.get(f"{LIST}?peek=chatcmpl-1").content.decode()
    assert html.count('<tr class="row on"') == 1
    assert "Where is it?" in html
    assert len(upstream.asked) == 3


def test_a_panel_that_fails_leaves_the_list(client, htmx, upstream):
    upstream.answer = lambda path, query: page([stored(1)]) if path.count("/") == 2 else reply({}, 404)
    answer = client.get(f"{LIST}?peek=chatcmpl-9")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "Answer 1" in html
    assert "The API has no such completion" in html
    assert htmx("/default/completions/chatcmpl-9/panel/").status_code == 404


@pytest.mark.parametrize("peek", ["a/b", "x" * 200, "%00"])
def test_a_panel_needs_an_id(client, upstream, peek):
    assert client.get(LIST, {"peek": peek}).status_code == 400
    assert upstream.asked == []


def test_many_choices_and_calls_are_shown_in_short(htmx, upstream):
    choices = [{"index": n, "message": {"content": f"Choice {n}"}, "finish_reason": "length"} for n in range(6)]
    choices[1]["message"] = {"content": [{"type": "text", "text": f"Part {n}."} for n in range(11)]}
    call = {"id": "c", "type": "function", "function": {"name": "find", "arguments": "{}"}}
    upstream.answer = answering(
        question(0, "assistant", None, tool_calls=[call], content_parts=[{"type": "image_url"}]),
        completion=stored(choices=choices, usage={"prompt_tokens": "odd"}),
    )
    html = htmx(PANEL).content.decode()
    for shown in (
        "Choice 3",
        "2 more choices",
        "ƒ find",
        "[image_url]",
        "Prompt: odd tokens",
        "Cut off",
        "Part 7.",
        "3 more parts",
    ):
        assert shown in html, shown
    assert "Choice 4" not in html
    assert "Part 8." not in html


def test_a_panel_without_messages_says_why(htmx, upstream):
    upstream.answer = lambda path, query: (
        reply({"detail": "Not Found"}, 404) if "messages" in path else reply(stored(choices=[]))
    )
    html = htmx(PANEL).content.decode()
    assert "does not offer input messages" in html
    assert "The API sent no choices." in html
