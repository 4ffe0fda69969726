"""Who has to sign in, and where that leads."""

import pytest
from django.contrib.auth.models import User

from dashboard.accounts import AccountAdapter
from tests.views.conftest import PASSWORD

LIST, ITEM = "/default/completions/", "/default/completions/chatcmpl-1/"


def test_who_is_not_signed_in_is_sent_to_the_login_and_back(client, viewer):
    response = client.get(f"{LIST}?metadata%5Benv%5D=prod")
    assert response.status_code == 302
    assert response.headers["Location"] == "/login/?next=%2Fdefault%2Fcompletions%2F%3Fmetadata%255Benv%255D%3Dprod"
    html = client.get(response.headers["Location"]).content.decode()
    assert "Sign in" in html
    answer = client.post(response.headers["Location"], {"login": "alice", "password": PASSWORD})
    assert answer.headers["Location"] == f"{LIST}?metadata%5Benv%5D=prod"
    assert client.get(answer.headers["Location"]).status_code == 200


def test_a_wrong_password_is_told_above_the_form(client, viewer):
    response = client.post("/login/", {"login": "alice", "password": "wrong"})
    assert 'role="alert"' in response.content.decode()
    assert client.get(LIST).status_code == 302


@pytest.mark.parametrize("path", [LIST, ITEM, "/nowhere/", "/other/completions/", "/admin/"])
def test_what_exists_and_what_does_not_look_the_same_from_outside(client, guarded, path):
    response = client.get(path)
    assert (response.status_code, response.content) == (302, b"")
    assert guarded.asked == []


def test_htmx_leaves_for_the_login_and_comes_back_to_its_page(htmx, guarded):
    response = htmx(f"{LIST}?model=gpt", **{"HX-Current-URL": f"http://testserver{LIST}?order=asc"})
    assert (response.status_code, response.content) == (401, b"")
    assert response.headers["HX-Redirect"] == "/login/?next=%2Fdefault%2Fcompletions%2F%3Forder%3Dasc"
    foreign = htmx(LIST, **{"HX-Current-URL": "https://evil.example/x"})
    assert foreign.headers["HX-Redirect"] == "/login/"


def test_a_script_is_told_in_json(client, guarded):
    response = client.get("/default/completions.json")
    assert response.status_code == 401
    assert "access token" in response.json()["error"]["message"]


def test_a_project_that_one_may_not_see_is_not_there(client, viewer):
    client.force_login(viewer)
    assert client.get(LIST).status_code == 200
    hidden, unknown = client.get("/other/completions/"), client.get("/unknown/completions/")
    assert (hidden.status_code, unknown.status_code) == (404, 404)
    assert hidden.content == unknown.content
    assert "other" not in client.get(LIST).content.decode()


def test_an_administrator_sees_everything(client, guarded):
    client.force_login(User.objects.create_superuser("root"))
    assert client.get("/other/completions/").status_code == 200
    assert client.get("/admin/").status_code == 200


def test_who_may_see_nothing_is_told_so(client, guarded):
    client.force_login(User.objects.create_user("bob"))
    response = client.get("/")
    assert response.status_code == 403
    assert "Ask an administrator" in response.content.decode()


def test_a_deactivated_account_is_signed_out(client, viewer):
    client.force_login(viewer)
    User.objects.update(is_active=False)
    assert client.get(LIST).status_code == 302
    assert 'role="alert"' in client.post("/login/", {"login": "alice", "password": PASSWORD}).content.decode()


def test_a_viewer_is_no_administrator(client, viewer):
    client.force_login(viewer)
    answer = client.get("/admin/", follow=True)
    assert answer.status_code == 403
    assert "Not for your account" in answer.content.decode()


def test_too_many_attempts_are_refused_in_words(client, htmx, viewer):
    answers = [client.post("/login/", {"login": f"nobody-{n}", "password": "wrong"}) for n in range(31)]
    assert [answer.status_code for answer in answers[:30]] == [200] * 30
    assert (answers[30].status_code, answers[30].headers["Retry-After"]) == (429, "60")
    assert "Too many attempts" in answers[30].content.decode()
    toast = client.post("/login/", headers={"HX-Request": "true"})
    assert (toast.status_code, toast.headers["HX-Retarget"]) == (429, "#toasts")


def test_nobody_makes_an_account_for_themselves(rf):
    assert not AccountAdapter().is_open_for_signup(rf.get("/"))


def test_messages_do_not_pile_up_in_a_cookie(client, viewer):
    client.post("/login/", {"login": "alice", "password": PASSWORD})
    assert "sessionid" in client.cookies
    assert "messages" not in client.cookies


def test_who_has_no_password_cannot_change_it(client, viewer):
    client.force_login(viewer)
    assert client.get("/account/password/").status_code == 200
    viewer.set_unusable_password()
    viewer.save()
    client.force_login(viewer)
    assert client.get("/account/password/").status_code == 404


SWITCHED_OFF = [
    *("/login/callback/", "/login/second/", "/account/provider/", "/account/again/", "/account/again/code/"),
    *("/account/mfa/", "/account/mfa/app/", "/account/mfa/codes/", "/account/mfa/keys/add/"),
]


@pytest.mark.parametrize("path", SWITCHED_OFF)
def test_what_an_extra_adds_is_not_there_without_it(client, viewer, path):
    assert client.get(path).headers["Location"].startswith("/login/?next=")
    client.force_login(viewer)
    assert client.get(path).status_code == 404
