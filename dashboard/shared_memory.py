"""What all processes of the dashboard know together: small facts in the shared cache, never content."""

from __future__ import annotations

import math
import time
from contextlib import suppress
from threading import Lock
from typing import Any, cast

from cachetools import TTLCache
from django.conf import settings
from django.core.cache import caches
from django.db import DatabaseError, transaction

LOOKED_UP_SECONDS = 1.0
MOST_FACTS = 1_000


class SharedMemory:
    """A process looks a fact up once a second, so that pages pay nothing for it; it may be that old.

    Where the cache cannot be reached nothing is known, and pages go on without it.
    """

    def __init__(self) -> None:
        self._known: TTLCache[str, Any] = TTLCache(MOST_FACTS, LOOKED_UP_SECONDS)
        self._lock = Lock()

    def get(self, key: str, *, fresh: bool = False) -> Any:
        with self._lock:
            if key in self._known and not fresh:
                return self._known[key]
        value = None
        with suppress(DatabaseError):
            value = caches["default"].get(key)
        return self._keep(key, value)

    def set(self, key: str, value: Any, seconds: float) -> None:
        self._keep(key, value)
        with suppress(DatabaseError):
            caches["default"].set(key, value, seconds)

    def claim(self, key: str, seconds: float) -> bool:
        """True for one caller alone, until the seconds are over or it is forgotten."""
        with suppress(DatabaseError):
            return caches["default"].add(key, True, seconds)
        return True

    def count(self, key: str, most: int, seconds: int) -> int:
        """Count one more of at most so many in each stretch of that many seconds: 0 where it is within them, else the
        seconds until the next stretch. Nothing is ever too much where the cache cannot be reached."""
        now = time.time()
        stretch = f"{key}:{int(now // seconds)}"
        with suppress(DatabaseError, ValueError), transaction.atomic():  # ValueError: thrown out meanwhile
            counters = caches["default"]
            counters.add(stretch, 0, seconds)
            if counters.incr(stretch) > most:
                return math.ceil(seconds - now % seconds)
        return 0

    def forget(self, *keys: str) -> None:
        for key in keys:
            self._keep(key, None)
        with suppress(DatabaseError):
            caches["default"].delete_many(keys)

    def _keep(self, key: str, value: Any) -> Any:
        with self._lock:
            self._known[key] = value
        return value


shared_memory = SharedMemory()


def redis_fault() -> str:
    """Why the Redis that CACHE_URL names cannot be used now, in one line; empty when it can, or none is named."""
    return cast(Any, caches["default"]).fault() if "spare" in settings.CACHES else ""
