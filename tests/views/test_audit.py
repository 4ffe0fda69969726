"""What is written down, and what is not."""

from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.db import OperationalError
from django.utils import timezone

from dashboard import audit as module
from dashboard.access_tokens import make_token
from dashboard.after_answer import late_writes
from dashboard.models import AuditEvent
from dashboard.setup_link import new_setup_path
from dashboard.shared_memory import shared_memory
from dashboard.urls import urlpatterns
from tests.stub_upstream import Reply, page, reply, stored
from tests.views.conftest import PASSWORD

LIST, ITEM = "/default/completions/", "/default/completions/chatcmpl-1/"


def events() -> list[tuple[str, str, str, int]]:
    return [(one.action, one.name, one.completion_id, one.status) for one in AuditEvent.objects.order_by("pk")]


def answer(path: str, query: object) -> Reply:
    listed = path.endswith(("/completions", "/messages"))
    return page([] if path.endswith("/messages") else [stored()]) if listed else reply(stored())


@pytest.fixture
def reader(client, guarded, viewer):
    """Alice, signed in, and nothing written down yet."""
    guarded.answer = answer
    client.force_login(viewer)
    AuditEvent.objects.all().delete()
    module._read.clear()
    return client


@pytest.mark.parametrize(
    "path",
    [
        *("", "conversation.md", "logprobs/", "logprobs/tokens.csv", "json/", "code/", "code/run.py", "panel/"),
        *("text/?at=/completion/model", "messages/?from=0"),
    ],
)
def test_whoever_views_a_completion_is_written_down(reader, path):
    found = reader.get(ITEM + path)
    list(found)
    assert events() == [("viewed", "alice", "chatcmpl-1", found.status_code)]


@pytest.mark.parametrize(
    "path", ["/default/completions/chatcmpl-1.json", "/default/completions/chatcmpl-1/messages.json"]
)
def test_a_script_is_written_down_with_its_token(client, guarded, viewer, path):
    guarded.answer = answer
    row, secret = make_token(viewer, "a script", ["default"], 1)
    client.get(path, headers={"Authorization": f"Bearer {secret}"})
    (event,) = AuditEvent.objects.all()
    assert (event.action, event.person, event.access_token) == ("viewed", viewer, row)


@pytest.mark.parametrize(
    "path", [LIST, f"{LIST}?metadata%5Bsecret%5D=canary", "/default/completions.json?model=canary"]
)
def test_a_list_is_written_down_without_what_was_searched(reader, path):
    reader.get(path, REMOTE_ADDR="203.0.113.77", HTTP_X_FORWARDED_FOR="198.51.100.1")
    event = AuditEvent.objects.get()
    assert (event.action, event.project, event.completion_id, event.status) == ("listed", "default", "", 200)
    assert event.address == "203.0.113.0"
    assert "canary" not in str(vars(event))


def test_what_the_panel_shows_beside_the_list_was_viewed(reader):
    reader.get(f"{LIST}?peek=chatcmpl-1")
    assert events() == [("listed", "alice", "", 200), ("viewed", "alice", "chatcmpl-1", 200)]


def test_what_a_page_fetches_later_is_no_view_of_its_own(reader, htmx):
    reader.get(ITEM)
    reader.get(LIST)
    for path in ("text/?at=/completion/model", "messages/?from=0", "tokens/0/0/", "media/?at=/completion/model"):
        reader.get(ITEM + path)
    htmx(f"{ITEM}json/?at=/completion")
    reader.get("/default/inputs/?id=chatcmpl-1")
    assert [action for action, *_ in events()] == ["viewed", "listed"]
    reader.get(ITEM)
    assert len(events()) == 3, "the page itself is a view each time"


def test_a_page_that_failed_does_not_cover_its_parts(reader, guarded):
    guarded.fails(500)
    reader.get(ITEM)
    guarded.answer = answer
    reader.get(f"{ITEM}text/?at=/completion/model")
    assert events() == [("viewed", "alice", "chatcmpl-1", 502), ("viewed", "alice", "chatcmpl-1", 200)]


