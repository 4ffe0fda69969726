import re
import time

from django.core.cache import caches
from django.db import connection

from dashboard.inputs import input_previews
from dashboard.projects import get_project
from dashboard.upstream.watchdog import Deadline
from tests.stub_upstream import page, question, reply

URL = "/default/inputs/"


def shown(response) -> dict[str, str]:
    cells = re.findall(r'<span hx-swap-oob="innerHTML:#row-([^" ]+) .c-in">(.*?)</span>\n', response.content.decode())
    return {name: re.sub("<[^>]+>", "", html) for name, html in cells}


def test_each_row_gets_its_last_user_message(htmx, upstream):
    messages = [question(2, "tool", "{}"), question(1), question(0, "system", "Be kind.")]
    upstream.answer = lambda path, query: page(messages)
    assert shown(htmx(f"{URL}?id=chatcmpl-1&id=chatcmpl-2")) == {"chatcmpl-1": "A question", "chatcmpl-2": "A question"}
    assert sorted(upstream.asked) == [
        "/chat/completions/chatcmpl-1/messages?order=desc&limit=20",
        "/chat/completions/chatcmpl-2/messages?order=desc&limit=20",
    ]


def test_messages_never_change_so_they_are_asked_for_once(htmx, upstream):
    upstream.answer = lambda path, query: page([question()])
    for _ in range(3):
        assert shown(htmx(f"{URL}?id=chatcmpl-1")) == {"chatcmpl-1": "A question"}
    assert len(upstream.asked) == 1


def test_another_key_does_not_see_what_is_remembered(upstream):
    caches["content"].set(f"input:{get_project('default').fingerprint}:chatcmpl-1", "secret")
    assert "CANARY" not in get_project("default").fingerprint


def test_without_a_user_message_the_last_one_is_named_by_its_role(htmx, upstream):
    upstream.answer = lambda path, query: page([question(0, "developer", "Only rules")])
    assert shown(htmx(f"{URL}?id=chatcmpl-1")) == {"chatcmpl-1": "developer: Only rules"}


def test_parts_that_are_no_text_are_named(htmx, upstream):
    parts = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": "data:"}}]
    upstream.answer = lambda path, query: page([question(content=None, content_parts=parts)])
    assert shown(htmx(f"{URL}?id=chatcmpl-1")) == {"chatcmpl-1": "What is this? [image_url]"}


def test_no_messages_are_told(htmx, upstream):
    assert shown(htmx(f"{URL}?id=chatcmpl-1")) == {"chatcmpl-1": "no messages"}


def test_an_input_that_fails_leaves_a_dash_and_is_asked_for_again(htmx, upstream):
    upstream.fails(500)
    assert shown(htmx(f"{URL}?id=chatcmpl-1")) == {"chatcmpl-1": "–"}
    upstream.answer = lambda path, query: page([question()])
    assert shown(htmx(f"{URL}?id=chatcmpl-1")) == {"chatcmpl-1": "A question"}


def test_a_completion_that_is_gone_has_no_messages(htmx, upstream):
    upstream.fails(404, {"error": {"message": "Completion chatcmpl-1 not found", "code": "not_found"}})
    assert shown(htmx(f"{URL}?id=chatcmpl-1")) == {"chatcmpl-1": "no messages"}


def test_an_input_of_megabytes_is_not_read_for_a_preview(htmx, upstream):
    upstream.answer = lambda path, query: page([question(content="x" * 2_100_000)])
    assert shown(htmx(f"{URL}?id=chatcmpl-1")) == {"chatcmpl-1": "larger than 2 MB"}


def test_a_server_without_messages_is_asked_once(htmx, upstream):
    upstream.answer = lambda path, query: reply({"detail": "Not Found"}, 404)
    for _ in range(3):
        assert shown(htmx(f"{URL}?id=chatcmpl-1")) == {"chatcmpl-1": "–"}
    assert len(upstream.asked) == 1


def test_ids_that_are_none_are_not_asked_for(htmx, upstream):
    response = htmx(f"{URL}?id=../x&id=%3Cscript%3E&id=")
    assert response.status_code == 200
    assert shown(response) == {}
    assert upstream.asked == []


def test_a_batch_is_bounded(htmx, upstream):
    upstream.answer = lambda path, query: page([question()])
    htmx(URL + "?" + "&".join(f"id=chatcmpl-{number}" for number in range(80)))
    assert len(upstream.asked) == 50


def test_inputs_that_take_too_long_are_left_out(upstream):
    def slow(path, query):
        time.sleep(0.6)
        return page([question()])

    upstream.answer = slow
    ids = [f"chatcmpl-{number}" for number in range(8)]
    assert input_previews(get_project("default"), ids, Deadline(0.2)) == {}


def test_inputs_come_without_the_database_too(htmx, upstream):
    upstream.answer = lambda path, query: page([question()])
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE dashboard_cache")
    assert shown(htmx(f"{URL}?id=chatcmpl-1")) == {"chatcmpl-1": "A question"}
