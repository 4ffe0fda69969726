"""All cases and crowds on one dashboard, and what its log and its disk say afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.faults import invariants
from tests.faults.catalogue import Case
from tests.faults.run import Outcome, World, burst, run_cases, world

FULL_SPEED, FLUCTUATION = 3, 0.2
"""A burst at the end may take so many times as long as at the beginning, and so many seconds more: the machine does
other things, too."""

Crowd = Callable[[World], Outcome]


@dataclass
class Run:
    """`before` and `after` are seconds of a burst of calls, `faults` what is wrong with the dashboard as a whole."""

    outcomes: dict[str, Outcome]
    before: float
    after: float
    faults: list[str]
    answers: int


def run_everything(cases: Mapping[str, Case], crowds: Mapping[str, Crowd], told: Callable[[Outcome], None]) -> Run:
    with world() as here:
        before = burst(here)
        outcomes = run_cases(here, cases, told)
        for case, crowd in crowds.items():
            outcomes[case] = crowd(here)
            told(outcomes[case])
        after = burst(here)
        faults = _read_log(here, outcomes)
        if after > FULL_SPEED * before + FLUCTUATION:
            faults.append(f"e: 200 calls took p95 {after * 1000:.0f} ms after {before * 1000:.0f} ms before")
        return Run(outcomes, before, after, faults, len(here.answered))


def _read_log(here: World, outcomes: Mapping[str, Outcome]) -> list[str]:
    """Puts what the log lacks of a case to its faults; the rest is the answer."""
    log = here.dashboard.logged()
    lines = invariants.json_lines(log)
    for case, answer in here.answered if lines else []:
        if case in outcomes:
            outcomes[case].faults += invariants.told_in_log(lines, answer)
    return invariants.of_log(log) + invariants.of_disk(here.search, log, here.dashboard.folder)