def test_an_attempt_at_a_hidden_project_is_written_down(reader):
    reader.get("/other/completions/chatcmpl-9/")
    assert events() == [("viewed", "alice", "chatcmpl-9", 404)]


def test_who_is_turned_away_at_the_wall_has_read_nothing(client, guarded):
    client.get(LIST)
    client.get("/login/")
    assert events() == []


@pytest.mark.parametrize("path", ["/", "/nowhere/", f"{ITEM}there/", f"{ITEM}newer/", "/account/tokens/"])
def test_what_shows_no_content_is_not_written_down(reader, path):
    reader.get(path)
    assert events() == []


def test_every_route_of_a_project_is_accounted_for():
    views = set()
    for route in urlpatterns:
        if "<project:" in str(route.pattern):
            for one in getattr(route, "url_patterns", [route]):
                views.add(f"{one.callback.__module__}.{one.callback.__name__}".removeprefix("dashboard.views."))
    assert views == (module.READING.keys() | module.PARTS.keys() | module.SAYS_NOTHING) - {"completions.home"}


def test_without_a_login_nothing_is_written_down(client, upstream):
    upstream.answer = answer
    assert client.get(LIST).status_code == 200
    assert events() == []


def test_signing_in_and_out_and_failing_to(client, viewer):
    client.post("/login/", {"login": "canary-typed", "password": "wrong"})
    client.post("/login/", {"login": "alice", "password": PASSWORD})
    client.post("/logout/")
    assert [(action, name) for action, name, *_ in events()] == [
        ("sign-in-failed", ""),
        ("signed-in", "alice"),
        ("signed-out", "alice"),
    ]


def test_a_check_of_a_password_outside_of_a_request_is_none_of_its_business(viewer):
    assert authenticate(username="alice", password="wrong") is None
    assert events() == []


def test_changing_the_password_and_tokens(reader):
    new = "another horse battery"
    reader.post("/account/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    reader.post("/account/tokens/", {"name": "a", "projects": ["default"], "days": "1"})
    path = f"/account/tokens/{AuditEvent.objects.get(action='token-made').access_token_id}/revoke/"
    reader.post(path)
    reader.post(path)
    assert [action for action, *_ in events()] == ["password-changed", "token-made", "token-revoked"]


def test_setting_up(client, settings, upstream):
    settings.LOGIN_REQUIRED = True
    client.post(new_setup_path(), {"username": "root", "password1": PASSWORD, "password2": PASSWORD})
    assert [(action, name) for action, name, *_ in events()] == [("signed-in", "root"), ("set-up", "root")]


def test_the_name_outlives_the_account(reader, viewer):
    reader.get(LIST)
    viewer.delete()
    event = AuditEvent.objects.get()
    assert (event.person, event.name) == (None, "alice")


def test_a_database_that_cannot_be_written_keeps_nobody_from_reading(reader, monkeypatch, caplog):
    def refuse(self, *args, **options):
        raise OperationalError("database is locked")

    with monkeypatch.context() as broken:
        broken.setattr("django.db.models.query.QuerySet.bulk_create", refuse)
        assert reader.get(ITEM).status_code == 200
    assert late_writes.failing
    assert "database is locked" in caplog.text
    assert events() == []
    reader.get(LIST)
    assert [action for action, *_ in events()] == ["viewed", "listed"], "it was written with the next"
    assert not late_writes.failing


def test_what_is_older_than_is_wanted_is_forgotten_once_a_day(reader, settings):
    shared_memory.forget(module.FORGOTTEN)
    now = timezone.now()
    for days in (1, 89, 91):
        AuditEvent.objects.create(action="viewed", name=str(days), at=now - timedelta(days=days))
    reader.get(LIST)
    assert {name for _, name, *_ in events()} == {"1", "89", "alice"}
    settings.AUDIT_DAYS = 30
    reader.get(LIST)
    assert "89" in {name for _, name, *_ in events()}
    module.forget_old()
    assert {name for _, name, *_ in events()} == {"1", "alice"}
