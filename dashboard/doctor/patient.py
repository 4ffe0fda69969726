"""The project under examination: its calls, each bounded and all of them together, and what they brought so far."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from dashboard.projects import Project
from dashboard.upstream.errors import OutOfCredit, Overloaded, RateLimited, Unreachable, UpstreamError
from dashboard.upstream.records import Completion, Message, Page
from dashboard.upstream.tally import counting
from dashboard.upstream.watchdog import Deadline

SAMPLE = 20
"""Rows of one list call: enough to see an order and a filter."""
LEAST_SECONDS = 0.1
"""With less than that left no call is begun."""
MET_BY_ALL = (RateLimited, OutOfCredit, Overloaded, Unreachable)
"""The next call would meet these, too, and some servers count it."""

Pairs = tuple[tuple[str, str], ...]


class OutOfTime(Exception):
    """All the seconds of the project are over."""


class Patient:
    """`ms` and `request_id` are of the calls since `next_check`; `stopped` says that no further call makes sense.

    `rows` are the newest stored completions, `beginning` the same list with a page size of `asked`, `completion`
    is one of them as it was retrieved, `messages` what its first page of messages held.
    """

    def __init__(self, project: Project, seconds: float, call_seconds: float) -> None:
        self.project = project
        self.rows: tuple[Completion, ...] = ()
        self.asked = 0
        self.beginning: Page[Completion] | None = None
        self.completion: Completion | None = None
        self.messages: Page[Message] | None = None
        self.stopped = False
        self.ms: int | None = None
        self.request_id = ""
        # What is found here should hold no page back, and no page's failures should hold this back.
        self._client = project.client.ungated()
        self._seconds, self._call_seconds = seconds, call_seconds
        self._whole = Deadline(seconds)

    def next_check(self) -> None:
        self.ms, self.request_id = None, ""

    def list(
        self, *, limit: int = SAMPLE, order: str = "desc", model: str = "", metadata: Pairs = (), after: str = ""
    ) -> Page[Completion]:
        with self._call() as deadline:
            return self._client.list(
                order=order, limit=limit, model=model, metadata=metadata, after=after, deadline=deadline
            )

    def retrieve(self, completion_id: str) -> Completion:
        with self._call() as deadline:
            return self._client.retrieve(completion_id, deadline=deadline)

    def list_messages(self, completion_id: str, *, limit: int, after: str = "") -> Page[Message]:
        with self._call() as deadline:
            return self._client.messages(completion_id, limit=limit, after=after, deadline=deadline)

    @contextmanager
    def _call(self) -> Iterator[Deadline]:
        """Raises OutOfTime instead of beginning a call that would have no time; UpstreamError passes through."""
        left = self._whole.left()
        if left < LEAST_SECONDS:
            raise OutOfTime(f"The {self._seconds:.3g} seconds for this project are over.")
        started = time.monotonic()
        with counting() as tally:
            try:
                yield Deadline(min(self._call_seconds, left))
            except UpstreamError as error:
                self.stopped = isinstance(error, MET_BY_ALL)
                raise
            finally:
                self.ms = (self.ms or 0) + round((time.monotonic() - started) * 1000)
                self.request_id = tally.request_ids[-1] if tally.request_ids else ""
