import pytest
import responses
from django.http import Http404

from dashboard import projects
from dashboard.configuration import read_projects
from dashboard.upstream.errors import KeyRejected

pytestmark = pytest.mark.django_db  # the gate of a project looks into the shared cache

KEY = "sk-CANARY-0123456789abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def configured(settings):
    """Calls with environment variables; the projects are those until the test ends."""

    def configure(**environment: str) -> dict[str, projects.Project]:
        settings.API_PROJECTS = read_projects(environment)
        projects.all_projects.cache_clear()
        return projects.all_projects()

    yield configure
    projects.all_projects.cache_clear()


def test_without_a_key_there_is_the_demo(configured):
    (demo,) = configured().values()
    assert (demo.name, demo.is_demo) == ("demo", True)
    assert demo.samples >= 400
    assert len(demo.client.list(order="desc", limit=5).items) == 5


def test_with_a_key_there_is_no_demo(configured):
    found = configured(OPENAI_API_KEY=KEY, DASHBOARD_PROJECTS="stage", STAGE_OPENAI_API_KEY="other-key-of-the-stage")
    assert list(found) == ["default", "stage"]
    assert not any(project.is_demo for project in found.values())


def test_an_unknown_project_is_not_found(configured):
    configured(OPENAI_API_KEY=KEY)
    assert projects.get_project("default").name == "default"
    for name in ("demo", "", "DEFAULT", "../default"):
        with pytest.raises(Http404):
            projects.get_project(name)


def test_fingerprints_tell_keys_apart_and_hold_none(configured):
    first = configured(OPENAI_API_KEY=KEY)["default"].fingerprint
    assert first == configured(OPENAI_API_KEY=KEY)["default"].fingerprint
    others = [
        configured(OPENAI_API_KEY=f"{KEY}2"),
        configured(OPENAI_API_KEY=KEY, OPENAI_ORG_ID="org-1"),
        configured(OPENAI_API_KEY=KEY, OPENAI_PROJECT_ID="proj-1"),
        configured(OPENAI_API_KEY=KEY, OPENAI_BASE_URL="http://127.0.0.1/v1"),
    ]
    assert len({first, *(one["default"].fingerprint for one in others)}) == 5
    assert KEY[3:8] not in first


def test_no_project_prints_its_key(configured):
    assert KEY not in repr(configured(OPENAI_API_KEY=KEY))


def test_every_setting_of_a_project_reaches_the_wire(configured):
    project = configured(
        OPENAI_API_KEY=KEY,
        OPENAI_BASE_URL="https://host.test/openai?api-version=1",
        OPENAI_KEY_HEADER="api-key",
        OPENAI_ORG_ID="org-1",
        OPENAI_PROJECT_ID="proj_1",
    )["default"]
    with responses.RequestsMock() as wire:
        wire.add("GET", "https://host.test/openai/chat/completions/chatcmpl-1", status=401, json={})
        with pytest.raises(KeyRejected) as caught:
            project.client.retrieve("chatcmpl-1")
        sent = wire.calls[0].request
    assert sent.url == "https://host.test/openai/chat/completions/chatcmpl-1?api-version=1"
    assert [sent.headers[name] for name in ("api-key", "OpenAI-Organization", "OpenAI-Project")] == [
        KEY,
        "org-1",
        "proj_1",
    ]
    assert caught.value.key_variable == "OPENAI_API_KEY"
