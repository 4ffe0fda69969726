"""What the readers of a share link get, and everything that they do not."""

import base64
import json
import logging
import time
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import caches
from django.db import DatabaseError
from django.db.models import QuerySet
from django.test import override_settings
from django.utils import timezone

from dashboard.documents import COMPLETION, MESSAGES
from dashboard.inspection.shared_parts import SHOWABLE
from dashboard.media_response import SANDBOX
from dashboard.models import ShareLink
from dashboard.projects import all_projects
from dashboard.share_links import make_link
from dashboard.views import shares
from tests.stub_upstream import page, question, reply, running, stored
from tests.views.conftest import configured, serving

ITEM = "/default/completions/chatcmpl-1/"
CHROME = (
    '<header class="top"',
    "/login/",
    "/logout/",
    "/default/",
    "alice",
    "newer/",
    "older/",
    "code/",
    "csrf",
    "data-help",
)
PARTS = ("", "messages/?from=0&to=1", "text/?at=/completion/choices/0/message/content", "media/?at=/messages/0/content")
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(200)).decode()
TOKENS = [
    {"token": "Yes", "logprob": -0.1, "bytes": [89, 101, 115], "top_logprobs": [{"token": "No", "logprob": -2.3}]},
    {"token": "!", "logprob": -3.0, "bytes": [33], "top_logprobs": [{"token": "?", "logprob": -1.3}] * 2},
]


def answered(**fields: object):
    message = {"role": "assistant", "content": "Yes!"}
    return stored(choices=[{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None, **fields}])


@pytest.fixture
def rich(upstream) -> None:
    """A completion with something in each part."""
    document = answered(logprobs={"content": TOKENS, "refusal": None}) | {
        "metadata": {"team": "METADATA"},
        "temperature": 0.25,
        "input_user": "PARAMETER",
        "tools": [{"type": "function", "function": {"name": "TOOL", "parameters": {"type": "object"}}}],
        "unheard_of": "UNKNOWN",
    }
    upstream.answer = serving(document, question(0, content="INPUT"))


MARKS = {"input": "INPUT", "tools": "TOOL", "metadata": "METADATA", "parameters": "PARAMETER"}


# --- Which links lead somewhere


@pytest.mark.parametrize("path", ["/s/x/", "/s/", f"/s/{'a' * 43}/", f"/s/{'a' * 43}", "/s/a/b/c/", "/s/../s/x/"])
def test_an_unknown_link_is_not_there(reader, sharer, upstream, path):
    answer = reader.get(path)
    assert answer.status_code == 404
    assert "There is no such link" in answer.content.decode()
    assert upstream.asked == []


def test_a_link_works_without_its_slash(reader, make):
    assert "Answer 1" in reader.get(make().rstrip("/")).content.decode()


def test_an_expired_link_is_gone(reader, make, upstream):
    path = make(lifetime=timedelta(hours=1))
    assert reader.get(path).status_code == 200
    ShareLink.objects.update(expires=timezone.now())
    upstream.asked.clear()
    for part in PARTS:
        answer = reader.get(path + part)
        assert answer.status_code == 410, part
    assert "This link has ended" in answer.content.decode()
    assert upstream.asked == []


def test_a_revoked_link_is_gone_at_once(reader, client, make, sharer):
    path = make()
    assert reader.get(path).status_code == 200
    client.force_login(sharer)
    client.post("/links/revoke/", {"link": ShareLink.objects.get().pk})
    assert [reader.get(path + part).status_code for part in PARTS] == [410] * 4


def test_the_links_of_a_deactivated_account_are_gone(reader, make):
    path = make()
    User.objects.update(is_active=False)
    assert reader.get(path).status_code == 410
    User.objects.update(is_active=True)
    assert reader.get(path).status_code == 200


def test_the_links_of_who_may_not_share_any_more_are_gone(reader, make, sharer):
    path = make()
    sharer.groups.set(Group.objects.filter(name="default: may view"))
    assert reader.get(path).status_code == 410


