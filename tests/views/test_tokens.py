"""Access tokens: made and revoked by people, used by scripts."""

import time
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group, User
from django.utils import timezone

from dashboard.access_tokens import FAILURES_PER_MINUTE, MOST_LIVE, USES_PER_MINUTE, make_token
from dashboard.models import AccessToken, digest
from tests.stub_upstream import reply, stored

TOKENS = "/account/tokens/"
LIST, ITEM = "/default/completions.json", "/default/completions/chatcmpl-1.json"
FORM = {"name": "nightly report", "projects": ["default"], "days": "30"}


@pytest.fixture
def script(client):
    """A GET with a token instead of a session."""

    def get(path: str, token: str, method: str = "get", **headers: str):
        return getattr(client, method)(path, headers={"Authorization": f"Bearer {token}", **headers})

    return get


@pytest.fixture
def token(viewer) -> str:
    return make_token(viewer, "a script", ["default"], 90)[1]


def made(client, **fields: object) -> tuple[str, BeautifulSoup]:
    answer = client.post(TOKENS, FORM | fields)
    assert answer.status_code == 201
    soup = BeautifulSoup(answer.content, "html.parser")
    return soup.select("#secret")[0].text, soup


def test_a_token_is_shown_once_and_kept_as_its_digest(client, viewer):
    client.force_login(viewer)
    secret, _ = made(client)
    row = AccessToken.objects.get()
    assert secret.startswith("cdash_")
    assert len(secret) >= 49
    assert row.secret_digest == digest(secret)
    assert (row.name, row.projects, row.owner) == ("nightly report", ["default"], viewer)
    assert timedelta(days=29.9) < row.expires - timezone.now() < timedelta(days=30)
    page = client.get(TOKENS).content.decode()
    assert "nightly report" in page
    assert "never" in page
    assert secret not in page


def test_it_reads_the_twins_and_no_cookie_is_set(script, token, guarded):
    assert script(LIST, token, method="head").status_code == 200
    guarded.answer = lambda path, query: reply(stored())
    answer = script(ITEM, token)
    assert (answer.status_code, answer.json()["id"]) == (200, "chatcmpl-1")
    assert not answer.cookies
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/default/completions/", "/", "/admin/", TOKENS, "/default/completions/chatcmpl-1/"])
def test_it_opens_no_page(script, token, path, guarded):
    answer = script(path, token)
    assert (answer.status_code, answer.content) == (302, b"")
    assert guarded.asked == []


@pytest.mark.parametrize("path", ["/admin/auth/user/1.json", "/nowhere.json", "/account/x.json"])
def test_it_opens_no_other_address_of_that_ending(script, guarded, path):
    _, secret = make_token(User.objects.create_superuser("root"), "root's", ["default"], 1)
    assert script(path, secret).status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "trace"])
def test_it_only_reads(script, token, method, guarded):
    assert script(LIST, token, method=method).status_code == 401
    assert guarded.asked == []


def test_it_gives_what_its_owner_may_see_and_it_names(script, viewer):
    _, too_wide = make_token(viewer, "a", ["default", "other"], 1)
    hidden, unknown = script("/other/completions.json", too_wide), script("/unknown/completions.json", too_wide)
    assert (hidden.status_code, hidden.content) == (404, unknown.content)
    viewer.groups.set(Group.objects.all())
    assert script("/other/completions.json", too_wide).status_code == 200
    _, narrow = make_token(viewer, "b", ["other"], 1)
    assert script(LIST, narrow).status_code == 404
    viewer.groups.clear()
    assert script("/other/completions.json", too_wide).status_code == 404


def test_a_session_widens_no_token(client, script, viewer):
    client.force_login(viewer)
    _, narrow = make_token(viewer, "b", ["other"], 1)
    assert client.get(LIST).status_code == 200
    assert script(LIST, narrow).status_code == 404
    assert script(LIST, "cdash_guessed").status_code == 401
    assert script(LIST, "sk-another-kind-of-key").status_code == 200, "not ours: the session counts"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda row: AccessToken.objects.update(revoked=timezone.now()),
        lambda row: AccessToken.objects.update(expires=timezone.now()),
        lambda row: AccessToken.objects.all().delete(),
        lambda row: User.objects.update(is_active=False),
    ],
    ids=["revoked", "expired", "deleted", "owner deactivated"],
)
def test_one_that_is_over_is_told_so(script, token, spoil, guarded):
    spoil(token)
    answer = script(LIST, token)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "unknown, expired or revoked" in answer.json()["error"]["message"]
    assert guarded.asked == []


