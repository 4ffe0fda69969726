"""The list page of three projects whose stores differ in size alone: what is stored must not make it slower.

Their upstreams come from the folder ../shared (SHARED_DIR names another place). The largest takes minutes to fill, so
that it is measured only when this part is asked for by name.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from benchmarks.in_process import in_turn, measured, prepared
from benchmarks.report import Row
from benchmarks.servers import KEY, end, free_port

SMALL, LARGE = (1_000, 10_000), 1_000_000
PROGRAM = Path(os.environ.get("SHARED_DIR", Path(__file__).parents[2] / "shared")) / "tools" / "fake_upstream.py"


def rows(asked_for: bool) -> Iterator[Row]:
    if not PROGRAM.exists():
        print("growth with the store: not measured, as there is no ../shared here (SHARED_DIR names another place)")
        return
    sizes = (*SMALL, LARGE) if asked_for else SMALL
    with ExitStack() as running:
        variables = {"DASHBOARD_PROJECTS": ",".join(f"stored-{size}" for size in sizes)}
        for size in sizes:
            address = running.enter_context(_upstream(size))
            variables |= {f"STORED_{size}_OPENAI_BASE_URL": address, f"STORED_{size}_OPENAI_API_KEY": KEY}
        found = measured("benchmarks.growth", address, **variables)
    smallest = found[f"{SMALL[0]} cpu"]
    for size in sizes[1:]:
        what = f"list page, {size:,} stored beside {SMALL[0]:,}: CPU"
        yield Row(what, found[f"{size} cpu"], "ms", smallest, "1.10 times")


@contextmanager
def _upstream(size: int) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, str(PROGRAM), "--port", str(port), "--n", str(size), "--no-huge"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        while "listening" not in (line := process.stdout.readline()):
            assert line, "the upstream ended"
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        end(process)


def _measure() -> dict[str, float]:
    get = prepared()
    sizes = [name.removeprefix("stored-") for name in os.environ["DASHBOARD_PROJECTS"].split(",")]
    return in_turn({size: partial(get, f"/stored-{size}/completions/") for size in sizes}, rounds=15, calls=15)


if __name__ == "__main__":
    print(json.dumps(_measure()))