def test_where_sharing_is_off_no_link_leads_anywhere(reader, make, upstream):
    path = make()
    with override_settings(SHARING=False):
        assert [reader.get(path + part).status_code for part in PARTS] == [404] * 4
    with override_settings(LOGIN_REQUIRED=False):
        assert reader.get(path).status_code == 404
    assert upstream.asked == []
    assert reader.get(path).status_code == 200


def test_what_the_api_has_no_more_is_no_longer_available(reader, make, upstream):
    path = make()
    upstream.fails(404, {"error": {"message": "No such completion: chatcmpl-1", "code": "not_found"}})
    answer = reader.get(path)
    assert answer.status_code == 404
    assert "No longer available" in answer.content.decode()
    assert "chatcmpl" not in answer.content.decode()
    link = ShareLink.objects.get()
    assert (link.gone is not None, link.views) == (True, 0)


def test_a_project_that_is_gone_is_not_there(reader, make, settings):
    path = make()
    settings.API_PROJECTS = (configured("another", "http://127.0.0.1:9/v1"),)
    all_projects.cache_clear()
    assert reader.get(path).status_code == 404


# --- What a link shows, and what it does not


@pytest.mark.parametrize("chosen", [(), *((name,) for name in MARKS), tuple(MARKS)])
def test_it_shows_what_was_chosen_and_nothing_else(reader, make, rich, chosen):
    html = reader.get(make(*chosen)).content.decode()
    assert {name for name, mark in MARKS.items() if mark in html} == set(chosen)
    assert "Yes!" in html
    assert "UNKNOWN" not in html
    assert ("chatcmpl-1" in html) == ("parameters" in chosen)
    assert ("The input is not shown here." in html) == ("input" not in chosen)


@pytest.mark.parametrize("chosen", [(), *((name,) for name in MARKS), tuple(MARKS)])
def test_its_json_holds_what_was_chosen_and_nothing_else(reader, make, rich, chosen):
    path = make("json", *chosen)
    whole = reader.get(f"{path}text/?at=/completion").content.decode()
    messages = reader.get(f"{path}text/?at=/messages").content.decode()
    seen = reader.get(f"{path}json/").content.decode() + reader.get(f"{path}json/?at=/messages").content.decode()
    for written in (whole + messages, seen):
        assert {name for name, mark in MARKS.items() if mark in written} == set(chosen)
        assert "UNKNOWN" not in written
        assert "logprob" not in written
        assert ("chatcmpl-1" in written) == ("parameters" in chosen)
    assert json.loads(whole)["choices"][0]["message"]["content"] == "Yes!"
    assert reader.get(f"{path}json/?at=/messages").status_code == (200 if "input" in chosen else 404)
    for hidden in set(MARKS) - set(chosen):
        place = {"input": "/messages/0/content", "tools": "/completion/tools/0/function/name"}.get(hidden)
        place = place or {"metadata": "/completion/metadata/team", "parameters": "/completion/input_user"}[hidden]
        for part in ("text", "json", "media"):
            assert reader.get(f"{path}{part}/?at={place}").status_code == 404, place


def test_messages_that_come_with_the_completion_are_input_as_well(reader, make, upstream):
    upstream.answer = serving(stored(input_messages=[question(0, content="INPUT")]))
    for _ in range(2):  # the second time out of memory
        assert "INPUT" in reader.get(make("input", "json")).content.decode()
        assert "INPUT" not in reader.get(make("json")).content.decode()
    assert "INPUT" not in reader.get(f"{make('json')}text/?at=/completion").content.decode()
    assert reader.get(f"{make('input')}text/?at=/completion/input_messages/0/content").content == b"INPUT"


def test_without_input_the_api_is_not_asked_for_it(reader, make, upstream):
    assert reader.get(make()).status_code == 200
    assert upstream.asked == ["/chat/completions/chatcmpl-1"]


def test_logprobs_and_json_are_closed_unless_opened(reader, make, rich):
    path = make("input", "tools", "metadata", "parameters")
    html = reader.get(path).content.decode()
    assert "logprobs/" not in html
    assert "json/" not in html
    for part in ("logprobs/", "logprobs/?table=1", "tokens/0/0/", "json/", "json/?at=/completion/choices"):
        answer = reader.get(path + part, headers={"HX-Request": "true"})
        assert answer.status_code == 404, part
        assert "perplexity" not in answer.content.decode()
    for at in ("/completion", "/completion/choices/0", "/completion/choices/0/logprobs", "/messages", "/messages/0"):
        assert reader.get(f"{path}text/?at={at}").status_code == 404, at


