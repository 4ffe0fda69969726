"""Making share links, and the lists of them."""

import re

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection

from dashboard.models import ShareLink, digest
from tests.stub_upstream import question, stored
from tests.views.conftest import KEY, serving

ITEM = "/default/completions/chatcmpl-1/"
FORM = f"{ITEM}share/"


@pytest.fixture
def signed_in(client, sharer):
    client.force_login(sharer)
    return client


def path_of(html: str) -> str:
    return re.findall(r'data-copy="(/s/[^"]+)"', html)[0]


def test_a_link_is_made_opened_and_revoked(signed_in, reader):
    assert f'href="{FORM}"' in signed_in.get(ITEM).content.decode()
    assert "What readers see" in signed_in.get(FORM).content.decode()
    made = signed_in.post(FORM, {"input": "on", "lifetime": "1d"})
    assert made.status_code == 200
    path = path_of(made.content.decode())
    assert f'value="http://testserver{path}"' in made.content.decode()
    html = reader.get(path).content.decode()
    assert "Answer 1" in html
    assert "A question" in html
    link = ShareLink.objects.get()
    assert (link.expires - link.created).total_seconds() == pytest.approx(86_400, abs=5)
    listed = signed_in.get("/links/").content.decode()
    assert "answer, input" in listed
    assert "1 view," in listed
    answer = signed_in.post("/links/revoke/", {"link": link.pk})
    assert answer.headers["Location"] == "/links/?revoked=1"
    assert "1 link revoked." in signed_in.get("/links/?revoked=1").content.decode()
    assert reader.get(path).status_code == 410


# --- Who may


def test_who_may_not_share_sees_no_button_and_no_form(client, sharer):
    sharer.groups.set(Group.objects.filter(name="default: may view"))
    client.force_login(sharer)
    html = client.get(ITEM).content.decode()
    assert "Answer 1" in html
    assert "share/" not in html
    for path in (FORM, f"{ITEM}share/preview/input/", f"{ITEM}share/preview/input/text/?at=/messages/0/content"):
        assert client.get(path).status_code == 404, path
    assert client.post(FORM, {"lifetime": "1d"}).status_code == 404
    assert not ShareLink.objects.exists()


def test_who_is_not_signed_in_gets_neither_form_nor_preview(client, sharer, upstream):
    for path in (
        FORM,
        f"{ITEM}share/preview/input/",
        f"{ITEM}share/preview/input/json/",
        "/links/",
        "/links/everyone/",
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.content) == (302, b""), path
    assert upstream.asked == []


def test_where_sharing_is_off_there_is_no_button_and_no_form(signed_in, settings):
    settings.SHARING = False
    html = signed_in.get(ITEM).content.decode()
    assert "share/" not in html
    assert "/links/" not in html
    assert signed_in.get(FORM).status_code == 404
    assert "Sharing is switched off" in signed_in.get("/links/").content.decode()


def test_without_a_login_nothing_is_shared(client, upstream):
    upstream.answer = serving(stored())
    assert "share/" not in client.get(ITEM).content.decode()
    for path in (FORM, "/links/", "/links/everyone/"):
        assert client.get(path).status_code == 404, path
    assert client.post("/links/revoke/").status_code == 404


def test_a_form_without_its_token_makes_no_link(sharer, reader):
    reader.force_login(sharer)
    assert reader.post(FORM, {"lifetime": "1d"}).status_code == 403
    assert reader.post("/links/revoke/").status_code == 403
    assert not ShareLink.objects.exists()


# --- The form


def test_a_link_holds_its_secret_nowhere_but_in_the_answer(signed_in):
    html = signed_in.post(FORM, {"lifetime": "7d"}).content.decode()
    secret = path_of(html).split("/")[2]
    assert len(secret) == 43
    link = ShareLink.objects.get()
    assert link.secret_digest == digest(secret)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            assert secret not in str(cursor.fetchall()), table
    assert secret not in str(dict(signed_in.session))
    assert secret not in signed_in.get("/links/").content.decode()


@pytest.mark.parametrize("lifetime", ["", "91d", "1m", "never"])
def test_a_lifetime_is_one_of_those_offered(signed_in, lifetime):
    answer = signed_in.post(FORM, {"lifetime": lifetime, "metadata": "on"})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert 'name="metadata" aria-describedby="id_metadata_helptext" id="id_metadata" checked' in answer.content.decode()
    assert not ShareLink.objects.exists()


def test_at_first_input_and_tools_are_chosen_and_a_week(signed_in):
    html = signed_in.get(FORM).content.decode()
    checked = re.findall(r'<input type="checkbox" name="(\w+)"[^>]*checked', html)
    assert checked == ["input", "tools"]
    assert '<option value="7d" selected>' in html


def test_what_looks_like_a_secret_has_to_be_confirmed(signed_in, upstream):
    upstream.answer = serving(stored(metadata={"mail": "jane@example.org"}), question(content=f"My key is {KEY}"))
    html = signed_in.get(FORM).content.decode()
    assert "API key (sk-CAN…)" in html
    assert "e-mail address (jane@e…)" in html
    assert KEY not in html
    answer = signed_in.post(FORM, {"lifetime": "1d", "input": "on"})
    assert answer.status_code == 400
    assert "Leave it out, or confirm" in answer.content.decode()
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not ShareLink.objects.exists()
    assert signed_in.post(FORM, {"lifetime": "1d", "input": "on", "confirmed": "on"}).status_code == 200


def test_a_secret_in_what_is_not_shown_needs_no_word(signed_in, upstream):
    upstream.answer = serving(stored(), question(content=f"My key is {KEY}"))
    assert signed_in.post(FORM, {"lifetime": "1d", "tools": "on"}).status_code == 200


