import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from dashboard.upstream.demo.adapter import BASE_URL, DemoAdapter

LIST = f"{BASE_URL}/chat/completions"


@pytest.fixture
def session():
    with requests.Session() as session:
        session.mount("demo://", DemoAdapter())
        yield session


def test_it_answers_without_a_socket(session):
    response = session.get(f"{LIST}?limit=3&metadata%5Benv%5D=prod")
    assert response.status_code == 200
    assert response.ok
    assert response.url == f"{LIST}?limit=3&metadata%5Benv%5D=prod"
    assert response.headers["Content-Type"] == "application/json"
    assert [item["metadata"]["env"] for item in response.json()["data"]] == ["prod"] * 3


def test_a_streamed_body_can_be_read_in_pieces(session):
    response = session.get(f"{LIST}?limit=2", stream=True)
    raw = b"".join(iter(lambda: response.raw.read(1_000, decode_content=True), b""))
    assert len(raw) == int(response.headers["content-length"])
    assert len(json.loads(raw)["data"]) == 2
    response.close()


def test_a_streamed_body_can_be_iterated(session):
    pieces = list(session.get(f"{LIST}?limit=2", stream=True).iter_content(512))
    assert len(pieces) > 1
    assert json.loads(b"".join(pieces))["object"] == "list"


def test_errors_are_responses(session):
    response = session.get(f"{LIST}/chatcmpl-none", headers={"Authorization": "Bearer nothing"})
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"
    with pytest.raises(requests.HTTPError):
        response.raise_for_status()


def test_other_methods_are_refused(session):
    assert session.post(LIST, json={}).status_code == 405
    assert session.delete(f"{LIST}/x").status_code == 405


def test_one_session_may_serve_many_threads(session):
    with ThreadPoolExecutor(8) as pool:
        bodies = list(pool.map(lambda _: session.get(f"{LIST}?limit=5").content, range(40)))
    assert len(set(bodies)) == 1


def test_all_adapters_of_a_process_share_the_samples():
    with requests.Session() as one, requests.Session() as other:
        one.mount("demo://", DemoAdapter())
        other.mount("demo://", DemoAdapter())
        assert one.get(LIST).content == other.get(LIST).content
