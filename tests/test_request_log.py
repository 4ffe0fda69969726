"""One line for each request: read from the stderr of the running server, and from records in this process."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.stub_upstream import StubUpstream, page, running, stored
from tests.test_serve import ask

KEY = "sk-CANARY-0123456789abcdefghijklmnopqrstuvwxyz"
Line = dict[str, Any]


@pytest.fixture(scope="module")
def upstream() -> Iterator[StubUpstream]:
    with running() as stub:
        yield stub


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logged")


@pytest.fixture(scope="module")
def address(start_dashboard: Callable[..., str], upstream: StubUpstream, folder: Path) -> str:
    """The dashboard over a scripted upstream; what it prints goes into a file of the folder."""
    return start_dashboard(
        OPENAI_API_KEY=KEY,
        OPENAI_BASE_URL=upstream.base_url,
        DASHBOARD_LOG_LEVEL="DEBUG",
        DASHBOARD_DATA_DIR=str(folder),
    )


@pytest.fixture
def log(address: str, folder: Path) -> Callable[[str], Line]:
    """The one line of the request with that id; it comes a moment after the end of an answer in pieces."""

    path = folder / f"log-{urlsplit(address).port}"

    def line(request_id: str) -> Line:
        give_up = time.monotonic() + 10
        while time.monotonic() < give_up:
            lines = [json.loads(one) for one in path.read_text().splitlines() if one.startswith("{")]
            if found := [one for one in lines if one.get("request_id") == request_id and "route" in one]:
                (one,) = found
                return one
            time.sleep(0.02)
        pytest.fail("there is no such line")

    return line


def test_a_request_is_one_line_that_names_the_route_and_the_calls_behind_it(address, upstream, log):
    status, headers, body = page([stored()])
    upstream.answer = lambda path, query: (status, headers | {"x-request-id": "req_one"}, body)
    status, headers, text = ask(address, "/default/completions/?model=secret-model&metadata[user]=secret-user")
    line = log(headers["X-Request-ID"])
    assert status == 200
    assert {name: line[name] for name in ("level", "logger", "method", "status", "route", "upstream_calls")} == {
        "level": "INFO",
        "logger": "dashboard.requests",
        "method": "GET",
        "status": 200,
        "route": "/<project:project>/completions/",
        "upstream_calls": 1,
    }
    assert line["time"].endswith("+00:00")
    assert line["ms"] >= line["upstream_ms"] > 0
    assert line["bytes"] == len(text.encode())
    assert line["upstream_request_ids"] == ["req_one"]
    assert line["upstream_kind"] == ""
    assert "secret" not in json.dumps(line)