def test_logprobs_that_are_open_come_with_their_tokens(reader, make, rich):
    path = make("logprobs")
    assert f'href="{path}logprobs/"' in reader.get(path).content.decode()
    html = reader.get(f"{path}logprobs/").content.decode()
    assert "Perplexity" in html
    assert f'data-src="{path}tokens/0/{{t}}/"' in html
    for hidden in ("json/", "tokens.csv", "chatcmpl", "<kbd>n</kbd>", "/default/"):
        assert hidden not in html, hidden
    fragment = reader.get(f"{path}tokens/0/1/", headers={"HX-Request": "true"})
    assert "Token 1" in fragment.content.decode()
    assert fragment.headers["Cache-Control"] == "no-store, private"
    assert "json/" not in fragment.content.decode()
    assert reader.get(f"{path}tokens/0/1/").headers["Location"] == f"{path}logprobs/?t=1"
    assert reader.get(f"{path}tokens/0/9/", headers={"HX-Request": "true"}).status_code == 404
    assert "Least likely first" in reader.get(f"{path}logprobs/?table=1").content.decode()
    assert reader.get(f"{path}logprobs/?level=9").status_code == 400
    assert reader.get(f"{path}logprobs/tokens.csv").status_code == 404


def test_tokens_lead_to_the_json_where_that_is_open(reader, make, rich):
    path = make("logprobs", "json")
    assert f"{path}json/?at=/completion/choices/0/logprobs/content/1" in reader.get(f"{path}logprobs/").content.decode()


def test_the_tree_of_the_json_comes_in_parts(reader, make, upstream):
    upstream.answer = serving(stored(metadata={f"key-{number}": "x" for number in range(60)}))
    path = make("json", "metadata")
    html = reader.get(f"{path}json/").content.decode()
    assert f'hx-get="{path}json/?at=/completion/metadata' in html
    part = reader.get(f"{path}json/?at=/completion/metadata&from=50", headers={"HX-Request": "true"})
    assert "key-59" in part.content.decode()
    assert "<html" not in part.content.decode()
    assert "key-7" in reader.get(f"{path}json/?q=key-7").content.decode()
    assert reader.get(f"{path}json/?at=/nowhere").status_code == 404


def test_what_is_cut_from_a_tree_is_only_said_where_the_json_is_closed(reader, make, upstream):
    tool = {"type": "function", "function": {"name": "f", "parameters": {f"key-{n}": n for n in range(90)}}}
    upstream.answer = serving(stored(tools=[tool]))
    html = reader.get(make("tools")).content.decode()
    assert '<span class="muted">40 more keys' in html
    assert "json/" not in html


def test_no_link_leads_to_json_that_is_closed(reader, make, upstream):
    parts = [
        {"type": "file", "file": {"filename": "plan.pdf", "file_data": "QUJD"}},
        {"type": "image_url", "image_url": {"url": "data:image/svg+xml;base64,PHN2Zz4="}},
        *[{"type": "text", "text": f"part {number}"} for number in range(70)],
    ]
    choices = [{"index": 0, "message": {"content": "x"}, "logprobs": "odd"}] * 130
    upstream.answer = serving(stored(choices=choices), question(content=None, content_parts=parts))
    closed, opened = (reader.get(make("input", *more)).content.decode() for more in ((), ("json",)))
    for words in ("plan.pdf", "Image not shown", "more parts of this message", "2 more choices"):
        assert words in closed
        assert words in opened
    assert "json/" not in closed
    assert opened.count("json/") > 4


