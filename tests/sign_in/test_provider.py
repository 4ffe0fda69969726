"""Single sign-on with a real provider: who gets in, as whom, and what is said to everybody else."""

import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from tests.conftest import find_free_port
from tests.sign_in.conftest import PASSWORD, Dashboard, IdentityProvider, Visitor, words

LIST = "/demo/completions/"
CLIENT = {"DASHBOARD_OIDC_CLIENT_ID": "dashboard", "DASHBOARD_OIDC_CLIENT_SECRET": "a-secret-of-the-tests"}


@pytest.fixture(scope="session")
def _open(dashboard_with: Callable[..., Dashboard], provider_process: str) -> Dashboard:
    dashboard = dashboard_with(
        DASHBOARD_OIDC_ISSUER=provider_process,
        DASHBOARD_OIDC_NAME="Example",
        DASHBOARD_OIDC_GROUPS_CLAIM="groups",
        DASHBOARD_OIDC_ADMINS="staff",
        DASHBOARD_OIDC_SIGNUP="on",
        **CLIENT,
    )
    dashboard.shell(f"User.objects.create_user('bob', email='bob@example.org', password='{PASSWORD}')")
    return dashboard


@pytest.fixture(scope="session")
def _closed(dashboard_with: Callable[..., Dashboard], provider_process: str) -> Dashboard:
    dashboard = dashboard_with(DASHBOARD_OIDC_ISSUER=provider_process, **CLIENT)
    dashboard.shell(
        f"User.objects.create_superuser('root', password='{PASSWORD}');"
        f"User.objects.create_superuser('second', password='{PASSWORD}')"
    )
    return dashboard


@pytest.fixture
def dashboard(_open: Dashboard, provider: IdentityProvider) -> Dashboard:
    """Whoever the provider knows gets an account, and has the groups there."""
    _open.forget()
    return _open


@pytest.fixture
def closed(_closed: Dashboard, provider: IdentityProvider) -> Dashboard:
    """Accounts are made by its administrators alone."""
    _closed.forget()
    return _closed


@pytest.fixture
def visitor(dashboard: Dashboard) -> Visitor:
    return Visitor(dashboard.address)


def groups_of(dashboard: Dashboard, name: str) -> set[str]:
    found = dashboard.rows(
        "SELECT auth_group.name FROM auth_group JOIN auth_user_groups ON group_id = auth_group.id"
        " JOIN auth_user ON user_id = auth_user.id WHERE username = ?",
        name,
    )
    return {row[0] for row in found}


def arrive(dashboard: Dashboard, name: str) -> Visitor:
    """Sign in at the provider as somebody ("alice+staff" has a group), from a browser of their own."""
    visitor = Visitor(dashboard.address)
    visitor.arrived = visitor.answer_provider(visitor.go_to_provider(), name)
    return visitor


