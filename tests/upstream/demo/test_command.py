"""`manage.py demo_upstream`, as a process of its own and inside this one."""

import io
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from threading import Thread

import pytest

from dashboard.management.commands.demo_upstream import Command

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_ends_cleanly(number):
    command = [sys.executable, "manage.py", "demo_upstream", "--port", "0", "--api-key", "k", "--latency-ms", "1"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            assert line.startswith("Demo upstream on http://127.0.0.1:")
            address = line.split()[-1]
            request = urllib.request.Request(
                f"{address}/chat/completions?limit=1", headers={"Authorization": "Bearer k"}
            )
            with urllib.request.urlopen(request, timeout=10) as response:
                assert response.status == 200
        finally:
            process.send_signal(number)
            rest, errors = process.communicate(timeout=10)
    assert (process.returncode, rest, errors) == (0, "", "")


def test_it_leaves_the_signals_of_the_process_as_they_were():
    reading, writing = os.pipe()

    def interrupt() -> None:
        with open(reading) as output:
            line = output.readline()
        assert line.startswith("Demo upstream on http://127.0.0.1:")
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    watcher = Thread(target=interrupt)
    watcher.start()
    with io.TextIOWrapper(os.fdopen(writing, "wb")) as output:
        Command(stdout=output).handle(port=0, api_key=None, latency_ms=0)
    watcher.join()
    assert signal.getsignal(signal.SIGTERM) is before


def test_its_options_have_defaults():
    options = Command().create_parser("manage.py", "demo_upstream").parse_args([])
    assert (options.port, options.api_key, options.latency_ms) == (8601, None, 0)
