"""The life of the server process: how soon it is there, and how it goes while it has work to do."""

import contextlib
import http.client
import os
import queue
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from dashboard import gunicorn_settings
from tests.conftest import ROOT
from tests.stub_upstream import page, running, stored

KEY = "sk-CANARY-0123456789abcdefghijklmnopqrstuvwxyz"
CLIENTS = 16


@contextlib.contextmanager
def serving(folder: Path, port: int, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """The master process, ready."""
    own = {"PORT": str(port), "DASHBOARD_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env={**os.environ, **own, **environment},
            stdout=log,
            stderr=log,
        )
    try:
        wait_until_ready(process, port)
        yield process
    finally:
        process.kill() if process.poll() is None else None
        process.wait(timeout=20)


def wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    give_up = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < give_up:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            if get(connection, "/readyz")[0] == 200:
                return
        time.sleep(0.02)
    pytest.fail("the dashboard did not start")


def get(connection: http.client.HTTPConnection, path: str) -> tuple[int, bytes]:
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read()


def stopped(process: subprocess.Popen[bytes]) -> float:
    """Seconds from SIGTERM to the end of the master."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0
    return time.monotonic() - began


def one_answer(connection: http.client.HTTPConnection) -> str:
    """What came of one request: `whole`, `refused`, `closed` before its first byte, or `broken`."""
    try:
        status, body = get(connection, "/default/completions/")
    except ConnectionRefusedError:
        return "refused"
    except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
        connection.close()
        return "closed"
    except (OSError, http.client.HTTPException) as error:
        return f"broken: {error!r}"
    return "whole" if status == 200 and body.endswith(b"</html>\n") else f"broken: {status}"


def visit(port: int, keeps: bool, seconds: float = 40) -> Counter[str]:
    """One client, until it is refused or the time is over: on one connection, or on a new one for each request."""
    outcomes: Counter[str] = Counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=25)
    give_up = time.monotonic() + seconds
    while "refused" not in outcomes and time.monotonic() < give_up:
        outcomes[one_answer(connection)] += 1
        if not keeps:
            connection.close()
    connection.close()
    return outcomes


def test_sigterm_under_load_breaks_no_answer(tmp_path, free_port):
    with running() as upstream:

        def slowly(path, query):
            time.sleep(0.3)
            return page([stored()])

        upstream.answer = slowly
        project = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": upstream.base_url, "DASHBOARD_LOGIN": "none"}
        with serving(tmp_path, free_port, **project) as process, ThreadPoolExecutor(CLIENTS) as clients:
            visits = [clients.submit(visit, free_port, number % 2 == 0) for number in range(CLIENTS)]
            give_up = time.monotonic() + 20
            while len(upstream.asked) < 3 * CLIENTS and time.monotonic() < give_up:
                time.sleep(0.05)
            seconds = stopped(process)
            outcomes = sum((one.result() for one in visits), Counter())
    print(f"{dict(outcomes)}, stopped after {seconds:.2f} s")
    assert outcomes["whole"] >= 3 * CLIENTS
    assert outcomes["refused"] == CLIENTS
    # Closed without a byte: that connection was idle at the moment of the signal.
    assert outcomes["closed"] <= CLIENTS // 2
    assert set(outcomes) <= {"whole", "refused", "closed"}


def test_new_workers_take_over_without_breaking_an_answer(tmp_path, free_port):
    with running() as upstream:

        def slowly(path, query):
            time.sleep(0.1)
            return page([stored()])

        upstream.answer = slowly
        project = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": upstream.base_url, "DASHBOARD_LOGIN": "none"}
        with serving(tmp_path, free_port, **project) as process, ThreadPoolExecutor(CLIENTS) as clients:
            before = {child.pid for child in psutil.Process(process.pid).children()}
            visits = [clients.submit(visit, free_port, number % 2 == 0, 4) for number in range(CLIENTS)]
            time.sleep(0.5)
            process.send_signal(signal.SIGHUP)
            outcomes = sum((one.result() for one in visits), Counter())
            after = {child.pid for child in psutil.Process(process.pid).children()}
            assert stopped(process) < 10
    print(dict(outcomes))
    assert before.isdisjoint(after)
    assert outcomes["closed"] <= CLIENTS // 2
    assert set(outcomes) <= {"whole", "closed"}


def test_an_answer_under_way_is_finished_while_new_connections_are_refused(tmp_path, free_port):
    with running() as upstream:

        def slowly(path, query):
            time.sleep(2)
            return page([stored()])

        upstream.answer = slowly
        project = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": upstream.base_url, "DASHBOARD_LOGIN": "none"}
        with serving(tmp_path, free_port, **project) as process, ThreadPoolExecutor(1) as client:
            connection = http.client.HTTPConnection("127.0.0.1", free_port, timeout=25)
            visit = client.submit(one_answer, connection)
            time.sleep(0.5)
            process.send_signal(signal.SIGTERM)
            time.sleep(0.7)
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", free_port), timeout=5)
            assert not visit.done()
            assert visit.result() == "whole"
            assert process.wait(timeout=10) == 0
            connection.close()


def test_who_was_connected_before_the_end_is_answered(tmp_path, free_port):
    """The worker is held still while connections pile up, and meets them together with the signal to stop."""
    with serving(tmp_path, free_port, DASHBOARD_WORKERS="1") as process, contextlib.ExitStack() as opened:
        (worker,) = psutil.Process(process.pid).children()
        worker.suspend()
        clients = [http.client.HTTPConnection("127.0.0.1", free_port, timeout=20) for _ in range(5)]
        for client in clients:
            opened.enter_context(contextlib.closing(client))
            client.request("GET", "/demo/completions/")
        process.send_signal(signal.SIGTERM)
        worker.send_signal(signal.SIGTERM)
        worker.resume()
        for client in clients:
            with client.getresponse() as answer:
                assert (answer.status, answer.read().endswith(b"</html>\n")) == (200, True)
                assert answer.headers["Connection"] == "close"
        assert process.wait(timeout=20) == 0


@dataclass
class Master:
    SIG_QUEUE: "queue.SimpleQueue[int]"


@pytest.mark.parametrize(("received", "ends"), [([], False), ([signal.SIGHUP], False), ([1, signal.SIGTERM], True)])
def test_a_worker_that_is_told_to_stop_before_it_listens_does(received, ends):
    """What came between its fork and its own handlers lies in a copy of the queue of the master."""
    worker: Any = None
    master: Any = Master(queue.SimpleQueue())
    for number in received:
        master.SIG_QUEUE.put(number)
    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit) if ends else contextlib.nullcontext():
            gunicorn_settings.post_fork(master, worker)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGTERM, before)


def test_idle_connections_do_not_hold_up_the_end(tmp_path, free_port):
    """One that was used before, as of a browser, and one that was opened in advance."""
    with serving(tmp_path, free_port) as process:
        used = http.client.HTTPConnection("127.0.0.1", free_port, timeout=5)
        assert get(used, "/healthz")[0] == 200
        with contextlib.closing(used), socket.create_connection(("127.0.0.1", free_port)):
            seconds = stopped(process)
    print(f"stopped after {seconds:.2f} s")
    assert seconds < 10


def test_a_start_takes_seconds_and_may_follow_an_end_at_once(tmp_path, free_port):
    starts = []
    for _ in range(2):
        began = time.monotonic()
        with serving(tmp_path, free_port) as process:
            starts.append(time.monotonic() - began)
            assert stopped(process) < 10
    print(f"ready after {starts[0]:.2f} s, and again after {starts[1]:.2f} s")
    assert min(starts) < 15
