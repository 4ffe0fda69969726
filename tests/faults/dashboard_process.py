"""A dashboard as an operator starts it, with a project for each case, and a client that keeps all it is answered."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

import psutil

from tests.conftest import ROOT, find_free_port

START_SECONDS = 60
ANSWER_SECONDS = 40
"""More than any answer may take, so that one that is late is measured and not cut."""
NOT_OURS = re.compile(r"PORT|HOME|DASHBOARD_.*|.*OPENAI_.*|COVERAGE_.*|.*_proxy|.*_PROXY|NETRC|\w+_CA_BUNDLE")
"""Variables that take no part. Tracing makes processes larger and slower, which is what is measured here."""


def project_name(case: str) -> str:
    return case.lower().replace("_", "-")


def variables(case: str, base_url: str, key: str) -> dict[str, str]:
    prefix = project_name(case).upper().replace("-", "_")
    return {f"{prefix}_OPENAI_BASE_URL": base_url, f"{prefix}_OPENAI_API_KEY": key}


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not NOT_OURS.fullmatch(name)}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        """What can be read of it: no tags, white space collapsed."""
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", self.html)).split())

    @property
    def html(self) -> str:
        return self.body.decode(errors="replace")


@dataclass
class Dashboard:
    port: int
    pid: int
    folder: Path
    log: Path

    def get(self, path: str, *, htmx: bool = False) -> Answer:
        started = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        try:
            connection.request("GET", path, headers={"HX-Request": "true"} if htmx else {})
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, headers, answer.read(), time.monotonic() - started)
        finally:
            connection.close()

    def memory(self) -> float:
        """MB of all its processes."""
        return sum(_resident(one) for one in [psutil.Process(self.pid), *psutil.Process(self.pid).children(True)])

    def logged(self) -> bytes:
        return self.log.read_bytes()


def _resident(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss) / 1e6
    except psutil.NoSuchProcess:
        return 0.0


@contextmanager
def running_dashboard(folder: Path, environment: Mapping[str, str]) -> Iterator[Dashboard]:
    """`environment` is all that it gets beside the usual. Its data are below `folder`/data, its log beside them."""
    port, log, data = find_free_port(), folder / "log", folder / "data"
    own = {
        "PORT": str(port),
        "DASHBOARD_DATA_DIR": str(data),
        "DASHBOARD_LOGIN": "none",
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env={**clean_environment(), **own, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    dashboard = Dashboard(port, process.pid, data, log)
    try:
        _wait_until_healthy(process, dashboard)
        yield dashboard
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=25)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_healthy(process: subprocess.Popen[bytes], dashboard: Dashboard) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        with suppress(OSError):
            if dashboard.get("/healthz").status == 200:
                return
        time.sleep(0.05)
    raise RuntimeError(f"the dashboard did not start:\n{dashboard.log.read_text()}")


@dataclass
class Peak:
    """The most memory that was seen while something went on, in MB above the beginning."""

    before: float
    highest: float = 0.0
    after: float = 0.0
    _over: threading.Event = field(default_factory=threading.Event)

    @property
    def growth(self) -> float:
        return self.highest - self.before


@contextmanager
def watched_memory(dashboard: Dashboard) -> Iterator[Peak]:
    before = dashboard.memory()
    peak = Peak(before, before)

    def watch() -> None:
        while not peak._over.wait(0.05):
            peak.highest = max(peak.highest, dashboard.memory())

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        peak._over.set()
        thread.join()
        peak.after = dashboard.memory()
