"""Our own documents in the shapes of every server: what they hold is on the page, or in the twin where said so."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.replay.leaves import leaves, missing_on_page, readable_text, written
from tests.replay.reach import whole_page
from tests.replay.recordings import ROUTE
from tests.replay.server import Answer

DOCUMENTS = sorted((ROOT / "tests" / "data").glob("*.json"))


@pytest.fixture(params=DOCUMENTS, ids=lambda path: path.stem)
def document(request, replay) -> dict[str, Any]:
    """A completion and its messages, both served."""
    held: dict[str, Any] = json.loads(Path(request.param).read_text(encoding="utf-8"))
    path = f"{ROUTE}/{held['completion']['id']}"
    replay.put(path, _answer(held["completion"]))
    if held["messages"] is not None:
        replay.put(f"{path}/messages", _answer(_list(held["messages"])))
    replay.put(ROUTE, _answer(_list([held["completion"]])))
    return held


def test_the_page_shows_every_leaf_of_the_completion(document, browse):
    text = _page_text(browse, document)
    assert missing_on_page(document["completion"], text) == ""


def test_the_page_shows_every_leaf_of_the_messages(document, browse):
    text = _page_text(browse, document)
    assert "".join(missing_on_page(one, text) for one in document["messages"] or []) == ""


def test_the_twins_hold_every_leaf_exactly(document, replay, browse):
    address = f"/replayed/completions/{document['completion']['id']}"
    assert _leaves(browse.get(f"{address}.json").json()) == _leaves(document["completion"])
    if document["messages"] is not None:
        assert _leaves(browse.get(f"{address}/messages.json").json()["data"]) == _leaves(document["messages"])


def test_the_list_shows_the_row_of_the_document(document, browse):
    page = browse.get("/replayed/completions/")
    assert page.status_code == 200
    assert f'href="/replayed/completions/{document["completion"]["id"]}/"' in page.text


def _page_text(browse, document: dict[str, Any]) -> str:
    page = whole_page(browse, f"/replayed/completions/{document['completion']['id']}/")
    return readable_text(page)


def _leaves(value: Any) -> list[str]:
    return [f"{written(path)} = {one!r}" for path, one in leaves(value)]


def _list(data: list[Any]) -> dict[str, Any]:
    return {"object": "list", "data": data, "first_id": None, "last_id": None, "has_more": False}


def _answer(value: Any) -> Answer:
    return Answer(200, json.dumps(value, ensure_ascii=False).encode())
