"""The doctor's page."""

from django.contrib.auth.models import User

from dashboard.upstream.slots import Slots
from tests.stub_upstream import page, stored
from tests.views.conftest import PASSWORD

PAGE = "/doctor/default/"


def test_each_check_is_a_row_in_plain_words(client, upstream):
    upstream.answer = lambda path, query: page([stored()])
    html = client.get(PAGE).content.decode()
    assert "no faults" not in html, "the stub ignores what it is asked for"
    assert '<th scope="row">metadata filter</th>' in html
    assert "manage.py doctor default" in html


def test_a_refused_key_is_explained_without_it(client, upstream):
    upstream.fails(401, {"error": {"message": "Incorrect API key", "code": "invalid_api_key"}}, x_request_id="req_7")
    html = client.get(PAGE).content.decode()
    assert "The key itself is not known there" in html
    assert "It comes from OPENAI_API_KEY" in html
    assert "req_7" in html
    assert "CANARY" not in html


def test_hostile_text_of_the_api_is_text(client, upstream):
    upstream.fails(400, {"error": {"message": "<script>alert(1)</script>"}})
    assert "&lt;script&gt;" in client.get(PAGE).content.decode()


def test_one_project_is_examined_at_once_and_several_are_a_choice(client, guarded):
    alice = User.objects.create_superuser("root", password=PASSWORD)
    client.force_login(alice)
    html = client.get("/doctor/").content.decode()
    assert PAGE in html
    assert "/doctor/other/" in html


def test_who_sees_one_project_is_led_to_its_examination(client, viewer):
    client.force_login(viewer)
    assert client.get("/doctor/").headers["Location"] == PAGE
    assert client.get("/doctor/other/").status_code == 404


def test_who_sees_none_is_told_so(client, guarded):
    client.force_login(User.objects.create_user("bob"))
    response = client.get("/doctor/")
    assert response.status_code == 403
    assert "Ask an administrator" in response.content.decode()


def test_few_are_examined_at_the_same_time(client, upstream, monkeypatch):
    monkeypatch.setattr("dashboard.views.examination._places", Slots(0))
    response = client.get(PAGE)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "12")
    assert upstream.asked == []


def test_a_failure_of_the_api_leads_to_the_doctor(client, upstream):
    upstream.fails(401)
    assert f'href="{PAGE}"' in client.get("/default/completions/").content.decode()
