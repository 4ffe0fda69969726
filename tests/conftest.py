import contextlib
import ipaddress
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

# How long one example takes depends on what else the machine does.
hypothesis.settings.register_profile("project", deadline=None)
hypothesis.settings.load_profile("project")

ROOT = Path(__file__).resolve().parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: they are slow, and Playwright leaves an event loop in
    the main thread, under which Django refuses to touch the database."""
    items.sort(key=lambda item: "browser" in item.path.relative_to(ROOT).parts)


def _is_loopback(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode()
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test talks to another machine, save the live server of `make conformance`."""
    real_connect = socket.socket.connect
    real_connect_ex = socket.socket.connect_ex
    real_getaddrinfo = socket.getaddrinfo
    live = bool(os.environ.get("CONFORMANCE_BASE_URL"))

    def check(host):
        # pytest.fail raises a BaseException, so that no handler of the product swallows it.
        if not live and not _is_loopback(host):
            pytest.fail(f"A test reached for {host!r}; only loopback is allowed.")

    def connect(self, address):
        if self.family != socket.AF_UNIX:
            check(address[0])
        return real_connect(self, address)

    def connect_ex(self, address):
        if self.family != socket.AF_UNIX:
            check(address[0])
        return real_connect_ex(self, address)

    def getaddrinfo(host, *args, **kwargs):
        check(host)
        return real_getaddrinfo(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket.socket, "connect_ex", connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The API's contract, its recordings and the corpora, kept beside the repository."""
    folder = Path(os.environ.get("SHARED_DIR", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip("the folder ../shared with the recordings is absent (SHARED_DIR names another place)")
    return folder


@pytest.fixture
def free_port() -> int:
    return find_free_port()


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def start_dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """Start the dashboard with the given environment variables; the answer is its address.

    What it prints goes into `log-<port>` of its data folder.
    """
    with contextlib.ExitStack() as running:

        def start(**environment: str) -> str:
            return running.enter_context(_dashboard(tmp_path_factory.mktemp("dashboard"), environment))

        yield start


@contextlib.contextmanager
def _dashboard(folder: Path, environment: dict[str, str]) -> Iterator[str]:
    port = find_free_port()
    folder = Path(environment.get("DASHBOARD_DATA_DIR", folder))
    log = folder / f"log-{port}"
    log = Path(environment.get("DASHBOARD_DATA_DIR", folder)) / f"log-{port}"
    data = {"PORT": str(port), "DASHBOARD_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env={**os.environ, **data, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_healthy(process, f"http://127.0.0.1:{port}/healthz", log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def _wait_until_healthy(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address, timeout=5).close()
            return
        time.sleep(0.05)
    pytest.fail(f"the dashboard did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def postgres():
    from tests.database_servers import postgresql

    with postgresql() as server:
        yield server


@pytest.fixture
def redis_server():
    """For one test alone, which may end it."""
    from tests.database_servers import redis

    with redis() as server:
        yield server


@pytest.fixture(scope="session")
def dashboard_url(start_dashboard: Callable[..., str]) -> str:
    """The dashboard as a stranger starts it: nothing configured, demo data."""
    return start_dashboard()