def test_a_person_gets_an_account_and_comes_back_to_the_page(dashboard, provider, visitor):
    asked = visitor.open(f"{LIST}?model=gpt")
    login = visitor.open(asked.headers["Location"])
    assert "Sign in with Example" in login.text
    there = visitor.submit(login, "provider")
    assert there.headers["Location"].startswith(f"{provider.address}/auth?")
    sent = parse_qs(urlsplit(there.headers["Location"]).query)
    assert sent["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= set(sent)
    page = visitor.answer_provider(there, "alice+demo: may view+nobody here")
    assert (page.status_code, page.url) == (200, f"{dashboard.address}{LIST}?model=gpt")
    assert dashboard.rows("SELECT email, is_staff FROM auth_user WHERE username = 'alice'") == [
        ("alice@example.org", 0)
    ]
    kept = dashboard.rows("SELECT provider, uid, extra_data FROM socialaccount_socialaccount WHERE uid = 'sub-alice'")
    assert kept == [(provider.address, "sub-alice", '{"groups": ["demo: may view", "nobody here"]}')]
    assert not dashboard.rows("SELECT * FROM auth_group WHERE name = 'nobody here'"), "no group is made"


def test_groups_follow_the_provider_at_each_sign_in(dashboard):
    arrive(dashboard, "carol+demo: may view+demo: may share")
    assert groups_of(dashboard, "carol") == {"demo: may view", "demo: may share"}
    arrive(dashboard, "carol+demo: may share")
    assert groups_of(dashboard, "carol") == {"demo: may share"}
    lost = arrive(dashboard, "carol")
    assert groups_of(dashboard, "carol") == set()
    assert lost.arrived.status_code == 403
    assert "No project yet" in lost.arrived.text


def test_a_group_can_make_administrators_and_unmake_them(dashboard):
    administrator = arrive(dashboard, "dora+staff")
    assert administrator.open("/admin/").status_code == 200
    former = arrive(dashboard, "dora")
    assert former.open("/admin/").status_code == 302
    assert administrator.open("/admin/").status_code == 302, "in every browser"


@pytest.mark.parametrize(("claim", "expected"), [("demo: may view", {"demo: may view"}), (["x", 7, None], set())])
def test_groups_may_be_told_in_other_shapes(dashboard, provider, claim, expected):
    provider.script(me={"merge": {"groups": claim}})
    arrive(dashboard, "erik")
    assert groups_of(dashboard, "erik") == expected


def test_nobody_is_taken_for_another_by_name_or_e_mail(dashboard):
    arrive(dashboard, "bob+staff")
    accounts = dashboard.rows("SELECT username, is_staff FROM auth_user WHERE email = 'bob@example.org' ORDER BY id")
    assert len(accounts) == 2
    assert accounts[0] == ("bob", 0)
    assert accounts[1][0] != "bob"


@pytest.mark.parametrize("name", ["a b<i>", "x" * 200, 7, None])
def test_a_name_that_an_account_cannot_have_becomes_another(dashboard, provider, visitor, name):
    provider.script(me={"merge": {"preferred_username": name, "sub": f"sub-{type(name)}{name}"[:100]}})
    answer = visitor.answer_provider(visitor.go_to_provider(), f"{type(name)}{name}"[4:96].partition("+")[0])
    assert answer.status_code in {403, 502}, "403 is: no project yet"


def test_who_has_no_account_is_told_what_an_administrator_needs(closed):
    answer = arrive(closed, "alice").arrived
    assert answer.status_code == 403
    assert "You have no account here" in words(answer)
    assert "your subject is sub-alice" in words(answer)
    assert closed.rows("SELECT username FROM auth_user") == [("root",), ("second",)]


def link_account(dashboard: Dashboard, account: str, name: str) -> Visitor:
    visitor = Visitor(dashboard.address)
    visitor.sign_in(account)
    again = visitor.follow(visitor.submit(visitor.open("/account/provider/"), "link"))
    assert "Your password again" in words(again)
    assert 'role="alert"' in visitor.submit(again, password="wrong").text
    leave = visitor.follow(visitor.submit(again, password=PASSWORD))
    assert "Go on to single sign-on" in words(leave)
    assert "http" not in leave.headers["Content-Security-Policy"]
    link = leave.text.partition('<a class="btn primary" href="')[2].partition('"')[0].replace("&amp;", "&")
    visitor.arrived = visitor.answer_provider(visitor.open(link), name)
    return visitor


def test_an_account_is_linked_by_its_owner_and_unlinked_again(closed):
    owner = link_account(closed, "root", "frank")
    assert owner.arrived.url == f"{closed.address}/account/provider/"
    assert "The accounts are linked. Sign in with single sign-on root can" in words(owner.arrived)
    assert arrive(closed, "frank").arrived.url == f"{closed.address}{LIST}"
    unlinked = owner.follow(owner.submit(owner.open("/account/provider/"), "unlink"))
    assert "Link root to your identity" in words(unlinked)
    assert arrive(closed, "frank").arrived.status_code == 403


def test_an_identity_belongs_to_one_account(closed):
    link_account(closed, "root", "gina")
    refused = link_account(closed, "second", "gina")
    assert "belongs to another account" in words(refused.arrived)
    assert "Link second to your identity" in words(refused.arrived)
    assert len(closed.rows("SELECT * FROM socialaccount_socialaccount WHERE uid = 'sub-gina'")) == 1


def test_an_administrator_links_a_person_by_the_subject(closed, provider):
    administrator = Visitor(closed.address)
    administrator.sign_in("root")
    page = administrator.open("/admin/socialaccount/socialaccount/add/")
    assert f'value="{provider.address}"' in page.text
    user = str(closed.rows("SELECT id FROM auth_user WHERE username = 'second'")[0][0])
    saved = administrator.submit(page, "_save=", user=user, uid="sub-kim")
    assert saved.headers["Location"] == "/admin/socialaccount/socialaccount/"
    assert "kim" in administrator.follow(saved).text
    arrived = arrive(closed, "kim")
    assert "second can sign in" in words(arrived.open("/account/provider/"))
    assert administrator.open("/admin/socialaccount/socialapp/").status_code == 404


def test_an_account_that_is_switched_off_stays_out(dashboard):
    arrive(dashboard, "hugo")
    dashboard.shell("User.objects.filter(username='hugo').update(is_active=False)")
    answer = arrive(dashboard, "hugo").arrived
    assert answer.status_code == 403
    assert "Your account is switched off" in words(answer)


def test_who_refuses_is_told_so(dashboard, visitor):
    answer = visitor.answer_provider(visitor.go_to_provider(f"{LIST}?order=asc"), "alice", consent="no")
    assert answer.status_code == 403
    assert "You did not sign in" in words(answer)
    assert f'href="{LIST}?order=asc">Sign in again' in answer.text


@pytest.mark.parametrize("query", ["", "?code=x", "?code=x&state=guessed", "?error=access_denied", "?state=%00&code=é"])
def test_an_answer_that_nobody_asked_for_is_refused(visitor, query):
    answer = visitor.open(f"/login/callback/{query}")
    assert answer.status_code == 400
    assert "This sign-in is over" in words(answer)


def test_an_answer_counts_once_and_in_its_own_browser(dashboard, visitor):
    page = visitor.follow(visitor.go_to_provider())
    page = visitor.follow(visitor.submit(page, name="alice"))
    answer = visitor.submit(page, "answer=yes")
    while not answer.headers["Location"].startswith(dashboard.address):
        answer = visitor.open(answer.headers["Location"])
    callback = answer.headers["Location"].removeprefix(dashboard.address)
    assert Visitor(dashboard.address).open(callback).status_code == 400
    assert visitor.open(callback).status_code == 302
    assert visitor.open(callback).status_code == 400


@pytest.mark.parametrize("code", ["server_error", "<script>", ""])
def test_an_error_of_the_provider_is_told(dashboard, visitor, code):
    there = visitor.go_to_provider().headers["Location"]
    state = parse_qs(urlsplit(there).query)["state"][0]
    answer = visitor.open("/login/callback/", params={"state": state, "error": code})
    assert answer.status_code == 502
    assert "The sign-in failed" in words(answer)
    assert not code or code not in words(answer)


@pytest.mark.parametrize(
    ("changes", "headline"),
    [
        ({"token": {"status": 500}}, "cannot be believed"),
        ({"token": {"status": 200, "body": "[]"}}, "cannot be believed"),
        ({"token": {"merge": {"access_token": None}}}, "No answer"),
        ({"token": {"merge": {"expires_in": "soon"}}}, "cannot be believed"),
        ({"token": {"merge": {"id_token": None}}}, "cannot be believed"),
        ({"token": {"merge": {"id_token": "a.b.c"}}}, "cannot be believed"),
        ({"me": {"status": 500}}, "No answer"),
        ({"me": {"status": 200, "body": "[]"}}, "cannot be believed"),
        ({"me": {"merge": {"sub": "sub-mallory"}}}, "cannot be believed"),
        ({"me": {"merge": {"name": {"first": "A"}, "groups": 7}}}, "cannot be believed"),
    ],
    ids=str,
)
def test_an_answer_that_cannot_be_used_is_a_page(dashboard, provider, visitor, changes, headline):
    there = visitor.go_to_provider()
    provider.script(**changes)
    answer = visitor.answer_provider(there, "ivan")
    assert answer.status_code == 502
    assert headline in words(answer)
    assert visitor.open(LIST).status_code == 302


def identity(provider: IdentityProvider, **changes: object) -> str:
    now = int(time.time())
    claims = {"iss": provider.address, "aud": "dashboard", "sub": "sub-alice", "iat": now, "exp": now + 300}
    return jwt.encode(claims | changes, "k" * 32)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ""),
        ({"exp": 1_000_000_000}, "clocks of the two servers differ"),
        ({"nonce": "another"}, "something else than a sign-in"),
        ({"aud": "another"}, "something else than a sign-in"),
        ({"iss": "https://another.example"}, "something else than a sign-in"),
        ({"sub": "sub-mallory"}, "something else than a sign-in"),
    ],
    ids=str,
)
def test_an_identity_is_held_against_what_was_asked(dashboard, provider, visitor, changes, said):
    there = visitor.go_to_provider()
    nonce = parse_qs(urlsplit(there.headers["Location"]).query)["nonce"][0]
    provider.script(token={"merge": {"id_token": identity(provider, **{"nonce": nonce} | changes)}})
    answer = visitor.answer_provider(there, "alice+demo: may view")
    assert said in words(answer)
    assert answer.status_code == (502 if said else 200)


