"""Project name -> configured client; the only code that decides between live and demo."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cache

from django.conf import settings
from django.http import Http404

from dashboard.configuration import ProjectSettings
from dashboard.shared_memory import shared_memory
from dashboard.upstream.client import Client
from dashboard.upstream.demo.adapter import BASE_URL, DemoAdapter
from dashboard.upstream.demo.store import process_store
from dashboard.upstream.gate import Gate
from dashboard.upstream.slots import Slots

DEMO_ADDRESS = "http://127.0.0.1:8601/v1"
"""Where `manage.py demo_upstream` serves the samples to other programs."""


@dataclass(frozen=True)
class Project:
    """One upstream with one key; its `gate` stands before the client.

    `readers` is the gate of those who have a share link: few places of their own, so that they cannot take those of
    the people who work here. What is known of an upstream that fails holds for both.

    `fingerprint` tells keys apart in cache keys without holding one.

    `base_url`, `fixed_query` and `key_header` are what another program needs to ask the same upstream, beside a key.
    `key_variable`, `key_length` and `sent_headers` say what is set, for whoever looks for a fault in it.
    """

    name: str
    client: Client
    gate: Gate
    readers: Gate
    is_demo: bool
    fingerprint: str
    base_url: str
    fixed_query: tuple[tuple[str, str], ...] = ()
    key_header: str = "Authorization"
    samples: int = 0
    """How many completions the demo upstream holds."""
    key_variable: str = ""
    key_length: int = 0
    sent_headers: tuple[str, ...] = ()
    """Names of the headers that choose an organization and a project of OpenAI."""


@cache
def all_projects() -> dict[str, Project]:
    """Every project by name, the one that `/` leads to first."""
    places, readers = Slots(settings.UPSTREAM_SLOTS), Slots(settings.SHARE_SLOTS)
    live = [_live(configured, places, readers) for configured in settings.API_PROJECTS]
    return {project.name: project for project in live or [_demo(readers)]}


def get_project(name: str) -> Project:
    if project := all_projects().get(name):
        return project
    raise Http404("There is no project of that name.")


def get_shared_project(name: str) -> Project:
    """The same for readers of share links, who stand before a gate of their own."""
    project = get_project(name)
    return replace(project, client=project.client.behind(project.readers), gate=project.readers)


def _live(configured: ProjectSettings, places: Slots, readers: Slots) -> Project:
    seed = f"{configured.base_url}\n{configured.key}\n{configured.organization}\n{configured.openai_project}"
    fingerprint = hashlib.sha256(seed.encode()).hexdigest()[:16]
    gate = Gate(fingerprint, _share(places), shared_memory)
    client = Client(
        configured.base_url,
        key=configured.key,
        key_header=configured.key_header,
        key_variable=configured.key_variable,
        organization=configured.organization,
        project=configured.openai_project,
        fixed_query=configured.fixed_query,
        gate=gate,
    )
    return Project(
        configured.name,
        client,
        gate,
        Gate(fingerprint, readers, shared_memory),
        False,
        fingerprint,
        configured.base_url,
        configured.fixed_query,
        configured.key_header,
        key_variable=configured.key_variable,
        key_length=len(configured.key),
        sent_headers=_sent_headers(configured),
    )


def _share(places: Slots) -> Slots:
    """Of several projects none may take all places, so that one that hangs leaves some to the others."""
    several = len(settings.API_PROJECTS) > 1
    return Slots(settings.UPSTREAM_SLOTS * 2 // 3, within=places) if several else places


def _sent_headers(configured: ProjectSettings) -> tuple[str, ...]:
    values = {"OpenAI-Organization": configured.organization, "OpenAI-Project": configured.openai_project}
    return tuple(name for name, value in values.items() if value)


def _demo(readers: Slots) -> Project:
    gate = Gate("demo", Slots(settings.UPSTREAM_SLOTS), shared_memory)
    client = Client(BASE_URL, adapter=DemoAdapter(), gate=gate)
    shared = Gate("demo", readers, shared_memory)
    return Project("demo", client, gate, shared, True, "demo", DEMO_ADDRESS, samples=len(process_store.get().rows))
