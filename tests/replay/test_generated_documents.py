"""Whatever a document holds can be read on its page, or in what the page brings when it is asked."""

import json
import os
import re
from collections import Counter
from typing import Any

import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, Phase, given, settings

from dashboard.inspection.visible import visible
from dashboard.upstream.decode import decode
from tests.replay.generated import conversations
from tests.replay.leaves import leaves, readable_text
from tests.replay.reach import whole_page
from tests.replay.recordings import ROUTE
from tests.replay.server import Answer

ID = "chatcmpl-generated"
URL = f"/replayed/completions/{ID}/"
# HYPOTHESIS_EXAMPLES=2000 looks longer.
generated = settings(
    max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "25")),
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),  # a failure tells what is missing: shrinking it would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


def serve(replay, completion: Any, messages: list[Any]) -> bytes:
    body = json.dumps(completion).encode()
    replay.put(f"{ROUTE}/{ID}", Answer(200, body))
    replay.put(f"{ROUTE}/{ID}/messages", Answer(200, json.dumps({"object": "list", "data": messages}).encode()))
    return body


def marks(value: Any) -> set[str]:
    """The marks of all texts and numbers, those in keys included."""
    return set(re.findall(r"w\d+w|\b10000\d\d\b", json.dumps(spelt_out(value), ensure_ascii=False)))


def spelt_out(value: Any) -> Any:
    """Without moments, which a page writes as dates, token lists, which only the tree shows, and fields without a value."""
    if isinstance(value, dict):
        return {name: spelt_out(one) for name, one in value.items() if not in_other_words(name, one)}
    return [spelt_out(one) for one in value] if isinstance(value, list) else value


def in_other_words(name: str, value: Any) -> bool:
    if value in (None, "", [], {}):
        return True
    return (name in ("created", "expires_at") and isinstance(value, int)) or (
        name == "logprobs" and isinstance(value, dict)
    )


@given(conversations())
@generated
def test_every_mark_is_on_the_transcript(replay, browse, conversation):
    completion, messages = conversation
    serve(replay, completion, messages)
    text = readable_text(whole_page(browse, URL)).replace(",", "")
    lost = marks([completion, messages]) - set(re.findall(r"w\d+w|10000\d\d", text))
    assert not lost, [
        where for where, value in leaves([completion, messages]) if any(one in str(value) + str(where) for one in lost)
    ]


@given(conversations())
@generated
def test_every_leaf_is_in_the_tree_and_the_download_is_what_was_received(replay, browse, conversation):
    completion, messages = conversation
    body = serve(replay, completion, messages)
    assert browse.get(f"/replayed/completions/{ID}.json").content == body
    for at, value in (("/completion", completion), ("/messages", messages)):
        page = BeautifulSoup(whole_page(browse, f"{URL}json/?at={at}"), "html.parser")
        shown = Counter(one.get_text() for one in page.select(".tree .s, .tree .d, .tree .b"))
        wanted = Counter(visible(written(one)) for _, one in leaves(decode(json.dumps(value).encode())))
        assert wanted - shown == Counter()


def written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


@pytest.mark.parametrize("as_what", ["?as=markdown", "code/", "conversation.md", "panel/"])
@given(conversation=conversations())
@settings(generated, max_examples=8)
def test_the_other_forms_are_always_answered(replay, browse, conversation, as_what):
    serve(replay, *conversation)
    assert (
        browse.get(f"{URL}{as_what}", headers={"HX-Request": "true"} if as_what == "panel/" else {}).status_code == 200
    )
