"""What the doctor says of one check, in words that a terminal and a page can show as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from dashboard.inspection.visible import visible

Outcome = Literal["ok", "note", "fault", "skipped"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`ok`; `note`: the dashboard works with less; `fault`: it cannot do its work; `skipped`: it could not be tried.

    `words` and `advice` are sentences on one line. `ms` is what the calls of this check took, None where it made
    none; `request_id` is the API's own name for the last of them, as far as it is known.
    """

    check: str
    outcome: Outcome
    words: str
    advice: str = ""
    ms: int | None = None
    request_id: str = ""


class Verdict(NamedTuple):
    """What a check makes of what it got; the texts of the API may still stand in it as they came."""

    outcome: Outcome
    words: str
    advice: str = ""


def finding(check: str, verdict: Verdict, ms: int | None = None, request_id: str = "") -> Finding:
    """The only way to a finding: nothing in it can move a cursor, reorder a line or begin another one."""
    return Finding(check, verdict.outcome, _tame(verdict.words), _tame(verdict.advice), ms, _tame(request_id))


def short(text: str, longest: int = 60) -> str:
    """A name that the API gave to something."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _tame(text: str) -> str:
    return " ".join(visible(text).split())
