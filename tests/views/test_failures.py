import socket

import pytest

from dashboard.projects import get_project
from tests.stub_upstream import reply, stored
from tests.views.conftest import KEY, configured

LIST, ITEM = "/default/completions/", "/default/completions/chatcmpl-1/"

STATUSES = [
    (400, 400, "The API refused the request"),
    (401, 502, "The API refused the key"),
    (403, 502, "The API does not allow this"),
    (405, 502, "The API does not offer this route"),
    (408, 504, "The API did not answer in time"),
    (418, 502, "The API gave an unexpected answer"),
    (429, 503, "The API limits our requests"),
    (500, 502, "The API failed"),
    (503, 503, "The API is overloaded"),
]


@pytest.mark.parametrize(("theirs", "ours", "headline"), STATUSES)
@pytest.mark.parametrize("path", [LIST, ITEM])
def test_a_refusal_is_a_page_with_the_right_status(client, upstream, path, theirs, ours, headline):
    message = f"Incorrect key {KEY[:12]}****. <b>Sorry</b>"
    upstream.fails(theirs, {"error": {"message": message, "code": "some_code"}}, x_request_id="req_77")
    response = client.get(path)
    html = response.content.decode()
    assert response.status_code == ours
    assert headline in html
    assert f"{theirs} some_code" in html
    assert "req_77" in html
    assert "<b>Sorry" not in html
    assert "CANARY" not in html
    assert "Traceback" not in html


def test_404_is_a_missing_completion_or_a_missing_route(client, upstream):
    upstream.fails(404, {"error": {"message": "nope", "code": "not_found"}})
    item, listing = client.get(ITEM), client.get(LIST)
    assert (item.status_code, listing.status_code) == (404, 502)
    assert "The API has no such completion" in item.content.decode()
    assert "The API does not offer this route" in listing.content.decode()


def test_only_what_can_help_is_offered(client, upstream):
    upstream.fails(401)
    assert "Try again</a>" not in client.get(LIST).content.decode()
    upstream.fails(500)
    html = client.get(f"{LIST}?metadata%5Benv%5D=prod").content.decode()
    assert f'href="{LIST}?metadata%5Benv%5D=prod">' in html
    assert "Try again</a>" in html


def test_the_form_is_still_there(client, upstream):
    upstream.fails(500)
    html = client.get(f"{LIST}?metadata%5Benv%5D=prod").content.decode()
    assert 'id="filters"' in html
    assert 'name="metadata[env]" value="prod"' in html


def test_retry_after_is_passed_on(client, upstream):
    upstream.fails(429, None, retry_after="7")
    assert client.get(LIST).headers["Retry-After"] == "7"
    assert client.get(ITEM).headers["Retry-After"] == "7"


def test_after_a_limit_the_api_is_left_alone_until_its_time_is_over(client, upstream):
    upstream.fails(429, None, retry_after="7")
    first = client.get(LIST)
    assert "Try again in 7 s." in first.content.decode()
    upstream.lists([stored()])
    for path in (LIST, ITEM, "/default/completions.json"):
        again = client.get(path)
        assert again.status_code == 503
        assert 1 <= int(again.headers["Retry-After"]) <= 7
    assert len(upstream.asked) == 1


def test_an_api_that_keeps_failing_is_left_alone_for_a_moment(client, upstream):
    upstream.fails(500)
    for _ in range(5):
        assert client.get(ITEM).status_code == 502
    asked = len(upstream.asked)
    response = client.get(LIST)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "10")
    html = response.content.decode()
    assert "The API has failed several times" in html
    assert "Try again in 10 s." in html
    assert "Endpoint" not in html, "nothing was asked for"
    assert len(upstream.asked) == asked


def test_when_every_place_is_taken_the_page_says_so(client, upstream, settings):
    settings.UPSTREAM_SLOTS = 0
    response = client.get(LIST)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
    assert "The dashboard is waiting for the API" in response.content.decode()
    assert upstream.asked == []


def test_one_project_cannot_take_the_places_of_another(settings, upstream):
    settings.API_PROJECTS += (configured("other", upstream.base_url + "/other"),)
    settings.UPSTREAM_SLOTS = 6
    taken = [get_project("default").gate._slots.take() for _ in range(6)]
    assert taken == [True] * 4 + [False] * 2
    assert [get_project("other").gate._slots.take() for _ in range(3)] == [True, True, False]


def test_on_a_filter_fragment_the_error_takes_the_place_of_the_rows(htmx, upstream):
    upstream.fails(500)
    response = htmx(f"{LIST}?metadata%5Benv%5D=prod")
    assert response.status_code == 502
    assert 'id="results"' in response.content.decode()
    assert response.headers["HX-Push-Url"] == f"{LIST}?metadata%5Benv%5D=prod"


def test_a_fragment_without_a_place_becomes_a_toast(htmx, upstream):
    upstream.fails(500)
    response = htmx(ITEM)
    assert response.headers["HX-Retarget"] == "#toasts"
    assert "The API failed." in response.content.decode()


def test_a_json_address_fails_in_json(client, upstream):
    upstream.fails(
        429, {"error": {"message": "Slow down", "code": "rate_limit"}}, retry_after="3", x_request_id="req_5"
    )
    response = client.get("/default/completions/chatcmpl-1.json")
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "3"
    assert response.json()["error"] == {
        "message": "The API limits our requests",
        "detail": "Slow down",
        "code": "rate_limit",
        "upstream_status": 429,
        "upstream_request_id": "req_5",
    }


def test_an_upstream_that_is_down_is_told(client, settings):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.API_PROJECTS = (configured("default", f"http://127.0.0.1:{probe.getsockname()[1]}/v1"),)
    response = client.get(LIST)
    assert response.status_code == 502
    assert "The API cannot be reached" in response.content.decode()
    assert "The connection was refused." in response.content.decode()


def test_html_instead_of_json_is_told_and_never_shown(client, upstream):
    upstream.answer = lambda path, query: (200, {"content-type": "text/html"}, b"<h1>Sign in here</h1>")
    response = client.get(LIST)
    assert response.status_code == 502
    assert "The answer was not JSON" in response.content.decode()
    assert "text/html" in response.content.decode()
    assert "Sign in here" not in response.content.decode()


def test_a_wrong_shape_is_told(client, upstream):
    documents: list[object] = [[], 1, {"data": 5}, {"error": {"message": "in a 200"}}]
    for document in documents:
        upstream.answer = lambda path, query, document=document: reply(document)
        response = client.get(LIST)
        assert response.status_code == 502, document
        assert "The answer had an unexpected shape" in response.content.decode()


def test_health_asks_nobody(client, upstream):
    response = client.get("/healthz")
    assert (response.status_code, response.content, upstream.asked) == (200, b"ok\n", [])


def test_an_address_that_does_not_exist_has_a_page(client):
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert "There is nothing at this address" in response.content.decode()


def test_a_fault_of_ours_has_a_page_without_details(client, settings, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("dashboard.views.health.HttpResponse", lambda *args, **kwargs: 1 / 0)
    response = client.get("/healthz")
    assert response.status_code == 500
    assert "The dashboard failed" in response.content.decode()
    assert "ZeroDivision" not in response.content.decode()
