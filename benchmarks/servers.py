"""The dashboard and the demo upstream as processes of their own, started as a stranger starts them, on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

KEY = "sk-benchmark"


@dataclass(frozen=True)
class Dashboard:
    """`manage.py serve` as it runs; `seconds_to_ready` from the start of the process to the first 200 of /healthz."""

    address: str
    seconds_to_ready: float
    master: psutil.Process

    def workers(self) -> list[psutil.Process]:
        return self.master.children()


def environment(data: str, base_url: str) -> dict[str, str]:
    """Of a process that shows this upstream and keeps its own data in that folder."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "DASHBOARD_DATA_DIR": data,
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": base_url,
    }


@contextmanager
def dashboard(base_url: str, **variables: str) -> Iterator[Dashboard]:
    """In front of this upstream."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as data:
        port = _free_port()
        began = time.perf_counter()
        command = [sys.executable, "manage.py", "serve"]
        configured = environment(data, base_url) | {"PORT": str(port)} | variables
        log = Path(data) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(command, env=configured, stdout=output, stderr=output)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(f"{address}/healthz", process, log)
            yield Dashboard(address, time.perf_counter() - began, psutil.Process(process.pid))
        finally:
            _end(process)


@contextmanager
def demo_upstream() -> Iterator[str]:
    """Its base URL."""
    command = [sys.executable, "manage.py", "demo_upstream", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield process.stdout.readline().split()[-1]
    finally:
        _end(process)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < give_up:
        try:
            urllib.request.urlopen(address, timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise SystemExit(f"{address} does not answer:\n{log.read_text()}")


def _end(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
