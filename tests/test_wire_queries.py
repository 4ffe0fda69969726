"""The query of every combination of filters, as it goes over the wire, before a strict validator.

Prism answers 422 to what the description of the API does not allow. Of a `deepObject` it reads only the keys that
the description declares, so that the keys of this test are declared in a copy, each with its only allowed value.
"""

import contextlib
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dashboard.upstream.client import Client
from dashboard.upstream.errors import Refused
from tests.conftest import find_free_port

PRISM = "@stoplight/prism-cli@5.14.2"
# Lower case only: Prism compares the names of parameters in lower case.
PAIRS = [
    ("env", "prod"),
    ("empty", ""),
    ("two words", "one and  two"),
    ("a&b=c", "x&y=z"),
    ("100%", "100% + 1"),
    ("a+b", "a+b"),
    ("hash#?/", "#?/\\"),
    ("a[b]", "]["),
    ("dots.and-dashes_", "..-_~"),
    ("größe", "Ärger"),
    ("日本", "東京 🗼"),
    ("\"quoted'", "\"'`"),
    ("<b>", "<script>"),
    ("line\nbreak", "tab\tand\nbreak"),
    ("k" * 64, "v" * 512),
    ("%5b", "%2520"),
]
MODELS = ["", "gpt-4o-mini-2024-07-18", "ft:gpt-4.1:harbour & co::ä+1"]
LIMITS = [1, 20, 50, 100]
CURSORS = ["", "chatcmpl-AyPNinnUqUDYo9SAdA52NobMflmj2"]


@pytest.fixture(scope="module")
def prism(shared, tmp_path_factory) -> Iterator[str]:
    if not shutil.which("npx"):
        _stop("Node.js is absent, which the validator of wire queries needs")
    folder = tmp_path_factory.mktemp("prism")
    description = folder / "openapi.yaml"
    description.write_text(_described(shared), encoding="utf-8")
    port = find_free_port()
    command = ["npx", "--yes", PRISM, "mock", "--errors", "--host", "127.0.0.1", "--port", str(port), str(description)]
    with (folder / "log").open("wb") as log:
        # A group of its own, since npx leaves it to others to end what it started.
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait_until_it_listens(process, port, folder / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=20)


@pytest.fixture
def client(prism) -> Client:
    return Client(prism, key="a-key-for-tests")


@pytest.mark.parametrize("count", range(len(PAIRS) + 1))
def test_every_combination_of_filters_is_accepted(client, count):
    for model, order, limit, after in itertools.product(MODELS, ["asc", "desc"], LIMITS, CURSORS):
        page = client.list(model=model, metadata=PAIRS[:count], order=order, limit=limit, after=after)
        assert page.items


@pytest.mark.parametrize("pair", PAIRS)
def test_each_pair_alone_is_accepted(client, pair):
    assert client.list(metadata=[pair], order="desc", limit=20).items


@pytest.mark.parametrize("key", [key for key, _ in PAIRS])
def test_the_validator_reads_each_key_that_is_sent(client, key):
    with pytest.raises(Refused, match="Your request is not valid"):
        client.list(metadata=[(key, "another value")], order="desc", limit=20)


@pytest.mark.parametrize(("order", "limit"), [("sideways", 20), ("desc", 0), ("desc", 101)])
def test_the_validator_refuses_what_the_description_does_not_allow(client, order, limit):
    with pytest.raises(Refused):
        client.list(order=order, limit=limit)


def test_the_messages_query_is_accepted(client):
    for order, limit, after in itertools.product(["asc", "desc"], [1, 20, 100], CURSORS):
        assert client.messages("chatcmpl-1", order=order, limit=limit, after=after).items


def _described(shared: Path) -> str:
    """The observed description with two changes that Prism needs to judge our queries.

    The metadata keys are declared, and the example holds no seed beyond the integers of JavaScript, for which
    Prism would call its own answer wrong.
    """
    text = (shared / "api" / "openapi.observed.yaml").read_text(encoding="utf-8")
    properties = json.dumps({key: {"type": "string", "enum": [value]} for key, value in PAIRS})
    changes = {
        "additionalProperties:\n            type: string\n        description: metadata[": (
            f"additionalProperties: false\n          properties: {properties}\n        description: metadata["
        ),
        "seed: -8132613597486110237\n": "seed: 1\n",
    }
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return text


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    give_up = time.monotonic() + 180
    while time.monotonic() < give_up and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.2)
    _stop(f"the validator of wire queries did not start: {log.read_text(encoding='utf-8')[-500:]}")


def _stop(reason: str) -> None:
    stop: Callable[[str], None] = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
    stop(reason)
