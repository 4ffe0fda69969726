"""The documents behind a completion page, kept for some minutes, so that its lazy parts need not ask the API again."""

from __future__ import annotations

import zlib
from codecs import BOM_UTF8
from collections.abc import Sequence
from typing import Any

from django.core.cache import caches

from dashboard.projects import Project
from dashboard.upstream.decode import decode

KEPT_SECONDS = 600
COMPLETION, MESSAGES = "completion", "messages"


def remember(project: Project, completion_id: str, name: str, bodies: Sequence[bytes]) -> None:
    """The bytes received of the completion, or of the pages of its messages. Large ones are kept at a third of their size."""
    joined = b"[" + b",".join(body.removeprefix(BOM_UTF8) for body in bodies) + b"]"
    caches["content"].set(_key(project, completion_id, name), zlib.compress(joined, 1), KEPT_SECONDS)


def recall(project: Project, completion_id: str, name: str) -> Any:
    """The value at `/completion` or `/messages` of the document that pointers point into; None when it is not kept."""
    kept = caches["content"].get(_key(project, completion_id, name))
    if kept is None:
        return None
    answers = decode(zlib.decompress(kept), keep_repeated=True)
    if name == COMPLETION:
        return answers[0]
    return [message for answer in answers for message in answer.get("data") or []]


def _key(project: Project, completion_id: str, name: str) -> str:
    return f"document:{project.fingerprint}:{completion_id}:{name}"
