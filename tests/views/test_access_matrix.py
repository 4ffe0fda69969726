"""Every address of the site, every method, every kind of visitor: exactly what the table says, and nothing beside it."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from tests.stub_upstream import Reply, page, question, reply, stored
from tests.views.conftest import PASSWORD

LIST, ITEM = "/default/completions/", "/default/completions/chatcmpl-1/"
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
PREVIEW = f"{ITEM}share/preview/input-json/"
METHODS = ("GET", "HEAD", *UNSAFE, "OPTIONS", "TRACE")

# Who has no right to anything, whatever cookie they send.
OUTSIDE = "anonymous expired deactivated"
# Alice views `default`, carol views `other`, dave is staff without rights, root is an administrator.
INSIDE = "alice carol dave root"

# Addresses -> for each visitor the status of GET and HEAD, of the unsafe methods without a token against forged forms,
# of OPTIONS, and of TRACE.
AWAY = {OUTSIDE: "302 302 302 302"}
TABLE: list[tuple[list[str], dict[str, str]]] = [
    (["/healthz", "/readyz"], {OUTSIDE: "200 405 405 405", INSIDE: "200 405 405 405"}),
    (["/robots.txt"], {OUTSIDE: "200 403 405 405", INSIDE: "200 403 405 405"}),
    (["/favicon.ico"], {OUTSIDE: "302 403 405 405", INSIDE: "302 403 405 405"}),
    (["/login/"], {OUTSIDE: "200 403 200 405", INSIDE: "302 403 302 302"}),
    (["/setup/guessed/"], {OUTSIDE: "404 403 405 405", INSIDE: "404 403 405 405"}),
    (["/"], AWAY | {"alice carol root": "302 403 405 405", "dave": "403 403 405 405"}),
    (["/logout/", "/account/password/"], AWAY | {INSIDE: "200 403 200 405"}),
    (["/links/"], AWAY | {INSIDE: "200 403 405 405"}),
    (["/links/everyone/"], AWAY | {"alice carol dave": "404 403 405 405", "root": "200 403 405 405"}),
    (["/links/revoke/"], AWAY | {INSIDE: "405 403 405 405"}),
    # Whoever is signed in has no other right to a link than anybody, and nothing of it is a form.
    (
        [
            *("/s/guessed", "/s/guessed/"),
            *(f"/s/guessed/{part}" for part in ("messages/", "text/", "media/", "logprobs/", "tokens/0/0/", "json/")),
        ],
        {OUTSIDE: "404 405 405 405", INSIDE: "404 405 405 405"},
    ),
    (["/s/", "/s/nowhere/at/all"], {OUTSIDE: "404 404 404 404", INSIDE: "404 404 404 404"}),
    # Alice may see the project and not share it.
    (
        [f"{ITEM}share/", *(f"{PREVIEW}{part}" for part in ("", "json/"))],
        AWAY | {"alice": "404 403 405 405", "carol dave": "404 403 404 404", "root": "200 403 405 405"},
    ),
    (
        [f"{PREVIEW}{part}" for part in ("messages/", "tokens/0/0/")],
        AWAY | {"alice": "404 403 405 405", "carol dave": "404 403 404 404", "root": "302 403 405 405"},
    ),
    (
        # No place is named, and logprobs are not among what is shown.
        [f"{PREVIEW}{part}" for part in ("text/", "media/", "logprobs/")],
        AWAY | {"alice": "404 403 405 405", "carol dave": "404 403 404 404", "root": "404 403 405 405"},
    ),
    (
        ["/doctor/"],
        # To the only project that one may see, to a choice of them, or to the words that there is none.
        AWAY | {"alice carol": "302 403 405 405", "root": "200 403 405 405", "dave": "403 403 405 405"},
    ),
    (["/doctor/default/"], AWAY | {"alice root": "200 403 405 405", "carol dave": "404 403 404 404"}),
    (["/account/tokens/"], AWAY | {INSIDE: "200 403 405 405"}),
    (["/account/tokens/1/revoke/"], AWAY | {INSIDE: "405 403 405 405"}),
    (["/audit/"], AWAY | {"alice carol dave": "404 403 405 405", "root": "200 403 405 405"}),
    (
        [
            *(LIST, "/default/inputs/", ITEM),
            *(ITEM + part for part in ("code/", "code/run.py", "conversation.md", "json/", "logprobs/")),
            *(ITEM + part for part in ("newer/", "older/", "there/")),
        ],
        AWAY | {"alice root": "200 403 405 405", "carol dave": "404 403 404 404"},
    ),
    (
        [ITEM + part for part in ("messages/", "panel/", "tokens/0/0/")],
        AWAY | {"alice root": "302 403 405 405", "carol dave": "404 403 404 404"},
    ),
    (
        # The document has no tokens, and no place is named.
        [ITEM + part for part in ("logprobs/tokens.csv", "media/", "text/")],
        AWAY | {"alice root": "404 403 405 405", "carol dave": "404 403 404 404"},
    ),
    (
        ["/default/completions.json", f"{LIST}chatcmpl-1.json", f"{ITEM}messages.json"],
        {OUTSIDE: "401 401 401 401", "alice root": "200 403 405 405", "carol dave": "404 403 404 404"},
    ),
    (
        ["/admin/", "/admin/jsi18n/", "/admin/password_change/", "/admin/password_change/done/"],
        AWAY | {"alice carol": "302 403 405 405", "dave root": "200 403 405 405"},
    ),
    (
        [
            *(f"/admin/auth/{kind}/{part}" for kind in ("user", "group") for part in ("", "add/")),
            *(
                f"/admin/auth/{kind}/1/{part}/"
                for kind in ("user", "group")
                for part in ("change", "delete", "history")
            ),
            "/admin/auth/user/1/password/",
        ],
        AWAY | {"alice carol": "302 403 405 405", "dave": "403 403 405 405", "root": "200 403 405 405"},
    ),
    (["/admin/auth/user/1/", "/admin/auth/group/1/"], AWAY | {INSIDE: "302 403 405 405"}),
    (["/admin/auth/"], AWAY | {"alice carol": "302 403 405 405", "dave": "404 403 405 405", "root": "200 403 405 405"}),
    (["/admin/autocomplete/"], AWAY | {"alice carol": "302 403 405 405", "dave root": "403 403 405 405"}),
    (
        ["/admin/r/1/1/", "/admin/nowhere/at/all"],
        AWAY | {"alice carol": "302 403 405 405", "dave root": "404 403 405 405"},
    ),
    (["/admin/logout/"], AWAY | {"alice carol": "302 403 405 405", "dave root": "405 403 405 405"}),
    # Leads to /login/, where who is signed in without the right is told so; HEAD of staff is the one exception below.
    (["/admin/login/"], {OUTSIDE: "302 403 302 302", "alice carol": "403 403 403 403", "dave root": "302 403 200 405"}),
]
HEAD_DIFFERS = {("/admin/login/", "dave"): 200, ("/admin/login/", "root"): 200}

FILLED = {"project": "default", "completion_id": "chatcmpl-1", "choice": "0", "place": "0", "suffix": "py"}
FILLED |= {
    "shown": "input-json",
    "rest": "nowhere/at/all",
    "secret": "guessed",
    "token_id": "1",
    "object_id": "1",
    "content_type_id": "1",
    "id": "1",
}


def addresses() -> list[str]:
    """Of the urlconf, admin included, with something in the place of each parameter."""
    return [f"/{path}" for path in _walk(get_resolver().url_patterns)]


def _walk(patterns: list[Any], before: str = "") -> Iterator[str]:
    for one in patterns:
        path = before + _filled(one)
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, path)
        else:
            yield path


def _filled(one: URLPattern | URLResolver) -> str:
    path = str(one.pattern)
    if "(?P" in path:  # two of the admin: its pages of an app, and whatever else
        return "auth/" if "app_label" in path else "nowhere/at/all"
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda match: FILLED[match[1]], path)


@pytest.fixture(autouse=True)
def site(guarded, viewer, monkeypatch):
    # The second connection to the same database would wait for the transaction of the test.
    monkeypatch.setattr("dashboard.readiness.ALIAS", "default")
    guarded.answer = _answer
    User.objects.create_user("carol", password=PASSWORD)
    User.objects.create_user("dave", password=PASSWORD, is_staff=True)
    User.objects.create_superuser("root", password=PASSWORD)
    User.objects.get(username="carol").groups.add(Group.objects.get(name="other: may view"))
    return guarded


def _answer(path: str, query: object) -> Reply:
    if path.endswith("/chatcmpl-1"):
        return reply(stored())
    if path.endswith("/messages"):
        return page([question()])
    return page([stored()]) if path.endswith("/completions") else reply({"error": {"message": "no such id"}}, 404)


def visitor(who: str) -> Client:
    client = Client(enforce_csrf_checks=True)
    if who == "anonymous":
        return client
    client.force_login(User.objects.get(username="alice" if who in OUTSIDE else who))
    if who == "expired":
        Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    if who == "deactivated":
        User.objects.filter(username="alice").update(is_active=False)
    return client


def expected(path: str, who: str) -> dict[str, int]:
    row = next(row for paths, row in TABLE if path in paths)
    statuses = next(statuses for visitors, statuses in row.items() if who in visitors.split())
    read, unsafe, options, trace = (int(status) for status in statuses.split())
    head = HEAD_DIFFERS.get((path, who), read)
    return {"GET": read, "HEAD": head, **dict.fromkeys(UNSAFE, unsafe), "OPTIONS": options, "TRACE": trace}


def test_the_table_names_every_address_once():
    named = [path for paths, _ in TABLE for path in paths]
    assert sorted(named) == sorted(set(addresses()))
    assert len(named) > 50


@pytest.mark.parametrize("who", f"{OUTSIDE} {INSIDE}".split())
def test_each_visitor_gets_exactly_what_the_table_says(who, site):
    client, wrong = visitor(who), []
    for path in addresses():
        answers = {method: client.generic(method, path) for method in METHODS}
        got = {method: answer.status_code for method, answer in answers.items()}
        if got != expected(path, who):
            wrong.append((path, got, expected(path, who)))
        for method in ("OPTIONS", "TRACE"):
            assert b"chatcmpl" not in answers[method].content, (method, path)
        if who in OUTSIDE.split():
            _leads_to_the_login(path, answers)
    assert wrong == []
    assert bool(site.asked) == (who in {"alice", "root"}), "the API is asked for nobody else"


def _leads_to_the_login(path: str, answers: dict[str, Any]) -> None:
    for method, answer in answers.items():
        if answer.status_code == 302 and path != "/favicon.ico":
            assert answer.content == b""
            assert answer.headers["Location"].startswith("/login/"), (method, path)


@pytest.mark.parametrize("who", f"{OUTSIDE}".split())
@pytest.mark.parametrize(
    "path",
    [
        *("//default/completions/", "/default//completions/", "/%64efault/completions/", "/default/completions%2F"),
        *("/DEFAULT/completions/", "/default/Completions/", "/default/completions", "/default/completions/./"),
        *("/login/../default/completions/", "/healthz/", "/healthz/../default/completions/", "/HEALTHZ", "/login/x"),
        *("/static/../default/completions/", "/static/nowhere.css", "/setup/", "/setup/a/b/", "/robots.txt/x"),
        *("/default/completions/;/login/", "/default/completions/?next=/login/", "/login", "/unknown/at/all/"),
        *("/default/completions.json/", "/default/completions.json%00", "/Admin/", "/admin", "/admin/auth/user"),
    ],
)
def test_a_variant_opens_nothing(who, path, site):
    answer = visitor(who).get(path)
    assert (answer.status_code, answer.content) == (302, b"")
    assert answer.headers["Location"].startswith("/login/")
    assert site.asked == []


@pytest.mark.parametrize(
    "address", ["{}", "{}json/", "{}media/?at=/completion/model", "/default/completions/{id}.json"]
)
def test_who_is_outside_cannot_tell_what_exists(address, site):
    """Answers to an id that exists and to one that does not differ in the address that was asked for, and in nothing."""
    there, missing = (Client().get(address.format(f"{LIST}{one}/", id=one)) for one in ("chatcmpl-1", "chatcmpl-9"))
    assert there.status_code == missing.status_code
    assert there.content == missing.content
    headers = [
        {
            name: value.replace("chatcmpl-9", "chatcmpl-1")
            for name, value in one.headers.items()
            if name != "X-Request-ID"
        }
        for one in (there, missing)
    ]
    assert headers[0] == headers[1]
    assert site.asked == []


def test_a_project_that_one_may_not_see_and_none_look_the_same():
    client = visitor("carol")
    hidden, unknown = client.get(ITEM), client.get(ITEM.replace("default", "nowhere"))
    assert (hidden.status_code, hidden.content) == (404, unknown.content)


@pytest.mark.parametrize("who", ["anonymous", "alice", "root"])
def test_every_form_without_its_token_is_refused(who):
    client = visitor(who)
    for path in addresses():
        if expected(path, who)["POST"] not in {302, 401, 404, 405}:
            assert client.post(path).status_code == 403, path


def test_who_is_put_into_a_group_sees_its_project_at_once(client):
    alice, carol = visitor("alice"), User.objects.get(username="carol")
    seen: Callable[[Client], int] = lambda who: who.get(LIST).status_code  # noqa: E731
    other = visitor("carol")
    assert (seen(alice), seen(other)) == (200, 404)
    client.force_login(User.objects.get(username="root"))
    form = {"username": "carol", "is_active": "on", "groups": [Group.objects.get(name="default: may view").pk]}
    form |= {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    assert client.post(f"/admin/auth/user/{carol.pk}/change/", form).status_code == 302
    assert seen(other) == 200


def test_an_account_without_a_password_is_offered_none(client):
    client.force_login(User.objects.create_user("elsewhere"))
    assert client.get("/account/password/").status_code == 404
    assert "Change password" not in client.get("/account/tokens/").content.decode()
