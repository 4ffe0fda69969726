from collections.abc import Iterator

import pytest
from django.core.cache import caches

from dashboard.configuration import ProjectSettings
from dashboard.projects import all_projects
from dashboard.shared_memory import shared_memory
from tests.stub_upstream import StubUpstream, running

KEY = "sk-CANARY-0123456789abcdefghijklmnopqrstuvwxyz"


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
