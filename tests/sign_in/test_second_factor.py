"""The second step of a sign-in, over the wire."""

import base64
import hashlib
import hmac
import re
import struct
import time
from collections.abc import Callable

import pytest
import requests

from tests.sign_in.conftest import PASSWORD, Dashboard, Visitor, words

LIST = "/demo/completions/"


def code_at(secret: str, moment: float) -> str:
    """RFC 6238: six digits of an HMAC of the half minute."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(moment) // 30), hashlib.sha1)
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF) % 1_000_000:06}"


def fresh_code(secret: str) -> str:
    """One that stays valid for some seconds."""
    if time.time() % 30 > 25:
        time.sleep(30 - time.time() % 30 + 0.1)
    return code_at(secret, time.time())


@pytest.fixture(scope="session")
def _guarded(dashboard_with: Callable[..., Dashboard]) -> Dashboard:
    return dashboard_with(DASHBOARD_MFA="required")


@pytest.fixture
def dashboard(_guarded: Dashboard) -> Dashboard:
    _guarded.forget()
    return _guarded


@pytest.fixture
def person(dashboard: Dashboard, request: pytest.FixtureRequest) -> str:
    """A viewer of their own for each test."""
    name = f"viewer-{hashlib.sha256(request.node.name.encode()).hexdigest()[:8]}"
    dashboard.shell(
        f"User.objects.create_user('{name}', password='{PASSWORD}')"
        ".groups.add(Group.objects.get(name='demo: may view'))"
    )
    return name


def set_up_app(visitor: Visitor) -> tuple[str, list[str]]:
    """Its key, and the recovery codes that come with it."""
    page = visitor.follow(visitor.open("/account/mfa/app/"))
    page = visitor.follow(visitor.submit(page, password=PASSWORD))
    assert "Scan this with the app" in words(page)
    assert "data:image/svg+xml;base64," in page.text
    secret = re.findall(r">([A-Z2-7]{32})<", page.text)[0]
    page = visitor.follow(visitor.submit(page, code=fresh_code(secret)))
    return secret, re.findall(r"\b[0-9]{8}\b", words(page))


def test_an_app_is_set_up_and_asked_for(dashboard, person):
    visitor = Visitor(dashboard.address)
    visitor.sign_in(person)
    secret, codes = set_up_app(visitor)
    assert len(codes) == 10
    assert not re.search(r"\b[0-9]{8}\b", words(visitor.open("/account/mfa/codes/"))), "shown once"
    dashboard.forget()

    other = Visitor(dashboard.address)
    second = other.sign_in(person, after=f"{LIST}?model=gpt")
    assert second.url == f"{dashboard.address}/login/second/"
    assert other.open(LIST).status_code == 302, "not in yet"
    wrong = other.submit(second, code="000000")
    assert "Incorrect code" in words(wrong)
    code = fresh_code(secret)
    arrived = other.follow(other.submit(second, code=code))
    assert arrived.url == f"{dashboard.address}{LIST}?model=gpt"

    third = Visitor(dashboard.address)
    again = third.submit(third.sign_in(person), code=code)
    assert "Incorrect code" in words(again), "a code counts once"


def at_second_step(dashboard: Dashboard, person: str) -> tuple[Visitor, requests.Response, str, list[str]]:
    """Somebody who has an app, and another browser that has got as far as the second step."""
    owner = Visitor(dashboard.address)
    owner.sign_in(person)
    secret, codes = set_up_app(owner)
    dashboard.forget()
    visitor = Visitor(dashboard.address)
    return visitor, visitor.sign_in(person), secret, codes


def test_a_recovery_code_counts_once(dashboard, person):
    visitor, second, _, codes = at_second_step(dashboard, person)
    assert visitor.follow(visitor.submit(second, code=codes[3])).url == f"{dashboard.address}{LIST}"
    assert "9 are left" in words(visitor.open("/account/mfa/"))
    other = Visitor(dashboard.address)
    assert "Incorrect code" in words(other.submit(other.sign_in(person), code=codes[3]))


def test_guesses_are_limited(dashboard, person):
    visitor, second, secret, _ = at_second_step(dashboard, person)
    said = [words(visitor.submit(second, code=f"00000{n}")) for n in range(6)]
    assert "Incorrect code" in said[0]
    assert "Too many failed login attempts" in said[5]
    assert "Too many failed login attempts" in words(visitor.submit(second, code=fresh_code(secret)))


def test_the_second_step_can_be_given_up(dashboard, person):
    visitor, second, _, _ = at_second_step(dashboard, person)
    assert visitor.open("/login/").headers["Location"] == "/login/second/"
    page = visitor.follow(visitor.submit(second, "cancel"))
    assert page.url == f"{dashboard.address}/login/"


def test_an_answer_that_no_key_gave_is_refused(dashboard, person):
    visitor, second, _, _ = at_second_step(dashboard, person)
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', second.text)[0]
    for answer in ("", "{}", "[]", "not JSON", '{"id": "x", "rawId": "x", "response": {}}'):
        form = {"csrfmiddlewaretoken": token, "credential": answer}
        refused = visitor.post(second.url, form, headers={"Referer": second.url}, timeout=10)
        assert refused.status_code == 200
    assert visitor.open(LIST).status_code == 302


def test_the_app_is_removed_with_its_recovery_codes(dashboard, person):
    owner = Visitor(dashboard.address)
    owner.sign_in(person)
    set_up_app(owner)
    assert owner.open("/account/mfa/app/").headers["Location"] == "/account/mfa/app/remove/"
    made = owner.follow(owner.submit(owner.open("/account/mfa/codes/new/")))
    assert len(re.findall(r"\b[0-9]{8}\b", words(made))) == 10
    page = owner.follow(owner.submit(owner.open("/account/mfa/app/remove/")))
    assert "An app on a phone" in words(page)
    assert "Recovery codes" not in words(page)
    assert Visitor(dashboard.address).sign_in(person).url == f"{dashboard.address}{LIST}"


def test_a_change_asks_who_is_there(dashboard, person):
    visitor, second, secret, _ = at_second_step(dashboard, person)
    visitor.follow(visitor.submit(second, code=fresh_code(secret)))
    for path in ("/account/mfa/app/remove/", "/account/mfa/codes/new/", "/account/mfa/keys/add/"):
        assert visitor.open(path).headers["Location"].startswith("/account/again/?next=")
    page = visitor.open("/account/again/?next=/account/mfa/codes/new/")
    other_way = re.findall(r'<a href="([^"]+)">Use authenticator app or code', page.text)[0]
    dashboard.forget()
    page = visitor.follow(visitor.submit(visitor.open(other_way), code=fresh_code(secret)))
    assert "New recovery codes" in words(page)
    assert 'value="Key 1"' in visitor.open("/account/mfa/keys/add/").text


def test_administrators_set_it_up_before_anything_else(dashboard):
    dashboard.shell(f"User.objects.create_superuser('admin', password='{PASSWORD}')")
    visitor = Visitor(dashboard.address)
    page = visitor.sign_in("admin", after="/admin/")
    assert page.url == f"{dashboard.address}/account/mfa/"
    assert "Administrators set one up before anything else" in words(page)
    assert visitor.open("/demo/completions.json").status_code == 403
    htmx = visitor.open(LIST, headers={"HX-Request": "true"})
    assert (htmx.status_code, htmx.headers["HX-Redirect"]) == (403, "/account/mfa/")
    assert visitor.open("/logout/").status_code == 200
    set_up_app(visitor)
    assert visitor.open("/admin/").status_code == 200

    listed = visitor.open("/admin/mfa/authenticator/")
    assert listed.status_code == 200
    assert "secret" not in visitor.open(re.findall(r"/admin/mfa/authenticator/[0-9]+/change/", listed.text)[0]).text
    assert visitor.open("/admin/mfa/authenticator/add/").status_code == 403


def test_a_command_takes_the_second_step_away(dashboard, person):
    at_second_step(dashboard, person)
    said, status = dashboard.manage("remove_second_factor", person)
    assert (said, status) == (f"{person} signs in with the password alone.\n", 0)
    assert Visitor(dashboard.address).sign_in(person).url == f"{dashboard.address}{LIST}"
    said, status = dashboard.manage("remove_second_factor", "nobody")
    assert (said, status) == ("CommandError: There is no account of that name.\n", 1)


def test_without_a_second_step_there_is_none_to_take_away(dashboard):
    said, status = dashboard.manage("remove_second_factor", "nobody", DASHBOARD_MFA="off")
    assert (said, status) == ("CommandError: DASHBOARD_MFA is off: everybody signs in with the password alone.\n", 1)
