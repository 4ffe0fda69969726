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
    assert re.findall(r'id="message-(\d+)"', html) == ["0", "1", "2", *map(str, range(288, 300))]
    assert "Message 299." in html
    assert "Show the next 100 of 285 messages between" in html


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
    assert "Show all 150,000 characters" in html
    assert len(html) < 40_000


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


# --- The middle of a long conversation


def conversation(count: int):
    messages = [question(number, content=f"Message {number}.") for number in range(count)]
    return serving(stored(), *messages)


def places(html: str) -> list[int]:
    return [int(place) for place in re.findall(r'id="message-(\d+)"', html)]


def test_an_address_shows_the_middle_from_a_message_on(client, upstream):
    upstream.answer = conversation(300)
    html = client.get(f"{URL}?from=50").content.decode()
    assert places(html) == [0, 1, 2, *range(50, 150), *range(288, 300)]
    assert "Show 47 messages between" in html


def test_a_gap_brings_its_next_messages_and_what_is_left_of_it(htmx, upstream):
    upstream.answer = conversation(300)
    html = htmx(f"{URL}messages/?from=3&to=288").content.decode()
    assert places(html) == list(range(3, 103))
    assert "from=103&amp;to=288" in html
    html = htmx(f"{URL}messages/?from=203&to=288").content.decode()
    assert places(html) == list(range(203, 288))
    assert "between" not in html


def test_a_gap_that_is_none_brings_nothing(htmx, upstream):
    upstream.answer = conversation(5)
    assert places(htmx(f"{URL}messages/?from=90&to=99").content.decode()) == []
    assert places(htmx(f"{URL}messages/?from=4&to=2").content.decode()) == []


def test_a_gap_without_its_places_is_an_error(htmx, upstream):
    assert htmx(f"{URL}messages/").status_code == 400
    assert htmx(f"{URL}messages/?from=1&to=x").status_code == 400
    assert upstream.asked == []


def test_the_address_of_a_gap_leads_to_the_page(client, upstream):
    assert client.get(f"{URL}messages/?from=50&to=99").headers["Location"] == f"{URL}?from=50#message-50"
    assert client.get(f"{URL}messages/").headers["Location"] == f"{URL}?from=0#message-0"


# --- Text or Markdown, system prompts


def test_texts_are_plain_until_markdown_is_chosen(client, upstream):
    upstream.answer = serving(
        stored(choices=[{"message": {"content": "A **bold** word"}}]), question(content="# Title")
    )
    plain = client.get(URL).content.decode()
    assert "A **bold** word" in plain
    marked = client.get(f"{URL}?as=markdown").content.decode()
    assert "<strong>bold</strong>" in marked
    assert '<p class="h1">Title</p>' in marked
    client.cookies["as"] = "markdown"
    assert "<strong>bold</strong>" in client.get(URL).content.decode()
    assert "A **bold** word" in client.get(f"{URL}?as=text").content.decode()


def test_what_is_too_long_for_markdown_stays_plain(client, upstream):
    upstream.answer = serving(stored(choices=[{"message": {"content": "**x** " * 20_000}}]))
    html = client.get(f"{URL}?as=markdown").content.decode()
    assert "**x** **x**" in html
    assert "Too long to be shown as Markdown." in html


def test_a_page_renders_only_so_much_markdown(client, upstream):
    upstream.answer = serving(stored(), *(question(n, content="**x** " * 8_000) for n in range(9)))
    html = client.get(f"{URL}?as=markdown").content.decode()
    assert html.count("Too long to be shown as Markdown.") == 5


def test_system_prompts_are_folded_until_they_are_chosen_whole(client, upstream):
    upstream.answer = serving(stored(), question(0, "developer", "line\n" * 50))
    html = client.get(URL).content.decode()
    assert "Show all 250 characters" in html
    assert 'data-set="system=open"' in html
    client.cookies["system"] = "open"
    html = client.get(URL).content.decode()
    assert "Show all" not in html
    assert 'data-set="system="' in html


# --- Parts of the page


def test_calls_and_results_are_two_halves_of_a_card(client, upstream):
    calls = [
        {"id": "c1", "type": "function", "function": {"name": "find", "arguments": '{"id": "BW-1", "id": "BW-2"}'}},
        {"id": "c2", "type": "function", "function": {"name": "price", "arguments": '{"a":1}{"b":2}'}},
        {"id": "c3", "type": "custom", "custom": {"name": "sql", "input": ""}},
    ]
    messages = [
        question(0, "assistant", None, tool_calls=calls),
        question(1, "tool", '{"found": true}', tool_call_id="c1"),
        question(2, "tool", "again", tool_call_id="c1"),
        question(3, "tool", None, tool_call_id="gone"),
    ]
    upstream.answer = serving(stored(), *messages)
    html = " ".join(client.get(URL).content.decode().split())
    for shown in (
        'id="call-1"',
        '<a href="#message-1">result ↓</a> <a href="#message-2">result ↓</a>',
        "2 results have the id of this call.",
        "A key stands more than once: id.",
        "Arguments are not valid JSON: a second JSON value begins, at character 7.",
        "no arguments",
        "no result in this conversation",
        'id="result-1-1"',
        '<a href="#call-1">call ↑</a>',
        "Another result has the id of the same call.",
        "The call of this result is not in this conversation.",
        "no content",
    ):
        assert shown in html, shown


