"""`make faults`: every upstream fault through a running dashboard, as a table. Names of cases run these alone."""

from __future__ import annotations

import sys
import time

from tests.faults import invariants
from tests.faults.catalogue import CASES, KNOWN_CROWDS
from tests.faults.crowds import CROWDS
from tests.faults.run import Outcome, burst, run_cases, world

FULL_SPEED = 3
"""A burst at the end may take so many times as long as at the beginning: the machine does other things, too."""


def main(names: list[str]) -> int:
    cases = {case: one for case, one in CASES.items() if case in names or not names}
    crowds = {case: one for case, one in CROWDS.items() if case in names or not names}
    started = time.monotonic()
    with world() as here:
        print(f"{'case':34} status      ms  calls    MB  invariants")
        before = burst(here)
        outcomes = run_cases(here, cases, _told)
        for case, crowd in crowds.items():
            outcomes[case] = crowd(here)
            _told(outcomes[case])
        after = burst(here)
        log = here.dashboard.logged()
        faults = invariants.of_log(log, here.answers) + invariants.of_disk(here.search, log, here.dashboard.folder)
    if after > FULL_SPEED * before:
        faults.append(f"e: 200 calls took p95 {after * 1000:.0f} ms after {before * 1000:.0f} ms")
    failed = [one for one in outcomes.values() if one.faults and not known(one.id)]
    print(f"\n{len(outcomes)} cases, {len(failed)} failed, {here.answers} answers, {time.monotonic() - started:.0f} s.")
    print(f"200 calls of a healthy project: p95 {before * 1000:.0f} ms before, {after * 1000:.0f} ms after.")
    print("\n".join(faults))
    return 1 if failed or faults else 0


def known(case: str) -> str:
    return CASES[case].known if case in CASES else KNOWN_CROWDS.get(case, "")


def _told(outcome: Outcome) -> None:
    reason = f"  known: {known(outcome.id)}" if known(outcome.id) and outcome.faults else ""
    grown = f"{outcome.growth:5.0f}" if outcome.growth else " " * 5  # measured where nothing else goes on
    took = f"{outcome.seconds * 1000:7.0f} {outcome.requests:6} {grown}"
    print(f"{outcome.id:34} {outcome.status:6} {took}  {outcome.kept}{reason}", flush=True)
    for fault in outcome.faults if not reason else []:
        print(f"    {fault}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
