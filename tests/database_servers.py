"""PostgreSQL and Redis as Debian packs them, started by tests: on free ports of loopback, with data that is thrown away."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from tests.conftest import find_free_port

PASSWORD = "p@ss/w:rd %41?#"
"""Nothing of it may stand in an address as it is."""
# PostgreSQL refuses to be run by root.
USER, GROUP = (None, None) if os.getuid() else pwd.getpwnam("nobody")[2:4]


class Server:
    """A process that can be ended in the middle of a test, and started again on the same port with the same data."""

    def __init__(self, command: list[str], port: int, folder: Path) -> None:
        self.port = port
        self._command, self._folder = command, folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=self._folder, stdout=log, stderr=subprocess.STDOUT, user=USER, group=GROUP
            )
        give_up = time.monotonic() + 20
        while time.monotonic() < give_up and self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.05)
        pytest.fail(f"{self._command[0]} did not start:\n{(self._folder / 'log').read_text()}")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        if self._process:
            self._process.send_signal(how)
            self._process.wait(timeout=20)
            self._process = None

    def send(self, how: signal.Signals) -> None:
        assert self._process
        self._process.send_signal(how)


class PostgreSQL(Server):
    def url(self, database: str = "postgres") -> str:
        return f"postgresql://dashboard:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/{database}"

    def new_database(self, name: str) -> str:
        self.run("postgres", f'CREATE DATABASE "{name}"')
        return self.url(name)

    def run(self, database: str, statement: str) -> list[tuple]:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


class Redis(Server):
    @property
    def url(self) -> str:
        return f"redis://:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/0"


@contextlib.contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    initdb = _program("initdb", "postgresql")
    with _folder() as folder:
        (folder / "password").write_text(PASSWORD)
        options = ["--auth=scram-sha-256", "--username=dashboard", f"--pwfile={folder / 'password'}"]
        subprocess.run(
            [initdb, "-D", str(folder / "data"), *options, "--encoding=UTF8", "--locale=C", "--no-sync"],
            check=True,
            capture_output=True,
            timeout=60,
            cwd=folder,
            user=USER,
            group=GROUP,
        )
        port = find_free_port()
        settings = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "fsync": "off"}
        command = [str(Path(initdb).resolve().with_name("postgres")), "-D", str(folder / "data")]
        command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with _running(PostgreSQL(command, port, folder)) as server:
            _wait_for(lambda: server.run("postgres", "SELECT 1"))
            yield server


@contextlib.contextmanager
def redis() -> Iterator[Redis]:
    program = _program("redis-server", "redis-server")
    with _folder() as folder:
        port = find_free_port()
        command = [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--requirepass", PASSWORD]
        with _running(Redis(command, port, folder)) as server:
            yield server


def _program(name: str, package: str) -> str:
    """Debian keeps those of PostgreSQL beside the path. In CI what is missing is a failure."""
    found = shutil.which(name) or next(iter(sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))), None)
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{name} is not installed (Debian: {package})")
    return str(found)


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="dashboard-server-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if USER is not None and GROUP is not None:
            os.chown(folder, USER, GROUP)
        yield folder


@contextlib.contextmanager
def _running(server):
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _wait_for(probe: Callable[[], object]) -> None:
    give_up = time.monotonic() + 20
    while True:
        try:
            probe()
        except psycopg.OperationalError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.05)
        else:
            return