def test_long_texts_come_in_pieces_and_are_copied_whole(reader, make, upstream):
    long = "A line of the text.\n" * 1_000
    upstream.answer = serving(stored(), question(content=long))
    path = make("input")
    assert f'hx-get="{path}text/?at=/messages/0/content&amp;from=' in reader.get(path).content.decode()
    assert reader.get(f"{path}text/?at=/messages/0/content").content.decode() == long
    piece = reader.get(f"{path}text/?at=/messages/0/content&from=4000", headers={"HX-Request": "true"})
    assert piece.content.decode().startswith("<div>")


def test_the_middle_of_a_long_conversation_comes_when_it_is_asked_for(reader, make, upstream):
    upstream.answer = serving(stored(), *[question(number, content=f"Said {number}.") for number in range(90)])
    path = make("input")
    html = reader.get(path).content.decode()
    assert f'hx-get="{path}messages/?from=' in html
    assert "Said 50." not in html
    more = reader.get(f"{path}messages/?from=50&to=60", headers={"HX-Request": "true"})
    assert "Said 50." in more.content.decode()
    assert reader.get(f"{path}messages/?from=50&to=60").headers["Location"] == f"{path}?from=50#message-50"
    assert reader.get(f"{make()}messages/?from=50&to=60", headers={"HX-Request": "true"}).status_code == 404


def test_media_of_what_is_shown_are_served_and_of_nothing_else(reader, make, upstream):
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    upstream.answer = serving(stored(), question(content=None, content_parts=[image]))
    place = "media/?at=/messages/0/content_parts/0/image_url/url"
    path = make("input")
    assert f'src="{path}{place}"' in reader.get(path).content.decode()
    answer = reader.get(path + place)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    assert answer.headers["Content-Security-Policy"] == SANDBOX
    assert reader.get(make() + place).status_code == 404
    assert reader.get(f"{path}media/?at=/messages/0/nothing").status_code == 404
    assert reader.get(f"{path}media/?at=/messages/0").status_code == 404


def test_an_address_below_a_link_names_no_other_completion(reader, make, upstream, sharer):
    path = make("input", "json")
    upstream.asked.clear()
    for part in (
        "chatcmpl-2/",
        "completions/chatcmpl-2/",
        "chatcmpl-2.json",
        "messages.json",
        "conversation.md",
        "newer/",
        "older/",
        "panel/",
        "code/",
        "share/",
        "there/",
        "inputs/?id=chatcmpl-2",
        "text/?at=/completion/../chatcmpl-2",
        "..%2fchatcmpl-2/",
    ):
        assert reader.get(path + part).status_code == 404, part
    assert "Answer 1" in reader.get(f"{path}?id=chatcmpl-2&project=other&after=chatcmpl-2").content.decode()
    assert {asked.partition("?")[0].removesuffix("/messages") for asked in upstream.asked} == {
        "/chat/completions/chatcmpl-1"
    }


def test_a_link_into_one_project_asks_no_other(reader, sharer, upstream, settings):
    with running() as other:
        settings.API_PROJECTS += (configured("other", other.base_url),)
        other.answer = lambda path, query: page([])
        path = make_link(sharer, "other", "chatcmpl-1", ShareLink().shown, timedelta(days=1))[1]
        assert reader.get(path).status_code == 410, "its maker may not share that project"
        assert (upstream.asked, other.asked) == ([], [])


def test_a_link_signs_nobody_in(reader, make):
    path = make(*SHOWABLE)
    reader.get(path)
    for behind in (ITEM, "/default/completions/", "/default/completions/chatcmpl-1.json", "/links/", "/admin/"):
        assert reader.get(behind).status_code in (302, 401), behind


# --- The page


def test_there_is_nothing_of_the_dashboard_around_it(reader, make, rich):
    path = make(*(set(SHOWABLE) - {"parameters"}))
    for part in ("", "logprobs/", "logprobs/?table=1", "json/"):
        html = reader.get(path + part).content.decode()
        for word in CHROME:
            assert word not in html, (part, word)
        assert 'href="/"' not in html
        assert "data-public" in html


