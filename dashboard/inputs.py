"""Input previews of list rows: the last user message of each, fetched side by side and kept, as messages never change."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from functools import cache

from django.core.cache import caches
from django.db import DatabaseError

from dashboard.inspection.summary import input_line
from dashboard.projects import Project
from dashboard.upstream.errors import NoSuchRoute, NotFound, TooLarge, UpstreamError
from dashboard.upstream.records import Message, Page
from dashboard.upstream.transport import MEGABYTE
from dashboard.upstream.watchdog import Deadline

AT_ONCE = 6
"""Upstream calls for previews at the same time, per process: a small share, so that pages always get theirs."""
MESSAGES_READ = 20
LARGEST = 2 * MEGABYTE
ROUTE_MEMORY_SECONDS = 600


def input_previews(project: Project, ids: Sequence[str], deadline: Deadline) -> dict[str, str]:
    """Preview text by completion id; ids that could not be had in time, or at all, are left out."""
    known = caches["content"].get_many([_key(project, one) for one in ids])
    found = {one: known[_key(project, one)] for one in ids if _key(project, one) in known}
    missing = [one for one in ids if one not in found]
    if not missing or not messages_offered(project):
        return found
    tasks = {one: _pool().submit(_fetch, project, one, deadline) for one in missing}
    wait(tasks.values(), timeout=deadline.left())
    for one, task in tasks.items():
        if not task.done():
            task.cancel()
        elif preview := _preview(project, task.result()):
            found[one] = preview
            caches["content"].set(_key(project, one), preview)
    return found


def messages_offered(project: Project) -> bool:
    """Whether the upstream is not known to lack the messages route; remembered for ten minutes."""
    with suppress(DatabaseError):  # what is remembered saves a call; reading works without it
        return caches["default"].get(f"no-messages:{project.fingerprint}") is None
    return True


def remember_no_messages(project: Project) -> None:
    with suppress(DatabaseError):
        caches["default"].set(f"no-messages:{project.fingerprint}", True, ROUTE_MEMORY_SECONDS)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="input-preview")


def _fetch(project: Project, completion_id: str, deadline: Deadline) -> Page[Message] | UpstreamError:
    """Runs in the pool, away from the database and the caches. The newest messages come first, so one call is enough."""
    try:
        return project.client.messages(
            completion_id, order="desc", limit=MESSAGES_READ, largest=LARGEST, deadline=deadline
        )
    except UpstreamError as error:
        return error


def _preview(project: Project, outcome: Page[Message] | UpstreamError) -> str:
    """Empty where there is none now, and asking again may help."""
    match outcome:
        case NoSuchRoute():
            remember_no_messages(project)
            return ""
        case TooLarge():
            return f"larger than {LARGEST // MEGABYTE} MB"
        case NotFound():
            return "no messages"
        case UpstreamError():
            return ""
        case page:
            return input_line(page.items[::-1]) or "no messages"


def _key(project: Project, completion_id: str) -> str:
    return f"input:{project.fingerprint}:{completion_id}"
