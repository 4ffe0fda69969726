"""The JSON tab, and single texts and media out of the documents."""

import base64
import json

import pytest

from dashboard.documents import COMPLETION, recall
from dashboard.projects import get_project
from dashboard.upstream.tokens import TokenList, tokens
from tests.stub_upstream import page, question, reply, stored
from tests.views.test_completion import serving

URL = "/default/completions/chatcmpl-1/"
SOUND = bytes(range(256)) * 40


def test_the_json_tab_shows_the_document_as_a_tree(client, upstream):
    upstream.answer = serving(stored(seed=-2442975908631003347))
    html = client.get(f"{URL}json/").content.decode()
    for shown in ("&quot;seed&quot;", "-2442975908631003347", "as received at", 'aria-current="page">JSON', "1 item"):
        assert shown in html, shown
    assert upstream.asked == ["/chat/completions/chatcmpl-1"]


def test_a_part_of_the_document_has_an_address(client, upstream):
    upstream.answer = serving(stored())
    html = client.get(f"{URL}json/?at=/completion/metadata").content.decode()
    assert "&quot;prod&quot;" in html
    assert "&quot;choices&quot;" not in html
    assert f'href="{URL}json/?at=/completion"' in html
    assert f'data-copy="{URL}json/?at=/completion/metadata"' in html


def test_the_messages_are_one_list_over_all_pages(client, upstream):
    def answer(path, query):
        if not path.endswith("/messages"):
            return reply(stored())
        return page([question(100)]) if dict(query).get("after") else page([question(n) for n in range(100)], True)

    upstream.answer = answer
    html = client.get(f"{URL}json/?at=/messages&from=90").content.decode()
    assert "chatcmpl-1-100" in html
    assert f'href="{URL}messages.json?after=chatcmpl-1-99" download="chatcmpl-1-messages-2.json"' in html
    assert len(upstream.asked) == 3


def test_messages_that_cannot_be_had_are_told(client, upstream):
    upstream.answer = lambda path, query: reply({"detail": "Not Found"}, 404) if "messages" in path else reply(stored())
    assert "does not offer input messages" in client.get(f"{URL}json/?at=/messages").content.decode()
    upstream.answer = lambda path, query: reply({}, 500) if "messages" in path else reply(stored())
    assert client.get(f"{URL}text/?at=/messages/0/content").status_code == 404


def test_a_failure_of_the_messages_is_one_of_their_parts(client, upstream):
    upstream.answer = lambda path, query: reply({}, 500) if "messages" in path else reply(stored())
    assert client.get(f"{URL}text/?at=/messages/0/content").status_code == 502


@pytest.mark.parametrize(
    "at", ["", "/", "/x", "completion", "/completion/gone", "/completion/choices/9", "/messages/7"]
)
def test_a_place_that_is_none_is_not_found(client, upstream, at):
    upstream.answer = serving(stored())
    assert client.get(f"{URL}json/", {"at": at}).status_code == 404
    assert client.get(f"{URL}text/", {"at": at}).status_code == 404
    assert client.get(f"{URL}media/", {"at": at}).status_code == 404


def test_a_tree_brings_its_parts_without_asking_again(client, htmx, upstream):
    upstream.answer = serving(stored(novelty=[f"item {n}" for n in range(120)]))
    client.get(f"{URL}json/")
    part = htmx(f"{URL}json/?at=/completion/novelty&from=50").content.decode()
    assert "item 50" in part
    assert "item 99" in part
    assert "item 100" not in part
    assert "from=100" in part
    assert len(upstream.asked) == 1


def test_a_part_that_is_no_longer_kept_is_asked_for(htmx, upstream):
    upstream.answer = serving(stored(novelty="x"), question(0, content="Hello"))
    assert "&quot;x&quot;" in htmx(f"{URL}json/?at=/completion/novelty").content.decode()
    assert "Hello" in htmx(f"{URL}json/?at=/messages/0/content").content.decode()
    assert len(upstream.asked) == 2


def test_token_lists_wait_until_they_are_opened(client, htmx, upstream):
    token = {"token": "Hello", "logprob": -0.5, "bytes": None, "top_logprobs": []}
    choice = {"index": 0, "message": {"content": "Hello"}, "logprobs": {"content": [token] * 60, "refusal": None}}
    upstream.answer = serving(stored(choices=[choice]))
    html = client.get(f"{URL}json/?at=/completion/choices/0/logprobs").content.decode()
    assert "logprob&quot;" not in html
    assert f'href="{URL}json/?at=/completion/choices/0/logprobs/content" hx-get=' in html
    assert "60 items, 4 kB" in html
    part = htmx(f"{URL}json/?at=/completion/choices/0/logprobs/content").content.decode()
    assert part.count("logprob&quot;") == 50
    assert "10 more items" in part


