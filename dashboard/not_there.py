"""How often, and after how many seconds, the page of a completion that is not there asks for it again."""

from __future__ import annotations

import re
from dataclasses import dataclass

WAITS = (2, 3, 5, 8, 12)
"""A new completion is listed after one to six seconds."""
PLAUSIBLE = re.compile(r"chatcmpl[-_].+")


@dataclass(frozen=True, slots=True)
class Wait:
    """The next attempt: which one it is, of how many, and the seconds until then."""

    attempt: int
    attempts: int
    seconds: int


def wait_for(completion_id: str, attempts_made: int = 0) -> Wait | None:
    """None when all attempts are made, or when no API would give a completion that id."""
    if not PLAUSIBLE.fullmatch(completion_id) or not 0 <= attempts_made < len(WAITS):
        return None
    return Wait(attempts_made + 1, len(WAITS), WAITS[attempts_made])
