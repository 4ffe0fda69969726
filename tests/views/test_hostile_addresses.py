"""Where a stranger's address may lead: back to this site, or nowhere. Run over the shared lists where they are."""

import json
from urllib.parse import quote, urljoin, urlsplit

import pytest
from django.test import Client

from tests.views.conftest import PASSWORD

SITE = "http://testserver"
LED_AWAY = [
    "//evil.example",
    "https://evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "\t//evil.example",
    "//[evil",
]


def listed(shared, name):
    return json.loads((shared / "corpora" / f"{name}.json").read_text())


def stays_here(location: str) -> bool:
    """As a browser reads it, which takes a backslash for a slash and leaves out control characters."""
    read = "".join(one for one in location if ord(one) > 32).replace("\\", "/")
    return urlsplit(urljoin(f"{SITE}/login/", read)).netloc == "testserver"


@pytest.fixture
def redirects(shared) -> list[str]:
    return [one.replace("{HOST}", "testserver") for one in listed(shared, "open_redirect")]


def signed_in_at(after: str) -> str:
    client = Client(enforce_csrf_checks=False)
    answer = client.post(f"/login/?next={quote(after)}", {"login": "alice", "password": PASSWORD, "next": after})
    assert answer.status_code in {302, 400}, after
    return answer.headers.get("Location", "/")


def test_a_sign_in_leads_to_this_site(viewer, settings):
    settings.ACCOUNT_RATE_LIMITS = False
    assert [one for one in LED_AWAY if not stays_here(signed_in_at(one))] == []
    assert signed_in_at("/default/completions/?order=asc") == "/default/completions/?order=asc"


def test_no_listed_address_leads_away_after_a_sign_in(viewer, settings, redirects):
    settings.ACCOUNT_RATE_LIMITS = False
    assert len(redirects) > 30
    assert [one for one in redirects if not stays_here(signed_in_at(one))] == []


def test_no_listed_address_leads_away_from_the_wall(guarded, redirects):
    for one in redirects:
        for path in (f"/{one}", f"/login/?next={quote(one)}", f"/default/completions/{quote(one)}"):
            answer = Client().get(path)
            assert answer.status_code < 500, path
            assert stays_here(answer.headers.get("Location", "/")), path
        answer = Client().get("/", headers={"HX-Request": "true", "HX-Current-URL": quote(one, safe=":/?@\\")})
        assert stays_here(answer.headers.get("HX-Redirect", "/")), one


def test_an_address_that_is_none_is_no_fault_of_ours(htmx, guarded):
    assert htmx("/", **{"HX-Current-URL": "http://[testserver/x"}).headers["HX-Redirect"] == "/login/"


def test_no_listed_host_is_served(shared):
    allowed = {"localhost", "127.0.0.1", "[::1]"}
    hosts = [
        one.replace("{HOST}", "localhost").replace("{PORT}", "8000") for one in listed(shared, "host_headers")["Host"]
    ]
    for host in hosts:
        status = Client().get("/robots.txt", headers={"host": host}).status_code
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        # With a port, or the dot at the end of a full name, it is still one of ours.
        assert status == (200 if name.removesuffix(".") in allowed else 400), host


def test_headers_of_strangers_change_nothing(shared, client, upstream):
    plain = client.get("/default/completions/", headers={"host": "localhost"})
    for header in listed(shared, "host_headers")["also_send"]:
        answer = client.get("/default/completions/", headers={"host": "localhost", **header})
        assert answer.status_code == plain.status_code, header
        assert b"evil.example" not in answer.content, header
