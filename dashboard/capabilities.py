"""What a server turned out not to do, learned from its answers and remembered for each project."""

from __future__ import annotations

from dashboard.projects import Project
from dashboard.shared_memory import shared_memory

MESSAGES, METADATA_FILTER, MODEL_FILTER = "messages", "metadata-filter", "model-filter"
REMEMBERED_SECONDS = {MESSAGES: 600, METADATA_FILTER: 86_400, MODEL_FILTER: 86_400}
"""The messages route is not asked for in this time; filters are sent all the same, and seen to work again at once."""


def offers(project: Project, capability: str) -> bool:
    """Whether the server is not known to lack it."""
    return shared_memory.get(_key(project, capability)) is None


def learn(project: Project, capability: str, *, offered: bool) -> None:
    if offered and not offers(project, capability):
        shared_memory.forget(_key(project, capability))
    elif not offered:
        shared_memory.set(_key(project, capability), True, REMEMBERED_SECONDS[capability])


def filters_ignored(project: Project) -> str:
    """Which filters the server is known to ignore, in words; empty where none."""
    words = {MODEL_FILTER: "model", METADATA_FILTER: "metadata"}
    return " and ".join(word for capability, word in words.items() if not offers(project, capability))


def _key(project: Project, capability: str) -> str:
    return f"lacks:{capability}:{project.fingerprint}"
