"""How often something may happen within a minute, counted by all processes together."""

from __future__ import annotations

import math
import time
from contextlib import suppress

from django.core.cache import caches
from django.db import DatabaseError

MINUTE = 60


def seconds_to_wait(what: str, most: int) -> int:
    """Counts one more of it; 0 while there are at most so many within the minute of the clock.

    Where the cache cannot be reached nothing is counted: better an uncounted reader than no reader.
    """
    now = time.time()
    minute = int(now // MINUTE)
    with suppress(DatabaseError):
        if _count(f"rate:{what}:{minute}") > most:
            return math.ceil((minute + 1) * MINUTE - now)
    return 0


def _count(key: str) -> int:
    counter = caches["default"]
    if counter.add(key, 1, 2 * MINUTE):
        return 1
    try:
        return int(counter.incr(key))
    except ValueError:  # thrown out in between, to make room
        return 1
