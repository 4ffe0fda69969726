"""The second step of a sign-in, over the wire."""

import base64
import hashlib
import hmac
import re
import struct
import time
from collections.abc import Callable

import pytest

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
