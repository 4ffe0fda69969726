"""Writes to the database that no reader waits for: made when the answer is sent, by one thread of a process at a time.

While the database is locked or full, reading goes on; what could not be written waits, up to a bound, for a later answer.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from threading import Lock

from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.http.response import HttpResponseBase

MOST_WAITING = 1_000

Write = Callable[[], object]

logger = logging.getLogger(__name__)


class LateWrites:
    """`failing` is true from a write that failed until the next that succeeds."""

    def __init__(self) -> None:
        self.failing = False
        self._waiting: deque[Write] = deque(maxlen=MOST_WAITING)
        self._writing = Lock()

    def after(self, response: HttpResponseBase, write: Write) -> None:
        # The list by which Django closes what an answer has opened; it is gone through when all was sent.
        response._resource_closers.append(lambda: self.soon(write))  # type: ignore[attr-defined]

    def soon(self, write: Write) -> None:
        """Now, unless another thread is writing: that one takes this one with it."""
        self._waiting.append(write)
        went_well = True
        while went_well and self._waiting and self._writing.acquire(blocking=False):
            try:
                went_well = self._write_first()
            finally:
                self._writing.release()

    def _write_first(self) -> bool:
        write = self._waiting.popleft()
        try:
            with transaction.atomic():
                write()
        except (OperationalError, InterfaceError) as error:
            self.failing = True
            self._waiting.appendleft(write)
            logger.error("The database cannot be written, %d writes wait: %s", len(self._waiting), error)
            return False
        except DatabaseError as error:
            # It would fail the next time as well: an account, say, that was deleted meanwhile.
            logger.error("Something could not be written: %s", error)
        self.failing = False
        return True


late_writes = LateWrites()