def test_a_key_that_stands_twice_is_shown_twice(client, upstream):
    upstream.answer = lambda path, query: (
        200,
        {"content-type": "application/json"},
        b'{"id": "chatcmpl-1", "choices": [], "a": 1, "a": 2}',
    )
    html = client.get(f"{URL}json/").content.decode()
    assert html.count("repeated") == 2


def test_a_text_is_shown_as_text(client, upstream):
    upstream.answer = serving(stored(novelty="two\nlines " + "x" * 600_000))
    html = client.get(f"{URL}json/?at=/completion/novelty").content.decode()
    assert "<div>two\n</div><span>lines xxx" in html
    assert "Text, 600,010 characters" in html
    assert "Show the next 250,000 of 600,010 characters" in html
    assert len(html) < 400_000


def test_the_search_names_places(client, upstream):
    upstream.answer = serving(stored())
    html = client.get(f"{URL}json/?q=ANSWER").content.decode()
    assert "1 place with “ANSWER”" in html
    assert f'href="{URL}json/?at=/completion/choices/0/message/content"' in html
    assert "<mark>Answer</mark>" in html
    assert "Nothing here holds “absent”" in client.get(f"{URL}json/?q=absent").content.decode()


def test_the_search_ends_early(client, upstream):
    upstream.answer = serving(stored(novelty=["needle"] * 500))
    assert "The first 100 places" in client.get(f"{URL}json/?q=needle").content.decode()


# --- Texts


def test_a_text_is_exactly_the_one_that_was_received(client, upstream):
    text = " \t\n\x00\u202e🚲<b>\r\n "
    upstream.answer = serving(stored(novelty=text))
    answer = client.get(f"{URL}text/?at=/completion/novelty")
    assert answer.content.decode() == text
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_text_comes_in_stretches(htmx, upstream):
    upstream.answer = serving(stored(novelty="".join(f"line {n}\n" for n in range(60_000))))
    part = htmx(f"{URL}text/?at=/completion/novelty&from=4000").content.decode()
    assert part.count("<div>") > 20
    assert "from=254000" in part
    last = htmx(f"{URL}text/?at=/completion/novelty&from=504000").content.decode()
    assert "line 59999" in last
    assert "hx-get" not in last


def test_what_is_no_text_is_its_json(client, upstream):
    upstream.answer = serving(stored(novelty={"a": [1, None]}))
    assert client.get(f"{URL}text/?at=/completion/novelty").content == b'{"a": [1, null]}'


# --- Media


def media(client, upstream, value: object, **headers: str):
    upstream.answer = serving(stored(novelty=value))
    return client.get(f"{URL}media/?at=/completion/novelty", headers=headers)


def test_a_recording_is_served_so_that_it_can_only_be_played(client, upstream):
    answer = media(client, upstream, base64.b64encode(b"OggS" + SOUND).decode())
    assert answer.content == b"OggS" + SOUND
    assert answer.headers["Content-Type"] == "audio/ogg"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == 'inline; filename="media.ogg"'
    assert "no-store" in answer.headers["Cache-Control"]


def test_raw_sound_can_be_played(client, upstream):
    answer = media(client, upstream, base64.b64encode(SOUND).decode())
    assert (answer.headers["Content-Type"], answer.content[:4], answer.content[44:]) == ("audio/wav", b"RIFF", SOUND)


def test_an_image_has_the_type_of_its_bytes(client, upstream):
    answer = media(client, upstream, f"data:text/html;base64,{base64.b64encode(b'GIF89a' + bytes(9)).decode()}")
    assert answer.headers["Content-Type"] == "image/gif"


def test_an_image_of_too_many_pixels_is_not_served(client, upstream):
    vast = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (100_000).to_bytes(4, "big") * 2
    assert media(client, upstream, f"data:image/png;base64,{base64.b64encode(vast).decode()}").status_code == 404


@pytest.mark.parametrize(
    "value", ["data:image/svg+xml;base64,PHN2Zz4=", "data:text/html;base64,PGI+", "not base64!", "", 5, {"a": 1}]
)
def test_nothing_else_is_served(client, upstream, value):
    assert media(client, upstream, value).status_code == 404


