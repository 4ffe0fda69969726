from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import caches
from django.test import Client

from dashboard.access import sync_rights
from dashboard.configuration import ProjectSettings
from dashboard.inspection.shared_parts import Shown
from dashboard.projects import all_projects
from dashboard.share_links import make_link
from dashboard.shared_memory import shared_memory
from tests.stub_upstream import StubUpstream, page, question, reply, running, stored

KEY = "sk-CANARY-0123456789abcdefghijklmnopqrstuvwxyz"
PASSWORD = "correct horse battery"


def serving(completion, *messages):
    """Answers of an upstream that has this completion alone."""
    return lambda path, query: page(list(messages)) if path.endswith("/messages") else reply(completion)


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


@pytest.fixture
def sharer(upstream, settings) -> User:
    """Somebody who may see and share the project `default`, whose API has one completion."""
    settings.LOGIN_REQUIRED = True
    upstream.answer = serving(stored(), question(0, "system", "Be kind."), question(1))
    sync_rights()
    person = User.objects.create_user("alice")
    person.groups.set(Group.objects.filter(name__startswith="default: "))
    return person


@pytest.fixture
def make(sharer) -> Callable[..., str]:
    """The path of a new link that shows these parts beside the answer."""

    def made(*shown: str, completion_id: str = "chatcmpl-1", lifetime: timedelta = timedelta(days=7)) -> str:
        return make_link(sharer, "default", completion_id, Shown.of(shown), lifetime)[1]

    return made


@pytest.fixture
def reader() -> Client:
    """A browser that has never been here; forged forms are looked for, as in a real one."""
    return Client(enforce_csrf_checks=True)
