"""The dashboard and the demo upstream as processes of their own, started as a stranger starts them, on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil

KEY = "sk-benchmark"
SIGN_IN = """
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
client = Client()
client.force_login(User.objects.create_superuser("bench"))
print(f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}")
"""


@dataclass(frozen=True)
class Dashboard:
    """`manage.py serve` as it runs; `seconds_to_ready` from the start of the process to the first 200 of /healthz."""

    address: str
    seconds_to_ready: float
    master: psutil.Process
    data: Path
    base_url: str

    def signed_in(self) -> str:
        """The cookie of an administrator who has signed in."""
        command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", SIGN_IN]
        configured = environment(str(self.data), self.base_url)
        return subprocess.run(command, env=configured, capture_output=True, text=True, check=True).stdout.strip()

    def workers(self) -> list[psutil.Process]:
        return self.master.children()

    def cpu(self) -> float:
        """Seconds of all workers so far, those that have ended included."""
        times = self.master.cpu_times()
        seconds = times.children_user + times.children_system
        for worker in self.workers():
            with suppress(psutil.NoSuchProcess):
                seconds += sum(worker.cpu_times()[:2])
        return float(seconds)

    def memory(self) -> float:
        """Megabytes of the largest worker."""
        return max(worker.memory_info().rss for worker in self.workers()) / 1e6


def environment(data: str, base_url: str) -> dict[str, str]:
    """Of a process that shows this upstream and keeps its own data in that folder."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "DASHBOARD_DATA_DIR": data,
        "DASHBOARD_LOGIN": "none",
        "DASHBOARD_LOG_LEVEL": "WARNING",  # a line for each request would stand between the tables
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": base_url,
    }


@contextmanager
def dashboard(base_url: str, **variables: str) -> Iterator[Dashboard]:
    """In front of this upstream."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as data:
        port = free_port()
        began = time.perf_counter()
        command = [sys.executable, "manage.py", "serve"]
        configured = environment(data, base_url) | {"PORT": str(port)} | variables
        log = Path(data) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(command, env=configured, stdout=output, stderr=output)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(f"{address}/healthz", process, log)
            ready = time.perf_counter() - began
            yield Dashboard(address, ready, psutil.Process(process.pid), Path(data), base_url)
        finally:
            end(process)


@contextmanager
def demo_upstream() -> Iterator[str]:
    """Its base URL."""
    command = [sys.executable, "manage.py", "demo_upstream", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield process.stdout.readline().split()[-1]
    finally:
        end(process)


@contextmanager
def one_completion(completion: bytes, messages: bytes) -> Iterator[str]:
    """The base URL of an upstream that holds these two bodies, in a thread of this process."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_GET(self) -> None:
            body = messages if "/messages" in self.path else completion
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Quiet."""

    with serving(Handler) as address:
        yield f"{address}/v1"


@contextmanager
def serving(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def free_port() -> int:
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


def end(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