def test_there_is_nothing_of_the_dashboard_around_a_failure(reader, make, upstream):
    path = make()
    upstream.fails(401, {"error": {"message": "Incorrect API key provided: sk-CANARY", "code": "invalid_api_key"}})
    pages = [reader.get(path), reader.get("/s/x/"), reader.get(f"/s/x/?{'a' * 200_001}")]
    pages.append(reader.get(path, headers={"HX-Request": "true", "Sec-Fetch-Site": "cross-site"}))
    ShareLink.objects.update(revoked=timezone.now())
    pages.append(reader.get(path))
    assert [answer.status_code for answer in pages] == [502, 404, 400, 403, 410]
    for answer in pages:
        html = answer.content.decode()
        for word in (*CHROME, 'href="/"', "API", "key", "chatcmpl"):
            assert word not in html, (answer.status_code, word)


def test_the_reader_of_a_link_has_no_cookies_and_gets_none(reader, client, make, sharer):
    path = make("input")
    plain = reader.get(path)
    client.force_login(sharer)
    for name, value in (("theme", "dark"), ("as", "markdown"), ("tz", "Asia/Tokyo"), ("system", "open")):
        client.cookies[name] = value
    session = dict(client.session)
    for answer in (plain, client.get(path), client.get("/s/x/"), client.get(f"{path}text/?at=/messages/0/content")):
        assert not answer.cookies
        assert "Set-Cookie" not in answer.headers
    assert client.get(path).content == plain.content
    assert dict(client.session) == session
    assert client.get(ITEM).status_code == 200, "who is signed in stays so"


@pytest.mark.parametrize("part", ["", "json/", "text/?at=/completion/choices/0/message/content", "nowhere/"])
def test_every_answer_has_the_headers(reader, make, part):
    path = make("json")
    answers = [reader.get(path + part), reader.post(path + part)]
    ShareLink.objects.update(revoked=timezone.now())
    answers.append(reader.get(path + part))
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store, private"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
        policy = answer.headers["Content-Security-Policy"]
        is_page = answer.headers["Content-Type"].startswith("text/html") and answer.status_code != 405
        for rule in ("default-src 'none'", "frame-ancestors 'none'", "script-src 'self'", "form-action 'self'"):
            assert rule in policy or (rule.endswith("'self'") and not is_page)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "trace"])
def test_a_link_is_only_read(reader, make, upstream, method):
    answer = getattr(reader, method)(make())
    assert (answer.status_code, answer.headers["Allow"], answer.content) == (405, "GET, HEAD", b"")
    assert upstream.asked == []


def test_its_head_is_that_of_the_page_and_counts_as_no_view(reader, make):
    path = make()
    head, whole = reader.head(path), reader.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Type"] == whole.headers["Content-Type"]
    assert ShareLink.objects.get().views == 1


def test_hostile_content_is_text(reader, make, upstream):
    document = stored(
        model=HOSTILE,
        metadata={HOSTILE: HOSTILE},
        tools=[{"type": HOSTILE, HOSTILE: {"name": HOSTILE, "description": HOSTILE}}],
        input_user=HOSTILE,
        choices=[
            {
                "index": 0,
                "finish_reason": HOSTILE,
                "message": {
                    "role": HOSTILE,
                    "content": HOSTILE,
                    "refusal": HOSTILE,
                    "tool_calls": [
                        {"id": HOSTILE, "type": HOSTILE, "function": {"name": HOSTILE, "arguments": HOSTILE}}
                    ],
                },
                "logprobs": {"content": [{"token": HOSTILE, "logprob": -1, "top_logprobs": [{"token": HOSTILE}]}]},
            }
        ],
    )
    upstream.answer = serving(document, question(0, HOSTILE, HOSTILE, name=HOSTILE))
    path = make(*SHOWABLE)
    for part in ("", "?as=markdown", "logprobs/", "logprobs/?table=1", "json/", "json/?q=script", "json/?at=/messages"):
        html = reader.get(path + part).content.decode()
        assert "alert(1)" in html, part
        assert "<script>" not in html, part
        assert "<img" not in html, part
    text = reader.get(f"{path}text/?at=/messages/0/content")
    assert text.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert text.headers["X-Content-Type-Options"] == "nosniff"


