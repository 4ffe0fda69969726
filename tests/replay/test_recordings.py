"""Real documents of real servers, replayed over a socket: each one lists, opens, and is there in full."""

import json

import pytest

from tests.replay.leaves import missing_on_page, readable_text
from tests.replay.reach import whole_page
from tests.replay.recordings import ROUTE, Recorded, recorded_server

SERVERS = ["openai", "llamastack", "codex", "prism-examples"]


@pytest.fixture(params=SERVERS)
def recorded(request, shared, replay) -> Recorded:
    answers = recorded_server(shared, request.param)
    replay.otherwise = answers.otherwise
    return answers


def test_every_recorded_list_shows_every_completion_in_it(recorded, replay, browse):
    assert recorded.lists
    for answer in recorded.lists:
        replay.put(ROUTE, answer)
        page = browse.get("/replayed/completions/?limit=100&inputs=off")
        listed = [one["id"] for one in json.loads(answer.body)["data"] or []][:100]
        assert page.status_code == 200
        assert [one for one in listed if f'href="/replayed/completions/{one}/"' not in page.text] == []


def test_the_twin_of_a_list_is_what_the_server_sent(recorded, replay, browse):
    for answer in recorded.lists:
        replay.put(ROUTE, answer)
        assert browse.get("/replayed/completions.json").content == answer.body


def test_every_recorded_completion_opens_with_all_that_it_holds(recorded, replay, browse):
    assert recorded.completions
    for (completion_id, _), answer in recorded.completions.items():
        replay.put(f"{ROUTE}/{completion_id}", answer)
        for after, messages in recorded.messages.get(completion_id, {}).items():
            replay.put(f"{ROUTE}/{completion_id}/messages", messages, after)
        page = whole_page(browse, f"/replayed/completions/{completion_id}/")
        assert completion_id in readable_text(page)
        assert browse.get(f"/replayed/completions/{completion_id}.json").content == answer.body
        assert missing_on_page(json.loads(answer.body), readable_text(page)) == ""


def test_every_recorded_conversation_is_on_the_page(recorded, replay, browse):
    for completion_id, pages in recorded.messages.items():
        replay.put(
            f"{ROUTE}/{completion_id}", next(a for (i, _), a in recorded.completions.items() if i == completion_id)
        )
        for after, messages in pages.items():
            replay.put(f"{ROUTE}/{completion_id}/messages", messages, after)
        text = readable_text(whole_page(browse, f"/replayed/completions/{completion_id}/"))
        for messages in pages.values():
            for one in json.loads(messages.body)["data"]:
                assert missing_on_page(one, text) == ""