@pytest.mark.parametrize(
    ("wanted", "status", "start", "stop"),
    [
        ("bytes=0-", 206, 0, 10_244),
        ("bytes=4-9", 206, 4, 10),
        ("bytes=-4", 206, 10_240, 10_244),
        ("bytes=-99999", 206, 0, 10_244),
        ("bytes=10000-99999", 206, 10_000, 10_244),
        ("bytes=0-1,5-6", 200, 0, 10_244),
        ("bytes=9-4", 200, 0, 10_244),
        ("bytes=-", 200, 0, 10_244),
        ("lines=1-2", 200, 0, 10_244),
    ],
)
def test_a_player_may_ask_for_a_range(client, upstream, wanted, status, start, stop):
    data = b"OggS" + SOUND
    answer = media(client, upstream, base64.b64encode(data).decode(), Range=wanted)
    assert (answer.status_code, answer.content) == (status, data[start:stop])
    if status == 206:
        assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/10244"


def test_a_range_is_never_compressed(client, upstream):
    data = b"OggS" + bytes(10_000)
    answer = media(
        client, upstream, base64.b64encode(data).decode(), **{"Accept-Encoding": "gzip", "Range": "bytes=0-"}
    )
    assert (answer.status_code, answer.content) == (206, data)


@pytest.mark.parametrize("wanted", ["bytes=20000-", "bytes=-0"])
def test_a_range_behind_the_end_is_none(client, upstream, wanted):
    answer = media(client, upstream, base64.b64encode(b"OggS" + SOUND).decode(), Range=wanted)
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, "bytes */10244")


# --- Use in code


def test_a_completion_as_code(client, upstream):
    upstream.answer = serving(stored(temperature=0.5), question())
    html = client.get(f"{URL}code/").content.decode()
    for shown in ("Python (openai)", "cURL", "JavaScript (openai)", upstream.base_url, "temperature", "code/run.py"):
        assert shown in html, shown
    assert "CANARY" not in html


@pytest.mark.parametrize("suffix", ["py", "sh", "mjs"])
def test_the_whole_request_can_be_downloaded(client, upstream, suffix):
    upstream.answer = serving(stored(), question(0, content="The whole question"))
    answer = client.get(f"{URL}code/run.{suffix}")
    assert "The whole question" in answer.content.decode()
    assert answer.headers["Content-Disposition"] == f'attachment; filename="chatcmpl-1.{suffix}"'
    assert client.get(f"{URL}code/run.exe").status_code == 404


def test_a_download_without_its_messages_says_so(client, upstream):
    upstream.answer = lambda path, query: reply({"detail": "Not Found"}, 404) if "messages" in path else reply(stored())
    assert client.get(f"{URL}code/run.mjs").content.startswith(b"// This server does not offer input messages")


def test_long_code_is_not_coloured(client, upstream):
    upstream.answer = serving(stored(input_user="x" * 30_000))
    html = client.get(f"{URL}code/").content.decode()
    assert "x" * 30_000 in html
    assert json.dumps(stored()["model"])[1:-1] in html


def test_a_large_document_is_kept_whole(client, upstream):
    entry = {"token": " a", "logprob": -0.5, "bytes": [32, 97], "top_logprobs": [{"token": " b", "logprob": -1}] * 20}
    content = [entry | {"number": n} for n in range(700)]
    document = stored(choices=[{"index": 0, "message": {"content": "x"}, "logprobs": {"content": content}}])
    upstream.answer = serving(document)
    client.get(URL)
    kept = recall(get_project("default"), "chatcmpl-1", COMPLETION)
    listed = kept["choices"][0]["logprobs"]["content"]
    assert isinstance(listed, TokenList)
    assert tokens(listed) == tokens(content)
    kept["choices"][0]["logprobs"]["content"] = list(listed)
    assert kept == document


def test_a_large_document_that_has_changed_is_kept_anew(client, upstream):
    for said in ("first", "second"):
        content: list[dict] = [{"token": said, "logprob": -0.5, "top_logprobs": []}] * 9_000
        upstream.answer = serving(stored(choices=[{"message": {}, "logprobs": {"content": content}}]))
        client.get(URL)
        at = "/completion/choices/0/logprobs/content/8999/token"
        assert client.get(f"{URL}text/?at={at}").content.decode() == said