@pytest.mark.parametrize(
    "discovery",
    [
        {"status": 500},
        {"status": 200, "body": "not JSON"},
        {"status": 200, "body": "[]"},
        {"merge": {"issuer": "https://another.example"}},
        {"merge": {"issuer": None}},
        {"merge": {"token_endpoint": None}},
    ],
    ids=str,
)
def test_a_provider_that_cannot_describe_itself_is_told(dashboard, provider, visitor, discovery):
    provider.script(discovery=discovery)
    answer = visitor.go_to_provider()
    assert answer.status_code == 502
    assert "sign-in" in words(answer)
    provider.script()
    assert visitor.go_to_provider().status_code == 302, "it is asked again"


def test_a_provider_that_fails_on_the_way_is_told(dashboard, provider, visitor):
    there = visitor.go_to_provider()
    provider.script(discovery={"status": 500})
    dashboard.forget()
    answer = visitor.answer_provider(there, "alice")
    assert answer.status_code == 502


def test_without_an_address_for_more_the_identity_is_enough(dashboard, provider, visitor):
    provider.script(discovery={"merge": {"userinfo_endpoint": None}})
    answer = visitor.answer_provider(visitor.go_to_provider(), "jane")
    assert answer.status_code == 403
    assert "No project yet" in answer.text


