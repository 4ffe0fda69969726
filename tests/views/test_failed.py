"""The dashboard's own database fails: said in words, with a status that tells whom to look at, and without the database."""

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.db import DataError, InterfaceError, OperationalError

from dashboard.access import sync_rights
from tests.stub_upstream import page, stored

LIST = "/default/completions/"


@pytest.fixture
def administrator(client, upstream, settings) -> User:
    settings.LOGIN_REQUIRED = True
    upstream.answer = lambda path, query: page([stored()])
    sync_rights()
    person = User.objects.create_superuser("root")
    client.force_login(person)
    client.raise_request_exception = False
    return person


@pytest.fixture
def failing(monkeypatch, administrator):
    """Makes every session raise that error when it is loaded."""

    def fail(error: Exception) -> None:
        def load(self):
            raise error

        monkeypatch.setattr(SessionStore, "load", load)

    return fail


@pytest.mark.parametrize("error", [OperationalError("connection to server failed"), InterfaceError("closed")])
def test_a_page_says_what_cannot_be_reached(client, failing, error):
    failing(error)
    client.cookies["theme"] = "dark"
    response = client.get(LIST)
    html = response.content.decode()
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    assert "own database cannot be reached" in html
    assert "connection to server" not in html
    assert 'data-theme="dark"' in html
    assert "Content-Security-Policy" in response.headers
    assert response.headers["Cache-Control"] == "no-store, private"


def test_htmx_gets_a_toast(client, failing):
    failing(OperationalError())
    response = client.get(LIST, headers={"HX-Request": "true"})
    assert response.status_code == 503
    assert response.headers["HX-Retarget"] == "#toasts"
    assert "<html" not in response.content.decode()
    assert "own database cannot be reached" in response.content.decode()


def test_a_script_gets_json(client, failing):
    failing(OperationalError())
    response = client.get("/default/completions.json")
    assert response.status_code == 503
    assert "own database cannot be reached" in response.json()["error"]["message"]


def test_the_session_outlives_the_outage(client, failing, monkeypatch):
    failing(OperationalError())
    assert client.get(LIST).status_code == 503
    monkeypatch.undo()
    assert client.get(LIST).status_code == 200


def test_a_value_that_the_database_cannot_hold_is_a_malformed_request(client, failing):
    failing(DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes"))
    response = client.get(LIST)
    assert response.status_code == 400
    assert "The request could not be understood" in response.content.decode()


def test_any_other_failure_is_told_as_ours(client, failing):
    failing(RuntimeError("secret"))
    response = client.get(LIST)
    assert response.status_code == 500
    assert "The dashboard failed" in response.content.decode()
    assert "secret" not in response.content.decode()
