"""Measuring inside of one process, so that CPU and memory are those of the page alone, without a server around it.

Each subject is measured in a child process, whose peak of memory is its own: `measured` starts the child, and the
other functions are called there.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol
from wsgiref.util import setup_testing_defaults

from benchmarks.servers import environment

ROUNDS = 5


def measured(module: str, base_url: str, **variables: str) -> dict[str, float]:
    """What the module prints as its last line when it is run in front of this upstream."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as data:
        command = [sys.executable, "-m", module, base_url]
        configured = environment(data, base_url) | variables
        answer = subprocess.run(command, env=configured, stdout=subprocess.PIPE, text=True, check=True)
    return dict[str, float](json.loads(answer.stdout.splitlines()[-1]))


class Get(Protocol):
    """The body of the page at this path; headers are named as in WSGI."""

    def __call__(self, target: str, **headers: str) -> bytes: ...


def prepared() -> Get:
    """The application, with its database and its static files in the folder that the environment names."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    from dashboard.wsgi import application

    def get(target: str, **headers: str) -> bytes:
        path, _, query = target.partition("?")
        environ: dict[str, Any] = {"PATH_INFO": path, "QUERY_STRING": query, "REMOTE_ADDR": "127.0.0.1", **headers}
        setup_testing_defaults(environ)
        status: list[str] = []
        body = b"".join(application(environ, lambda line, _: status.append(line)))  # type: ignore[arg-type]
        assert status[0].startswith("200"), (target, status)
        return body

    return get


def median(call: Callable[[], object]) -> float:
    """Milliseconds."""
    return statistics.median(timed(call) for _ in range(ROUNDS))


def timed(call: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1e3


def in_turn(cases: dict[str, Callable[[], object]], rounds: int, calls: int) -> dict[str, float]:
    """Milliseconds of CPU and of waiting for one call, as `<name> cpu` and `<name> wall`.

    In turn, so that a slow moment of the machine meets all of them.
    """
    times: dict[str, list[float]] = {f"{name} {kind}": [] for name in cases for kind in ("cpu", "wall")}
    for _ in range(rounds):
        for name, case in cases.items():
            cpu, wall = time.process_time(), time.perf_counter()
            for _ in range(calls):
                case()
            times[f"{name} cpu"].append((time.process_time() - cpu) / calls * 1e3)
            times[f"{name} wall"].append((time.perf_counter() - wall) / calls * 1e3)
    return {name: statistics.median(every) for name, every in times.items()}


def resident() -> float:
    """Megabytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def peak() -> float:
    """Megabytes that this process has had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
