"""Input previews of list rows: the last user message of each, fetched side by side and kept, as messages never change."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache

from django.core.cache import caches

from dashboard.inspection.summary import input_line
from dashboard.projects import Project
from dashboard.upstream.errors import NoSuchRoute, NotFound, TooLarge, UpstreamError
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
        if task.done() and (preview := task.result()) is not None:
            found[one] = preview
        else:
            task.cancel()
    return found


def messages_offered(project: Project) -> bool:
    """Whether the upstream is not known to lack the messages route; remembered for ten minutes."""
    return caches["default"].get(f"no-messages:{project.fingerprint}") is None


def remember_no_messages(project: Project) -> None:
    caches["default"].set(f"no-messages:{project.fingerprint}", True, ROUTE_MEMORY_SECONDS)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="input-preview")


def _fetch(project: Project, completion_id: str, deadline: Deadline) -> str | None:
    """None where no preview is to be had now. The newest messages come first, so one call is enough."""
    if not deadline.left():
        return None
    try:
        page = project.client.messages(
            completion_id, order="desc", limit=MESSAGES_READ, largest=LARGEST, deadline=deadline
        )
    except NoSuchRoute:
        remember_no_messages(project)
        return None
    except (TooLarge, NotFound) as error:
        preview = "larger than 2 MB" if isinstance(error, TooLarge) else "no messages"
    except UpstreamError:
        return None
    else:
        preview = input_line(page.items[::-1]) or "no messages"
    caches["content"].set(_key(project, completion_id), preview)
    return preview


def _key(project: Project, completion_id: str) -> str:
    return f"input:{project.fingerprint}:{completion_id}"
