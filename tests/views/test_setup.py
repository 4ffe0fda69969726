"""The first administrator of a new installation."""

import pytest
from django.contrib.auth.models import User

from dashboard.models import SetupLink
from dashboard.setup_link import new_setup_path
from dashboard.views.setup import FirstAdministratorForm

FORM = {"username": "root", "password1": "correct horse battery", "password2": "correct horse battery"}


@pytest.fixture(autouse=True)
def login_required(settings, upstream):
    settings.LOGIN_REQUIRED = True


def test_the_address_makes_one_administrator_and_is_gone(client):
    path = new_setup_path()
    assert "Make the first administrator" in client.get(path).content.decode()
    assert client.post(path, FORM).headers["Location"] == "/"
    administrator = User.objects.get()
    assert (administrator.username, administrator.is_superuser, administrator.is_staff) == ("root", True, True)
    assert client.get("/default/completions/").status_code == 200, "one is signed in at once"
    for answer in (client.get(path), client.post(path, FORM)):
        assert answer.status_code == 404


def test_of_two_who_use_it_at_once_one_is_the_administrator(client, monkeypatch):
    path = new_setup_path()
    ordinary = FirstAdministratorForm.is_valid

    def overtaken(form):
        SetupLink.objects.all().delete()  # as by another request, between the two looks at it
        return ordinary(form)

    monkeypatch.setattr(FirstAdministratorForm, "is_valid", overtaken)
    assert client.post(path, FORM).status_code == 404
    assert not User.objects.exists()


def test_a_weak_password_is_refused_and_the_name_is_kept(client):
    path = new_setup_path()
    answer = client.post(path, FORM | {"password1": "short", "password2": "short"})
    assert answer.status_code == 400
    assert "at least 12 characters" in answer.content.decode()
    assert 'value="root"' in answer.content.decode()
    assert not User.objects.exists()


def test_the_next_start_prints_another_one(client):
    first, second = new_setup_path(), new_setup_path()
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    assert SetupLink.objects.get().secret_digest not in second


def test_where_there_are_accounts_nothing_is_set_up(client):
    path = new_setup_path()
    User.objects.create_user("somebody")
    assert new_setup_path() == ""
    assert client.get(path).status_code == 404


def test_without_a_login_nothing_is_set_up(settings):
    settings.LOGIN_REQUIRED = False
    assert new_setup_path() == ""


@pytest.mark.parametrize("secret", ["x", "a" * 43, "../x"])
def test_a_guessed_address_is_not_there(client, secret):
    new_setup_path()
    assert client.get(f"/setup/{secret}/").status_code in {302, 404}
