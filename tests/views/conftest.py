from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import caches

from dashboard.access import sync_rights
from dashboard.configuration import ProjectSettings
from dashboard.projects import all_projects
from dashboard.shared_memory import shared_memory
from tests.stub_upstream import StubUpstream, page, running, stored

KEY = "sk-CANARY-0123456789abcdefghijklmnopqrstuvwxyz"
PASSWORD = "correct horse battery"


def configured(name: str, base_url: str) -> ProjectSettings:
    return ProjectSettings(name, base_url, KEY, "Authorization", "OPENAI_API_KEY", "", "", ())


@pytest.fixture(autouse=True)
def fresh_projects(db):
    all_projects.cache_clear()
    caches["content"].clear()
    shared_memory._known.clear()
    yield
    all_projects.cache_clear()


@pytest.fixture
def upstream(settings) -> Iterator[StubUpstream]:
    """The project `default` on an upstream that the test scripts."""
    with running() as stub:
        settings.API_PROJECTS = (configured("default", stub.base_url),)
        yield stub


@pytest.fixture
def htmx(client):
    """A GET as htmx sends it."""

    def get(path: str, **headers: str):
        return client.get(path, headers={"HX-Request": "true", **headers})

    return get


@pytest.fixture
def guarded(upstream, settings):
    """Two projects behind a login."""
    settings.LOGIN_REQUIRED = True
    with running() as other:
        settings.API_PROJECTS += (configured("other", other.base_url),)
        upstream.answer = other.answer = lambda path, query: page([stored()])
        sync_rights()
        yield upstream


@pytest.fixture
def viewer(guarded) -> User:
    person = User.objects.create_user("alice", password=PASSWORD)
    person.groups.add(Group.objects.get(name="default: may view"))
    return person
