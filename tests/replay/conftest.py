"""The dashboard in front of a replay server."""

from collections.abc import Iterator

import pytest
from django.test import Client

from dashboard import projects
from dashboard.configuration import ProjectSettings
from tests.replay.server import Replay, running_replay


@pytest.fixture
def replay() -> Iterator[Replay]:
    with running_replay() as server:
        yield server


@pytest.fixture
def browse(db, settings, replay) -> Iterator[Client]:
    """A browser before a dashboard whose only project, `replayed`, is the replay server."""
    settings.API_PROJECTS = (
        ProjectSettings(
            name="replayed",
            base_url=replay.base_url,
            key="a-key-for-tests",
            key_header="Authorization",
            key_variable="OPENAI_API_KEY",
            organization="",
            openai_project="",
            fixed_query=(),
        ),
    )
    projects.all_projects.cache_clear()
    yield Client()
    projects.all_projects.cache_clear()
