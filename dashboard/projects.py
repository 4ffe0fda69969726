"""Project name -> configured client; the only code that decides between live and demo."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.http import Http404

from dashboard.configuration import ProjectSettings
from dashboard.upstream.client import Client
from dashboard.upstream.demo.adapter import BASE_URL, DemoAdapter
from dashboard.upstream.demo.store import process_store

DEMO_ADDRESS = "http://127.0.0.1:8601/v1"
"""Where `manage.py demo_upstream` serves the samples to other programs."""


@dataclass(frozen=True)
class Project:
    """One upstream with one key. `fingerprint` tells keys apart in cache keys without holding one.

    `base_url`, `fixed_query` and `key_header` are what another program needs to ask the same upstream, beside a key.
    """

    name: str
    client: Client
    is_demo: bool
    fingerprint: str
    base_url: str
    fixed_query: tuple[tuple[str, str], ...] = ()
    key_header: str = "Authorization"
    samples: int = 0
    """How many completions the demo upstream holds."""


@cache
def all_projects() -> dict[str, Project]:
    """Every project by name, the one that `/` leads to first."""
    live = [_live(configured) for configured in settings.API_PROJECTS]
    return {project.name: project for project in live or [_demo()]}


def get_project(name: str) -> Project:
    if project := all_projects().get(name):
        return project
    raise Http404("There is no project of that name.")


def _live(configured: ProjectSettings) -> Project:
    client = Client(
        configured.base_url,
        key=configured.key,
        key_header=configured.key_header,
        key_variable=configured.key_variable,
        organization=configured.organization,
        project=configured.openai_project,
        fixed_query=configured.fixed_query,
    )
    seed = f"{configured.base_url}\n{configured.key}\n{configured.organization}\n{configured.openai_project}"
    return Project(
        configured.name,
        client,
        False,
        hashlib.sha256(seed.encode()).hexdigest()[:16],
        configured.base_url,
        configured.fixed_query,
        configured.key_header,
    )


def _demo() -> Project:
    client = Client(BASE_URL, adapter=DemoAdapter())
    return Project("demo", client, True, "demo", DEMO_ADDRESS, samples=len(process_store.get().rows))