def test_markdown_is_chosen_by_the_address(reader, make, upstream):
    upstream.answer = serving(stored(choices=[{"message": {"content": "**bold**"}}]))
    path = make()
    assert "<strong>bold</strong>" in reader.get(f"{path}?as=markdown").content.decode()
    html = reader.get(path).content.decode()
    assert f'href="{path}?as=markdown"' in html
    assert "data-as" not in html
    assert "<strong>bold</strong>" not in html


# --- The API behind it


@pytest.mark.parametrize(
    ("status", "answered"), [(400, 502), (401, 502), (429, 503), (500, 502), (503, 503), (504, 504)]
)
def test_a_failure_of_the_api_is_told_in_neutral_words(reader, make, upstream, status, answered):
    path = make("input")
    upstream.fails(status, {"error": {"message": "req_1 of org-SECRET"}}, retry_after="30")
    answer = reader.get(path)
    assert answer.status_code == answered
    assert "This cannot be shown at the moment" in answer.content.decode()
    assert "SECRET" not in answer.content.decode()
    if status == 429:
        assert answer.headers["Retry-After"] == "30"


def test_missing_messages_are_said_without_the_failure_behind_them(reader, make, upstream):
    upstream.answer = lambda path, query: (
        reply({"error": {"message": "SECRET"}}, 500) if "messages" in path else reply(stored())
    )
    html = reader.get(make("input", "json")).content.decode()
    assert "Input messages are missing here." in html
    assert "SECRET" not in html
    assert reader.get(f"{make('input')}text/?at=/messages/0/content").status_code == 502


def test_a_server_without_messages_is_known_to_have_none(reader, make, upstream):
    upstream.answer = lambda path, query: reply({"detail": "Not Found"}, 404) if "messages" in path else reply(stored())
    path = make("input", "json")
    for _ in range(2):
        assert "does not offer input messages" in reader.get(path).content.decode()
    assert len(upstream.asked) == 2
    assert "does not offer input messages" in reader.get(f"{path}json/?at=/messages").content.decode()


def test_many_readers_are_one_call(reader, make, upstream):
    path = make("input")
    first = reader.get(path).content
    assert [reader.get(path).content for _ in range(5)] == [first] * 5
    assert len(upstream.asked) == 2
    reader.get(f"{path}text/?at=/messages/0/content")
    assert len(upstream.asked) == 2


@pytest.mark.parametrize("dropped", [COMPLETION, MESSAGES])
def test_what_memory_had_no_room_for_is_asked_for_again(reader, make, upstream, dropped):
    path = make("input")
    first = reader.get(path).content
    caches["content"].delete(f"document:{all_projects()['default'].fingerprint}:chatcmpl-1:{dropped}")
    assert reader.get(path).content == first
    assert len(upstream.asked) == 4


def test_what_is_missing_is_not_asked_for_again_at_once(reader, make, upstream):
    path = make()
    upstream.fails(404, {"error": {"message": "No such completion."}})
    assert [reader.get(path).status_code for _ in range(5)] == [404] * 5
    assert len(upstream.asked) == 1


def test_a_page_is_as_the_api_has_it_after_less_than_a_minute(reader, make, upstream, monkeypatch):
    path = make("input", "metadata")
    assert "prod" in reader.get(path).content.decode()
    upstream.answer = serving(stored(metadata={"env": "CHANGED"}))
    assert "CHANGED" not in reader.get(path).content.decode()
    monkeypatch.setattr("dashboard.shared_completion.FRESH_SECONDS", 0.2)
    other = make("input", "metadata", completion_id="chatcmpl-2")
    assert "CHANGED" in reader.get(other).content.decode()
    upstream.answer = serving(stored(metadata={"env": "AGAIN"}))
    time.sleep(0.3)
    assert "AGAIN" in reader.get(other).content.decode()


def test_what_came_back_is_shown_again(reader, make, upstream, monkeypatch):
    path = make()
    ShareLink.objects.update(gone=timezone.now())
    assert reader.get(path).status_code == 200
    assert ShareLink.objects.get().gone is None