def test_a_provider_that_is_down_takes_the_password_form_with_it_no_more_than_needed(dashboard_with):
    down = dashboard_with(DASHBOARD_OIDC_ISSUER=f"http://127.0.0.1:{find_free_port()}", **CLIENT)
    down.shell(f"User.objects.create_superuser('root', password='{PASSWORD}')")
    visitor = Visitor(down.address)
    answer = visitor.go_to_provider()
    assert answer.status_code == 502
    assert "No answer from the sign-in" in words(answer)
    assert visitor.sign_in("root").url == f"{down.address}{LIST}"


def test_the_log_says_why_and_no_secret(dashboard, provider, visitor):
    there = visitor.go_to_provider()
    provider.script(token={"status": 401, "body": '{"error": "invalid_client"}'})
    visitor.answer_provider(there, "alice")
    log = dashboard.log()
    assert "invalid_client" in log
    assert "Traceback" not in log
    assert CLIENT["DASHBOARD_OIDC_CLIENT_SECRET"] not in log


@pytest.mark.parametrize("after", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site(dashboard, visitor, after):
    page = visitor.answer_provider(visitor.go_to_provider(after), "alice+demo: may view")
    assert page.url == f"{dashboard.address}{LIST}"


def test_the_login_page_alone_lets_its_form_go_to_the_provider(dashboard, provider, visitor):
    policies = {path: visitor.open(path).headers["Content-Security-Policy"] for path in ("/login/", "/login/callback/")}
    assert f"form-action 'self' {provider.address};" in policies["/login/"]
    assert provider.address not in policies["/login/callback/"]
    assert policies["/login/"].replace(f" {provider.address}", "") == policies["/login/callback/"]


def test_a_sign_in_page_at_another_address_is_reached_by_a_link(dashboard, provider, visitor):
    provider.script(discovery={"merge": {"authorization_endpoint": "http://127.0.0.1:9/auth"}})
    answer = visitor.go_to_provider()
    assert answer.status_code == 200
    assert 'href="http://127.0.0.1:9/auth?' in answer.text


def test_many_attempts_are_slowed_down(dashboard, visitor):
    page = visitor.open("/login/")
    statuses = [visitor.submit(page, "provider").status_code for _ in range(31)]
    assert set(statuses[:30]) == {302}
    assert statuses[30] == 429


def test_only_the_way_back_is_open(dashboard, visitor):
    assert visitor.open("/account/provider/").headers["Location"] == "/login/?next=%2Faccount%2Fprovider%2F"
    assert visitor.open("/account/again/").status_code == 302
    assert visitor.post(f"{dashboard.address}/login/callback/", timeout=10).status_code == 403, "without a token"
    assert visitor.post(f"{dashboard.address}/login/", {"provider": ""}, timeout=10).status_code == 403


def test_passwords_can_be_switched_off(dashboard_with, provider_process):
    strict = dashboard_with(
        DASHBOARD_OIDC_ISSUER=provider_process,
        DASHBOARD_OIDC_GROUPS_CLAIM="groups",
        DASHBOARD_OIDC_SIGNUP="on",
        DASHBOARD_PASSWORD_LOGIN="off",
        **CLIENT,
    )
    strict.shell(f"User.objects.create_superuser('root', password='{PASSWORD}')")
    visitor = Visitor(strict.address)
    page = visitor.open("/login/")
    assert "password" not in page.text
    answer = visitor.submit(page, login="root", password=PASSWORD)
    assert answer.status_code == 403
    assert "No passwords here" in words(answer)
    assert arrive(strict, "alice+demo: may view").arrived.url == f"{strict.address}{LIST}"
