"""Whether a call that failed is made once more, and when: what passes by itself should not be seen by anybody.

All calls are GET, so that asking twice changes nothing. A time-out is never repeated: it has used up the time.
"""

from __future__ import annotations

import random

from dashboard.upstream.errors import (
    BrokenOff,
    CutShort,
    NotHttp,
    ProxyRefused,
    TlsFailed,
    Unreachable,
    UpstreamError,
    WronglyEncoded,
)
from dashboard.upstream.watchdog import Deadline

PASSING = (Unreachable, BrokenOff, CutShort)
LASTING = (TlsFailed, NotHttp, ProxyRefused, WronglyEncoded)
"""Of these, what is the same a moment later."""
PASSING_STATUSES = frozenset({408, 409, 500, 502, 520})
ANNOUNCED_STATUSES = frozenset({429, 503})
"""Repeated only where the API itself names a time, and a short one."""
LONGEST_PAUSE = 1.0
SHORTEST_PAUSE, LATEST_PAUSE = 0.2, 0.5
LEAST_LEFT = 0.4
"""Of the deadline, from 0 to 1: with less than that the second call would not come to its end."""


def pause_before_repeat(error: UpstreamError, deadline: Deadline) -> float | None:
    """Seconds to wait before the same call is made again; None where it is not. Random, so that not all come at once."""
    if deadline.left() < LEAST_LEFT * deadline.seconds:
        return None
    if error.upstream_status in ANNOUNCED_STATUSES:
        announced = error.retry_after
        return announced if announced is not None and announced <= LONGEST_PAUSE else None
    if error.upstream_status in PASSING_STATUSES or (isinstance(error, PASSING) and not isinstance(error, LASTING)):
        return random.uniform(SHORTEST_PAUSE, LATEST_PAUSE)  # noqa: S311
    return None
