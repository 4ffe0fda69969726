"""Input previews of list rows: the last user message of each, fetched side by side and kept, as messages never change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cache
from threading import Lock

from django.conf import settings
from django.core.cache import caches

from dashboard.capabilities import MESSAGES, learn, offers
from dashboard.inspection.summary import input_line
from dashboard.projects import Project
from dashboard.upstream.errors import (
    KeyRejected,
    NoSuchRoute,
    NotAllowed,
    NotFound,
    OutOfCredit,
    Overloaded,
    RateLimited,
    TimedOut,
    TooLarge,
    Unreachable,
    UpstreamError,
)
from dashboard.upstream.slots import Slots
from dashboard.upstream.transport import MEGABYTE

AT_ONCE = 6
"""Upstream calls for previews at the same time, per process and project: a small share, so that pages get theirs."""
WAIT_SECONDS = 3.0
"""So long an answer waits for its previews; the page asks again for those that are still on their way."""
MESSAGES_READ = 20
LARGEST = 2 * MEGABYTE
PAUSE_SECONDS = 10.0
MET_BY_ALL = (RateLimited, OutOfCredit, Overloaded, KeyRejected, NotAllowed, Unreachable, TimedOut)

Task = Future[str | NoSuchRoute]
_waiting_places = Slots(max(settings.THREADS // 8, 1))


@dataclass(frozen=True)
class Previews:
    """Text by completion id. `waiting` are ids worth asking for again; all others cannot be had now."""

    texts: dict[str, str]
    waiting: tuple[str, ...] = ()


def input_previews(project: Project, ids: Sequence[str]) -> Previews:
    known = caches["content"].get_many([_key(project, one) for one in ids])
    texts = {one: known[_key(project, one)] for one in ids if _key(project, one) in known}
    missing = [one for one in ids if one not in texts]
    if not missing or not offers(project, MESSAGES) or project.gate.is_held():
        return Previews(texts)
    tasks = {one: _task(project, one) for one in missing}
    _wait(project, tasks.values())
    waiting = tuple(one for one, task in tasks.items() if not task.done() or task.cancelled())
    outcomes = {one: tasks[one].result() for one in missing if one not in waiting}
    if any(isinstance(outcome, NoSuchRoute) for outcome in outcomes.values()):
        learn(project, MESSAGES, offered=False)
    fresh = {one: outcome for one, outcome in outcomes.items() if outcome and isinstance(outcome, str)}
    return Previews(texts | fresh, waiting if fresh else ())


def _wait(project: Project, tasks: Iterable[Task]) -> None:
    """Where too many answers wait already, not at all, so that threads are left for what does not wait."""
    if _waiting_places.take():
        try:
            with project.gate.place() as has_place:
                wait(tasks, timeout=WAIT_SECONDS if has_place else 0)
        finally:
            _waiting_places.give_back()


# Tasks run in the pool, away from the database. A preview that comes too late for its answer is kept for the next one.

_running: dict[str, Task] = {}
_running_lock = Lock()


@cache
def _pool(project_name: str) -> ThreadPoolExecutor:
    """One for each project, so that an upstream that hangs does not hold up another."""
    return ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix=f"inputs-{project_name}")


def _task(project: Project, completion_id: str) -> Task:
    """The task that is under way for this completion, or a new one."""
    key = _key(project, completion_id)
    with _running_lock:
        if key not in _running:
            _running[key] = _pool(project.name).submit(_fetch, project, completion_id, key)
        return _running[key]


def _fetch(project: Project, completion_id: str, key: str) -> str | NoSuchRoute:
    """Empty where there is none now. After a fault that the next call would meet too, all of them pause."""
    try:
        preview = "" if caches["content"].get(f"pause:{project.fingerprint}") else _preview(project, completion_id)
    except NoSuchRoute as error:
        return error
    except UpstreamError as error:
        if isinstance(error, MET_BY_ALL):
            caches["content"].set(f"pause:{project.fingerprint}", "1", error.retry_after or PAUSE_SECONDS)
        return ""
    finally:
        with _running_lock:
            _running.pop(key)
    if preview:
        caches["content"].set(key, preview)
    return preview


def _preview(project: Project, completion_id: str) -> str:
    """The newest messages come first, so one call is enough. The pool bounds how many are under way."""
    try:
        page = project.client.ungated().messages(completion_id, order="desc", limit=MESSAGES_READ, largest=LARGEST)
    except TooLarge:
        return f"larger than {LARGEST // MEGABYTE} MB"
    except NotFound:
        return "no messages"
    return input_line(page.items[::-1]) or "no messages"


def _key(project: Project, completion_id: str) -> str:
    return f"input:{project.fingerprint}:{completion_id}"