def test_the_answer_is_always_seen_and_always_looked_at(signed_in, upstream):
    upstream.answer = serving(stored(choices=[{"message": {"content": f"It is {KEY}"}}]))
    assert signed_in.post(FORM, {"lifetime": "1d"}).status_code == 400


def test_without_anything_found_nothing_has_to_be_confirmed(signed_in):
    assert "confirmed" not in signed_in.get(FORM).content.decode()


def test_a_failure_of_the_api_is_told_as_everywhere(signed_in, upstream):
    upstream.fails(401, {"error": {"message": "No."}})
    answer = signed_in.get(FORM)
    assert answer.status_code == 502
    assert "The API refused the key" in answer.content.decode()


# --- The preview


def test_the_preview_is_the_page_of_the_link(signed_in, reader, make):
    answer = signed_in.post(FORM, {"preview": "1", "input": "on", "metadata": "on"})
    assert answer.headers["Location"] == f"{ITEM}share/preview/input-metadata/"
    signed_in.cookies["theme"], signed_in.cookies["as"] = "dark", "markdown"
    seen = signed_in.get(answer.headers["Location"]).content.decode()
    path = make("input", "metadata")
    read = reader.get(path).content.decode()
    assert "There is no link yet." in seen
    assert seen.partition("<main")[0] == read.partition("<main")[0]
    seen, read = (html.partition('<div class="split">')[2] for html in (seen, read))
    assert seen.replace(answer.headers["Location"], path) == read
    assert not ShareLink.objects.filter(views__gt=1)


@pytest.mark.parametrize("shown", ["tools-input", "everything", "", "input-"])
def test_a_preview_has_one_address(signed_in, shown):
    assert signed_in.get(f"{ITEM}share/preview/{shown}/").status_code == 404


def test_the_parts_of_a_preview_are_those_of_the_link(signed_in):
    base = f"{ITEM}share/preview/input/"
    assert signed_in.get(f"{base}text/?at=/messages/0/content").content == b"Be kind."
    assert signed_in.get(f"{base}json/").status_code == 404
    assert signed_in.post(base).status_code == 405


# --- The lists


def test_each_person_sees_and_revokes_their_own_links(client, sharer, make):
    path = make()
    other = User.objects.create_user("bob")
    client.force_login(other)
    assert "You have made no link." in client.get("/links/").content.decode()
    assert client.get("/links/everyone/").status_code == 404
    for form in ({"link": ShareLink.objects.get().pk}, {}, {"everyone": "1"}, {"link": "x"}):
        assert client.post("/links/revoke/", form).headers["Location"] == "/links/?revoked=0"
    assert client.get(path).status_code == 200


def test_an_administrator_sees_and_revokes_all(client, sharer, make):
    make()
    make("json")
    root = User.objects.create_superuser("root")
    client.force_login(root)
    assert "You have made no link." in client.get("/links/").content.decode()
    html = client.get("/links/everyone/").content.decode()
    assert "by alice" in html
    assert "answer, JSON" in html
    answer = client.post(
        "/links/revoke/", {"link": ShareLink.objects.filter(shows_json=True).get().pk, "everyone": "1"}
    )
    assert answer.headers["Location"] == "/links/everyone/?revoked=1"
    assert client.post("/links/revoke/", {"everyone": "1"}).headers["Location"] == "/links/everyone/?revoked=1"
    assert set(ShareLink.objects.values_list("revoked_by", flat=True)) == {root.pk}
    assert "revoked by root" in client.get("/links/everyone/").content.decode()
    ShareLink.objects.all().delete()
    assert "Nobody has made a link." in client.get("/links/everyone/").content.decode()


def test_all_of_ones_own_are_revoked_at_once(signed_in, make, reader):
    paths = [make(), make()]
    assert "Revoke 2 links" in signed_in.get("/links/").content.decode()
    assert signed_in.post("/links/revoke/").headers["Location"] == "/links/?revoked=2"
    assert [reader.get(path).status_code for path in paths] == [410, 410]
    assert "Revoke" not in signed_in.get("/links/").content.decode().partition("<main")[2]


def test_a_link_says_in_which_state_it_is(signed_in, make, sharer, reader, upstream):
    states = []

    def state() -> str:
        return re.findall(r'<span class="badge[^"]*">([^<]+)<', signed_in.get("/links/").content.decode())[0]

    path = make()
    states.append(state())
    upstream.fails(404, {"error": {"message": "No such completion."}})
    reader.get(path)
    states.append(state())
    sharer.groups.set(Group.objects.filter(name="default: may view"))
    states.append(state())
    ShareLink.objects.update(expires="2026-01-01T00:00:00Z")
    states.append(state())
    ShareLink.objects.update(revoked="2026-01-01T00:00:00Z")
    states.append(state())
    assert states == ["open", "gone from the API", "closed: its maker may not share", "expired", "revoked"]


def test_a_long_list_comes_in_pages(signed_in, make, monkeypatch):
    monkeypatch.setattr("dashboard.views.sharing.PAGE", 2)
    for _ in range(5):
        make()
    first, second = (signed_in.get(f"/links/?page={page}").content.decode() for page in ("1", "2"))
    assert first.count('name="link"') == 2
    assert "Older links" in first
    assert "Newer links" not in first
    assert "Newer links" in second
    assert signed_in.get("/links/?page=x").status_code == 200


def test_the_lists_are_read_only_and_revoking_is_a_form(signed_in):
    assert signed_in.post("/links/").status_code == 405
    assert signed_in.get("/links/revoke/").status_code == 405
    assert signed_in.put(FORM).status_code == 405
