"""The list page beside the bare upstream call that it makes, in one run, as CPU time and as ratios.

Absolute times drift with the machine; only the ratios of one run say something. `make bench` runs this against
`manage.py demo_upstream`; BENCH_BASE_URL names another upstream.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from wsgiref.util import setup_testing_defaults

from benchmarks import completion

ROUNDS = 12
CALLS = 25
LIST = "/chat/completions?order=desc&limit=50"


def main() -> None:
    upstream, base_url = _upstream()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as data:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "dashboard.settings", "DASHBOARD_DATA_DIR": data}
        os.environ |= {"OPENAI_API_KEY": "sk-benchmark", "OPENAI_BASE_URL": base_url}
        try:
            _report(_cases(base_url))
        finally:
            if upstream:
                upstream.terminate()
                upstream.wait(5)
    completion.main()


def _upstream() -> tuple[subprocess.Popen[str] | None, str]:
    if base_url := os.environ.get("BENCH_BASE_URL"):
        return None, base_url
    command = [sys.executable, "manage.py", "demo_upstream", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    return process, process.stdout.readline().split()[-1]


def _cases(base_url: str) -> dict[str, Callable[[], int]]:
    """Each case returns the bytes it produced. The first one is what the others are compared with."""
    import requests
    from django.core.management import call_command

    from dashboard.upstream.client import Client
    from dashboard.wsgi import application

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    session = requests.Session()
    client = Client(base_url, key="sk-benchmark")

    def bare() -> int:
        body = session.get(base_url + LIST).content
        json.loads(body)
        return len(body)

    def records() -> int:
        return len(client.list(order="desc", limit=50).body)

    def page(path: str, **headers: str) -> Callable[[], int]:
        return lambda: _get(application, path, headers)

    return {
        "bare call + json.loads": bare,
        "client.list (records)": records,
        "list page": page("/default/completions/"),
        "list page, gzip": page("/default/completions/", HTTP_ACCEPT_ENCODING="gzip"),
    }


def _get(application: Callable[..., object], path: str, headers: dict[str, str]) -> int:
    environ: dict[str, object] = {"PATH_INFO": path, "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1", **headers}
    setup_testing_defaults(environ)
    status: list[str] = []
    body = b"".join(application(environ, lambda line, _: status.append(line)))  # type: ignore[arg-type, call-overload]
    assert status[0].startswith("200"), status
    return len(body)


def _report(cases: dict[str, Callable[[], int]]) -> None:
    sizes = {name: case() for name, case in cases.items()}
    cpu: dict[str, list[float]] = {name: [] for name in cases}
    wall: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(ROUNDS):  # in turn, so that a slow moment of the machine meets all of them
        for name, case in cases.items():
            started_cpu, started = time.process_time(), time.perf_counter()
            for _ in range(CALLS):
                case()
            cpu[name].append((time.process_time() - started_cpu) / CALLS * 1_000)
            wall[name].append((time.perf_counter() - started) / CALLS * 1_000)
    base_cpu, base_wall = (statistics.median(times["bare call + json.loads"]) for times in (cpu, wall))
    print("| case | CPU ms | x bare | wall ms | x bare | kB |\n|---|---|---|---|---|---|")
    for name in cases:
        one_cpu, one_wall = statistics.median(cpu[name]), statistics.median(wall[name])
        print(
            f"| {name} | {one_cpu:.2f} | {one_cpu / base_cpu:.1f} "
            f"| {one_wall:.2f} | {one_wall / base_wall:.1f} | {sizes[name] / 1_000:.0f} |"
        )


if __name__ == "__main__":
    main()
