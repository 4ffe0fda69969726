import re
import time
from concurrent.futures import wait
from dataclasses import replace

from django.db import connection

from dashboard.inputs import _task as input_task
from dashboard.projects import all_projects, get_project
from dashboard.upstream.slots import Slots
from tests.stub_upstream import page, question, reply, running, stored
from tests.views.conftest import configured

URL = "/default/inputs/"


def shown(response) -> dict[str, str]:
    cells = re.findall(r'<span hx-swap-oob="innerHTML:#row-([^" ]+) .c-in">(.*?)</span>\n', response.content.decode())
    return {name: re.sub("<[^>]+>", "", html) for name, html in cells}


def late(seconds: float):
    def answer(path, query):
        time.sleep(seconds)
        return page([question()])

    return answer


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


def test_another_key_does_not_see_what_is_remembered(htmx, upstream, settings):
    upstream.answer = lambda path, query: page([question()])
    htmx(f"{URL}?id=chatcmpl-1")
    settings.API_PROJECTS = (replace(settings.API_PROJECTS[0], key="another-key"),)
    all_projects.cache_clear()
    upstream.answer = lambda path, query: page([question(content="Of the other key")])
    assert shown(htmx(f"{URL}?id=chatcmpl-1")) == {"chatcmpl-1": "Of the other key"}


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


def test_inputs_that_take_long_are_asked_for_again(htmx, upstream, monkeypatch):
    monkeypatch.setattr("dashboard.inputs.WAIT_SECONDS", 0.3)

    def slow(path, query):
        time.sleep(0.2 if path.endswith("-0/messages") else 0.6)
        return page([question()])

    upstream.answer = slow
    html = htmx(URL + "?" + "&".join(f"id=chatcmpl-{number}" for number in range(8))).content.decode()
    assert html.count("A question") == 1
    assert 'hx-get="/default/inputs/?id=chatcmpl-1&amp;id=chatcmpl-2' in html
    time.sleep(0.7)
    asked = len(upstream.asked)
    assert shown(htmx(f"{URL}?id=chatcmpl-1")) == {"chatcmpl-1": "A question"}
    assert len(upstream.asked) == asked, "what came too late for its answer is kept for the next one"


def test_when_nothing_came_in_time_nothing_is_asked_for_again(htmx, upstream, monkeypatch):
    monkeypatch.setattr("dashboard.inputs.WAIT_SECONDS", 0.05)
    upstream.answer = late(0.3)
    html = htmx(f"{URL}?id=chatcmpl-1&id=chatcmpl-2").content.decode()
    assert "hx-get" not in html
    time.sleep(0.4)


def test_a_limit_of_the_api_pauses_all_previews(htmx, upstream):
    upstream.fails(429, None, retry_after="60")
    ids = "&".join(f"id=chatcmpl-{number}" for number in range(50))
    assert set(shown(htmx(f"{URL}?{ids}")).values()) == {"–"}
    assert len(upstream.asked) <= 6
    upstream.answer = lambda path, query: page([question()])
    assert set(shown(htmx(f"{URL}?{ids}")).values()) == {"–"}
    assert len(upstream.asked) <= 6


def test_previews_do_not_count_against_the_pages(htmx, client, upstream):
    upstream.fails(500)
    htmx(URL + "?" + "&".join(f"id=chatcmpl-{number}" for number in range(10)))
    upstream.lists([stored()])
    assert client.get("/default/completions/").status_code == 200


def test_while_the_api_is_left_alone_no_previews_are_fetched(htmx, client, upstream):
    upstream.fails(429, None, retry_after="7")
    client.get("/default/completions/")
    assert shown(htmx(f"{URL}?id=chatcmpl-1")) == {"chatcmpl-1": "–"}
    assert len(upstream.asked) == 1


def test_where_many_wait_for_previews_nobody_else_does(htmx, upstream, monkeypatch):
    monkeypatch.setattr("dashboard.inputs._waiting_places", Slots(0))
    upstream.answer = late(0.3)
    began = time.monotonic()
    assert shown(htmx(f"{URL}?id=chatcmpl-1")) == {"chatcmpl-1": "–"}
    assert time.monotonic() - began < 0.25
    time.sleep(0.4)
    assert shown(htmx(f"{URL}?id=chatcmpl-1")) == {"chatcmpl-1": "A question"}


def test_an_input_that_is_under_way_is_not_asked_for_twice(upstream):
    upstream.answer = late(0.3)
    tasks = [input_task(get_project("default"), "chatcmpl-1") for _ in range(3)]
    assert tasks[0] is tasks[1] is tasks[2]
    assert tasks[0].result() == "A question"
    assert len(upstream.asked) == 1


def test_an_upstream_that_hangs_does_not_hold_up_another_project(htmx, upstream, settings):
    with running() as other:
        settings.API_PROJECTS += (configured("other", other.base_url),)
        other.answer = lambda path, query: page([question()])
        upstream.answer = late(0.5)
        pending = [input_task(get_project("default"), f"chatcmpl-{number}") for number in range(12)]
        assert shown(htmx("/other/inputs/?id=chatcmpl-1")) == {"chatcmpl-1": "A question"}
        assert not all(task.done() for task in pending)
        wait(pending)


def test_inputs_come_without_the_database_too(htmx, upstream):
    upstream.answer = lambda path, query: page([question()])
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE dashboard_cache")
    assert shown(htmx(f"{URL}?id=chatcmpl-1")) == {"chatcmpl-1": "A question"}
