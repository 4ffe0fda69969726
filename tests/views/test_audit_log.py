"""The page that tells administrators who did what."""

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import User

from dashboard.access_tokens import make_token
from dashboard.models import AuditEvent
from dashboard.views.audit_log import ROWS


@pytest.fixture
def administrator(client, guarded) -> User:
    person = User.objects.create_superuser("root")
    client.force_login(person)
    return person


def rows(response) -> list[list[str]]:
    soup = BeautifulSoup(response.content, "html.parser")
    return [
        [" ".join(cell.text.split()) for cell in row.select("td")] for row in soup.select("tr") if row.select("td + td")
    ]


def test_it_says_who_did_what(client, administrator):
    token, _ = make_token(administrator, "a script", ["default"], 1)
    AuditEvent.objects.create(
        action="viewed",
        name="alice",
        project="default",
        completion_id="chatcmpl-1",
        status=200,
        address="203.0.113.0",
        access_token=token,
    )
    response = client.get("/audit/")
    ((_, person, action, what, status, address),) = rows(response)
    assert (person, action, status, address) == ("alice", "viewed", "200", "203.0.113.0")
    assert what == "chatcmpl-1 default token “a script”"
    assert 'href="/default/completions/chatcmpl-1/"' in response.content.decode()


def test_it_leads_to_no_project_that_is_gone(client, administrator):
    AuditEvent.objects.create(action="viewed", project="gone", completion_id="chatcmpl-1")
    response = client.get("/audit/")
    assert rows(response)[0][3] == "chatcmpl-1 gone"
    assert "/gone/" not in response.content.decode()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["carol", "bob", "alice"]),
        ("?person=alice", ["alice"]),
        ("?action=listed", ["carol", "bob"]),
        ("?completion=chatcmpl-1", ["alice"]),
        ("?action=listed&person=bob", ["bob"]),
        ("?person=a%00lice", ["alice"]),
        ("?person=ali", []),
        ("?before=x&unknown=1", ["carol", "bob", "alice"]),
    ],
)
def test_it_is_filtered(client, administrator, query, names):
    AuditEvent.objects.create(action="viewed", name="alice", completion_id="chatcmpl-1")
    AuditEvent.objects.create(action="listed", name="bob")
    AuditEvent.objects.create(action="listed", name="carol")
    response = client.get(f"/audit/{query}")
    assert [row[1] for row in rows(response)] == names
    assert ("has happened" in response.content.decode()) == (not names)


def test_older_rows_are_loaded_by_their_number(client, htmx, administrator):
    AuditEvent.objects.bulk_create(AuditEvent(action="viewed", name=f"p{number}") for number in range(2 * ROWS + 1))
    AuditEvent.objects.create(action="listed", name="another")
    first = client.get("/audit/?action=viewed")
    older = BeautifulSoup(first.content, "html.parser").select("#more a")[0]["href"]
    second = htmx(f"/audit/{older}")
    assert b"<html" not in second.content
    third = client.get(f"/audit/{BeautifulSoup(second.content, 'html.parser').select('#more a')[0]['href']}")
    seen = [row[1] for response in (first, second, third) for row in rows(response)]
    assert seen == [f"p{number}" for number in reversed(range(2 * ROWS + 1))]
    assert b'id="more"' not in third.content


def test_it_is_for_administrators(client, viewer):
    client.force_login(viewer)
    assert client.get("/audit/").status_code == 404
    client.force_login(User.objects.create_user("staff", is_staff=True))
    assert client.get("/audit/").status_code == 404


@pytest.mark.parametrize("path", ["/audit/", "/login/", "/logout/", "/account/tokens/", "/setup/x/", "/admin/"])
def test_without_a_login_there_are_no_pages_about_people(client, upstream, path):
    response = client.get(path)
    assert response.status_code == 404
    assert not response.cookies
