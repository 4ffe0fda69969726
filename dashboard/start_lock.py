"""Of several dashboards that start at the same moment on one database, one prepares it at a time."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import closing, contextmanager

from django.conf import settings
from django.db import connection

NUMBER = 7_023_411_905
"""Any, as long as nothing else that uses this PostgreSQL database takes the same."""


@contextmanager
def alone() -> Iterator[None]:
    """Waits for as long as the others take. Raises DatabaseError or OSError where nothing can be locked."""
    if connection.vendor == "postgresql":
        with closing(connection), connection.cursor() as cursor:
            # A migration, or waiting for one, may take longer than a page.
            cursor.execute("SET statement_timeout = 0")
            cursor.execute("SELECT pg_advisory_lock(%s)", [NUMBER])
            yield
    else:
        with (settings.DATA_DIR / "start.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
