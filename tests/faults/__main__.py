"""`make faults`: every upstream fault through a running dashboard, as a table. Names of cases run these alone."""

from __future__ import annotations

import sys
import time

from tests.faults.catalogue import CASES
from tests.faults.crowds import CROWDS
from tests.faults.everything import run_everything
from tests.faults.run import Outcome


def main(names: list[str]) -> int:
    cases = {case: one for case, one in CASES.items() if case in names or not names}
    crowds = {case: one for case, one in CROWDS.items() if case in names or not names}
    print(f"{'case':34} status      ms  calls    MB  invariants")
    started = time.monotonic()
    run = run_everything(cases, crowds, _told)
    failed = [one for one in run.outcomes.values() if one.faults]
    print(f"\n{len(run.outcomes)} cases, {len(failed)} failed: {', '.join(one.id for one in failed) or 'none'}.")
    print(f"{run.answers} answers in {time.monotonic() - started:.0f} s.")
    print(f"200 calls of a healthy project: p95 {run.before * 1000:.0f} ms before, {run.after * 1000:.0f} ms after.")
    print("\n".join(run.faults))
    return 1 if failed or run.faults else 0


def _told(outcome: Outcome) -> None:
    grown = f"{outcome.growth:5.0f}" if outcome.growth else " " * 5  # measured where nothing else goes on
    took = f"{outcome.seconds * 1000:7.0f} {outcome.requests:6} {grown}"
    print(f"{outcome.id:34} {outcome.status:6} {took}  {outcome.kept}", flush=True)
    for fault in outcome.faults:
        print(f"    {fault}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