def test_readers_have_places_of_their_own(reader, client, make, sharer, settings):
    settings.SHARE_SLOTS = 1
    all_projects.cache_clear()
    path = make()
    project = all_projects()["default"]
    assert project.readers._slots.take()
    answer = reader.get(path)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    client.force_login(sharer)
    assert client.get(ITEM).status_code == 200
    project.readers._slots.give_back()
    assert reader.get(path).status_code == 200


# --- Limits, counts, and what is written down


def test_a_link_is_opened_sixty_times_a_minute(reader, make, monkeypatch):
    monkeypatch.setattr("dashboard.views.shares.PER_LINK", 3)
    path, other = make(), make()
    statuses = [reader.get(path).status_code for _ in range(4)]
    if 429 not in statuses:  # a minute ended in between
        statuses = [reader.get(path).status_code for _ in range(4)]
    assert statuses[-1] == 429
    answer = reader.get(path)
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert "Too many requests" in answer.content.decode()
    assert reader.get(other).status_code == 200
    assert reader.get(f"{path}text/?at=/completion/choices/0/message/content").status_code == 200


def test_addresses_of_one_household_are_held_back_together(reader, make, monkeypatch):
    now = time.time() // 60 * 60 + 10  # so that no minute ends in between
    monkeypatch.setattr(time, "time", lambda: now)
    monkeypatch.setattr("dashboard.views.shares.PER_ADDRESS", 2)
    path = make()
    tried = ["2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::1"]
    assert [reader.get(path, REMOTE_ADDR=address).status_code for address in tried] == [200, 200, 429, 200]


def test_an_address_is_held_back_whichever_links_it_tries(reader, make, monkeypatch):
    monkeypatch.setattr("dashboard.views.shares.PER_ADDRESS", 3)
    path = make()
    statuses = [reader.get(f"/s/guess-{number}/").status_code for number in range(8)]
    assert statuses[-1] == 429
    assert reader.get(path).status_code == 429
    assert reader.get(path, REMOTE_ADDR="127.0.0.9").status_code == 200


def test_the_limits_are_those_that_are_documented():
    assert (shares.PER_LINK, shares.PER_ADDRESS) == (60, 120)


def test_views_are_counted_and_parts_are_none(reader, make):
    path = make("json", "input")
    for part in ("", "json/", "text/?at=/messages/0/content", "nowhere/"):
        reader.get(path + part)
    reader.get(f"{path}json/?at=/completion/choices", headers={"HX-Request": "true"})
    link = ShareLink.objects.get()
    assert link.views == 2
    assert link.last_view
    assert timezone.now() - link.last_view < timedelta(seconds=30)


def test_a_database_that_cannot_be_written_keeps_nobody_from_reading(reader, make, monkeypatch, upstream):
    path = make()

    def refuse(*args: object, **values: object) -> int:
        raise DatabaseError("database is locked")

    monkeypatch.setattr(QuerySet, "update", refuse)
    assert reader.get(path).status_code == 200
    upstream.fails(404, {"error": {"message": "No such completion."}})
    assert reader.get(make(completion_id="chatcmpl-2")).status_code == 404


def test_the_secret_of_a_link_is_written_into_no_log(reader, make, upstream, caplog):
    caplog.set_level(logging.DEBUG)
    path = make("json", "logprobs")
    secret = path.split("/")[2]
    for part in ("", "json/", "nowhere/", "text/?at=/x", "logprobs/"):
        reader.get(path + part)
        reader.post(path + part)
    upstream.fails(500, {})
    reader.get(f"{path}?{'a' * 200_001}")
    ShareLink.objects.update(revoked=timezone.now())
    reader.get(path)
    written = [
        f"{record.getMessage()} {record.__dict__} {record.__dict__.get('request')!r}" for record in caplog.records
    ]
    assert len(written) > 5
    assert not [line for line in written if secret in line]


def test_what_fails_within_is_logged_without_the_secret(make, caplog, client, monkeypatch):
    path = make()
    client.raise_request_exception = False
    monkeypatch.setattr("dashboard.views.shares.whole", None)
    assert client.get(path).status_code == 500
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert errors
    assert not [one for one in errors if path.split("/")[2] in f"{one.getMessage()} {one.__dict__.get('request')!r}"]
