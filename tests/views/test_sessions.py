"""How long one stays signed in."""

import time
from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from dashboard.sessions import BEGAN, LONGEST, RENEW_AFTER, RENEWED, _save
from tests.views.conftest import PASSWORD

LIST = "/default/completions/"
COOKIE = configured.SESSION_COOKIE_NAME


@pytest.fixture
def signed_in(client, viewer) -> Client:
    client.post("/login/", {"login": "alice", "password": PASSWORD})
    return client


def age(client: Client, seconds: int, *clocks: str) -> None:
    """As if the session had been begun or renewed so long ago."""
    session = client.session
    for clock in clocks:
        session[clock] = int(time.time()) - seconds
    session.save()


def hours_left() -> float:
    return (Session.objects.get().expire_date - timezone.now()).total_seconds() / 3600


def test_a_visit_within_ten_minutes_writes_nothing(signed_in):
    before = Session.objects.get()
    response = signed_in.get(LIST)
    assert COOKIE not in response.cookies
    assert Session.objects.get().expire_date == before.expire_date


def test_a_later_one_gives_twelve_hours_more(signed_in):
    age(signed_in, RENEW_AFTER + 1, RENEWED)
    Session.objects.update(expire_date=timezone.now() + timedelta(hours=1))
    response = signed_in.get(LIST)
    cookie = response.cookies[COOKIE]
    assert (cookie["max-age"], cookie["httponly"], cookie["samesite"], cookie["path"]) == (43_200, True, "Lax", "/")
    assert cookie.value == Session.objects.get().session_key
    assert 11.9 < hours_left() <= 12
    assert COOKIE not in signed_in.get(LIST).cookies


def test_after_fourteen_days_one_signs_in_again(signed_in):
    age(signed_in, LONGEST - 60, BEGAN)
    assert signed_in.get(LIST).status_code == 200
    age(signed_in, LONGEST + 60, BEGAN)
    response = signed_in.get(LIST)
    assert response.headers["Location"].startswith("/login/?next=")
    assert response.headers["Clear-Site-Data"] == '"storage"'
    assert not Session.objects.exists()


def test_a_session_that_does_not_say_when_it_began_is_over(signed_in):
    session = signed_in.session
    del session[BEGAN]
    session.save()
    assert signed_in.get(LIST).status_code == 302


def test_signing_out_empties_the_browser(signed_in):
    assert "Clear-Site-Data" not in signed_in.get("/logout/").headers
    response = signed_in.post("/logout/")
    assert (response.status_code, response.headers["Clear-Site-Data"]) == (302, '"storage"')
    assert not Session.objects.exists()


def test_a_changed_password_ends_the_other_sessions_alone(signed_in, viewer):
    other = Client()
    other.force_login(viewer)
    new = "another horse battery"
    response = signed_in.post("/account/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert response.status_code == 302
    assert "has been changed" in signed_in.get(response.headers["Location"]).content.decode()
    assert signed_in.get(LIST).status_code == 200
    assert other.get(LIST).status_code == 302


def test_a_database_that_cannot_be_written_keeps_nobody_from_reading(signed_in, monkeypatch):
    age(signed_in, RENEW_AFTER + 1, RENEWED)

    def refuse(*args, **options):
        raise OperationalError("disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(Session, "save", refuse)
        broken.setattr("django.db.models.query.QuerySet.bulk_create", refuse)
        assert signed_in.get(LIST).status_code == 200
    assert signed_in.get(LIST).status_code == 200


def test_one_that_was_ended_meanwhile_stays_ended(signed_in):
    session = signed_in.session
    Session.objects.all().delete()
    _save(session)
    assert not Session.objects.exists()


def test_without_a_login_no_cookie_is_set(client, upstream):
    for path in (LIST, "/", "/nowhere/", "/default/completions.json"):
        assert not client.get(path).cookies