def test_arguments_are_held_against_their_schema(client, upstream):
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"required": ["id"]}}}]
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    upstream.answer = serving(stored(tools=tools, choices=[{"message": {"tool_calls": [call]}}]))
    html = client.get(URL).content.decode()
    assert "The arguments break the declared schema:" in html
    assert "id is required" in html


def test_an_answer_is_held_against_the_format_that_was_asked_for(client, upstream):
    asked = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"required": ["a"]}}}
    upstream.answer = serving(stored(response_format=asked, choices=[{"message": {"content": "{}"}}]))
    html = client.get(URL).content.decode()
    assert "The answer breaks the declared schema:" in html
    assert "As JSON" in html
    assert "Follows the schema" not in html
    upstream.answer = serving(stored(response_format=asked, choices=[{"message": {"content": '{"a": 1}'}}]))
    assert "Follows the schema that was asked for." in client.get(URL).content.decode()


def test_citations_lead_to_their_sources(client, upstream):
    cited = {"url": "https://a.example/x", "title": "A page", "start_index": 0, "end_index": 3}
    odd = {"url": "javascript:alert(1)", "start_index": 9, "end_index": 1}
    notes = [{"type": "url_citation", "url_citation": one} for one in (cited, odd)]
    upstream.answer = serving(stored(choices=[{"index": 0, "message": {"content": "abc def", "annotations": notes}}]))
    html = client.get(URL).content.decode()
    assert (
        '<span class="cite">abc</span><sup class="ref"><a href="#choice-0-source-1" aria-label="Source 1">1</a></sup>'
        in html
    )
    assert 'id="choice-0-source-1"' in html
    assert 'href="https://a.example/x" rel="noopener noreferrer nofollow ugc"' in html
    assert "no usable place in the text (9 to 1)" in html
    assert 'href="javascript' not in html
    assert '<span class="cite">' not in client.get(f"{URL}?as=markdown").content.decode()


def test_recordings_images_and_files(client, upstream):
    parts = [
        {
            "type": "image_url",
            "image_url": {"url": "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB", "detail": "low"},
        },
        {"type": "image_url", "image_url": {"url": "https://evil.example/pixel.png"}},
        {"type": "image_url", "image_url": {"url": "data:image/svg+xml;base64,PHN2Zz4="}},
        {"type": "input_audio", "input_audio": {"data": "!!"}},
        {"type": "file", "file": {"filename": "plan.pdf", "file_data": "QUJD"}},
    ]
    audio = {"id": "audio_1", "data": "T2dnUw==", "expires_at": 1_795_372_571, "transcript": "Good morning."}
    upstream.answer = serving(
        stored(choices=[{"message": {"audio": audio}}, {"message": {"audio": {"expires_at": 10**15}}}]),
        question(content=None, content_parts=parts),
    )
    html = client.get(URL).content.decode()
    for shown in (
        f'<img src="{URL}media/?at=/messages/0/content_parts/0/image_url/url"',
        "PNG, 24 B",
        "Image at another place, not loaded",
        "https://evil.example/pixel.png",
        "Image not shown: image/svg+xml",
        "it is not base64",
        "plan.pdf",
        f'<audio controls preload="none" src="{URL}media/?at=/completion/choices/0/message/audio/data"',
        "Good morning.",
        "Ogg, 4 B",
        "expires at 1000000000000000",
        "no recording in the document",
    ):
        assert shown in html, shown
    assert "T2dnUw" not in html
    assert 'src="https://' not in html


def test_very_many_choices_are_counted(client, upstream):
    upstream.answer = serving(stored(choices=[{"index": n, "message": {"content": "x"}} for n in range(130)]))
    html = client.get(URL).content.decode()
    assert html.count('id="choice-') == 128
    assert "2 more choices, in the JSON" in html
    assert "All 128" in html


def test_usage_that_does_not_add_up_is_told(client, upstream):
    usage = {"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": 9}, "completion_tokens": None}
    upstream.answer = serving(stored(usage=usage))
    html = client.get(URL).content.decode()
    assert "The details add up to more than the total." in html
    assert "not set" in html


# --- The list that it was opened from


def test_the_way_back_and_to_the_neighbours_keeps_the_filter(client, upstream):
    upstream.answer = serving(stored())
    html = client.get(f"{URL}?model=gpt&metadata[env]=prod&order=asc&limit=20&after=x").content.decode()
    query = "?model=gpt&amp;metadata%5Benv%5D=prod&amp;order=asc"
    for shown in (
        f'href="/default/completions/{query}&amp;limit=20"',
        f'href="{URL}newer/{query}"',
        f'href="{URL}older/{query}"',
        f'href="{URL}json/{query}"',
        f'data-copy="{URL}"',
    ):
        assert shown in html, shown


def test_a_filter_that_is_wrong_is_left_out(client, upstream):
    upstream.answer = serving(stored())
    assert f'href="{URL}older/"' in client.get(f"{URL}?order=sideways&model=gpt").content.decode()


def test_a_short_id_is_written_out(client, upstream):
    upstream.answer = serving(stored(id="cmpl-7"))
    assert ">cmpl-7</h1>" in client.get("/default/completions/cmpl-7/").content.decode()


# --- As Markdown


def test_a_conversation_as_markdown(client, upstream):
    upstream.answer = serving(stored(), question(0, "user", "Hello?"))
    answer = client.get(f"{URL}conversation.md")
    assert answer.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert "## user (message 0)\n\nHello?" in answer.content.decode()