@pytest.fixture
def one_minute(monkeypatch):
    """Which does not turn while a test counts."""
    moment = time.time() // 60 * 60 + 20
    monkeypatch.setattr(time, "time", lambda: moment)


def test_a_token_has_so_many_uses_a_minute(script, token, guarded, one_minute):
    codes = [script(LIST, token).status_code for _ in range(USES_PER_MINUTE + 1)]
    assert codes == [200] * USES_PER_MINUTE + [429]
    answer = script(LIST, token)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "40")
    assert len(guarded.asked) == USES_PER_MINUTE


def test_guesses_are_counted_by_address_and_good_tokens_go_on(script, token, one_minute):
    codes = [script(LIST, f"cdash_{number}").status_code for number in range(FAILURES_PER_MINUTE + 1)]
    assert codes == [401] * FAILURES_PER_MINUTE + [429]
    assert script(LIST, token).status_code == 200


def test_the_last_use_is_noted_once_a_minute(script, token):
    script(LIST, token)
    first = AccessToken.objects.get().last_used
    assert first is not None
    script(LIST, token)
    assert AccessToken.objects.get().last_used == first
    AccessToken.objects.update(last_used=first - timedelta(minutes=2))
    script(LIST, token)
    assert AccessToken.objects.get().last_used not in {first, None, first - timedelta(minutes=2)}


def test_without_a_login_tokens_mean_nothing(script, upstream):
    assert script(LIST, "cdash_whatever").status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "required"),
        ("name", "x" * 81, "at most 80"),
        ("projects", [], "required"),
        ("projects", ["other"], "not one of the available choices"),
        ("days", "0", "greater than or equal to 1"),
        ("days", "366", "less than or equal to 365"),
    ],
)
def test_a_form_that_is_wrong_says_so(client, viewer, field, value, words):
    client.force_login(viewer)
    answer = client.post(TOKENS, FORM | {field: value})
    assert answer.status_code == 400
    (alert,) = BeautifulSoup(answer.content, "html.parser").select("[role=alert]")
    assert words in alert.text
    assert not AccessToken.objects.exists()


def test_nobody_has_more_than_so_many(client, viewer):
    client.force_login(viewer)
    for _ in range(MOST_LIVE):
        make_token(viewer, "one of many", ["default"], 1)
    answer = client.post(TOKENS, FORM)
    assert (answer.status_code, AccessToken.objects.count()) == (400, MOST_LIVE)
    assert "Revoke one of them first" in answer.content.decode()
    AccessToken.objects.filter(pk=AccessToken.objects.all()[0].pk).update(revoked=timezone.now())
    made(client)


def test_one_is_revoked_by_its_owner_alone(client, script, viewer, token):
    path = f"{TOKENS}{AccessToken.objects.get().pk}/revoke/"
    client.force_login(User.objects.create_superuser("root"))
    assert client.post(path).status_code == 404
    client.force_login(viewer)
    assert client.get(path).status_code == 405
    assert client.post(path).headers["Location"] == TOKENS
    revoked = AccessToken.objects.get().revoked
    assert script(LIST, token).status_code == 401
    client.post(path)
    assert AccessToken.objects.get().revoked == revoked, "the first time counts"
    assert "revoked" in client.get(TOKENS).content.decode()


def test_one_that_expired_says_so(client, viewer, token):
    AccessToken.objects.update(expires=timezone.now())
    client.force_login(viewer)
    assert "expired" in client.get(TOKENS).content.decode()


def test_the_list_is_ones_own(client, viewer, token):
    client.force_login(User.objects.create_user("bob"))
    page = client.get(TOKENS).content.decode()
    assert "Revoke" not in page
    assert "curl" not in page, "who sees no project has nothing to call"
