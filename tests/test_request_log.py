"""One line for each request: read from the stderr of the running server, and from records in this process."""

import contextlib
import http.client
import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.stub_upstream import StubUpstream, page, reply, running, stored
from tests.test_serve import ask

KEY = "sk-CANARY-0123456789abcdefghijklmnopqrstuvwxyz"
Line = dict[str, Any]
FAILING = ("fails-500", "fails-429", "fails-400", "fails-503")


@pytest.fixture(scope="module")
def upstream() -> Iterator[StubUpstream]:
    with running() as stub:
        yield stub


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logged")


@pytest.fixture(scope="module")
def address(start_dashboard: Callable[..., str], upstream: StubUpstream, folder: Path) -> str:
    """The dashboard over a scripted upstream; what it prints goes into a file of the folder.

    Each failure has a project of its own, as a project whose API fails is held back.
    """
    projects = {
        f"{name.upper().replace('-', '_')}_OPENAI_{what}": value
        for name in FAILING
        for what, value in (("API_KEY", f"{KEY}-{name}"), ("BASE_URL", upstream.base_url))
    }
    return start_dashboard(
        DASHBOARD_LOGIN="none",
        OPENAI_API_KEY=KEY,
        OPENAI_BASE_URL=upstream.base_url,
        DASHBOARD_PROJECTS=",".join(FAILING),
        **projects,
        DASHBOARD_LOG_LEVEL="DEBUG",
        DASHBOARD_DATA_DIR=str(folder),
    )


@pytest.fixture
def whole_log(address: str, folder: Path) -> Callable[[], list[Line]]:
    """Every line so far; the first that was printed is for people."""

    def lines() -> list[Line]:
        first, *others = (folder / f"log-{urlsplit(address).port}").read_text().splitlines()
        assert first.startswith("Completions Dashboard on http")
        return [json.loads(one) for one in others]

    return lines


@pytest.fixture
def log(whole_log: Callable[[], list[Line]]) -> Callable[[str], Line]:
    """The one line of the request with that id; it comes a moment after the end of an answer in pieces."""

    def line(request_id: str) -> Line:
        give_up = time.monotonic() + 10
        while time.monotonic() < give_up:
            if found := [one for one in whole_log() if one.get("request_id") == request_id and "route" in one]:
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
    assert line.pop("time").endswith("+00:00")
    assert line.pop("ms") >= line.pop("upstream_ms") > 0
    assert line == {
        "level": "INFO",
        "logger": "dashboard.requests",
        "request_id": headers["X-Request-ID"],
        "route": "/<project:project>/completions/",
        "method": "GET",
        "status": status,
        "bytes": len(text.encode()),
        "upstream_calls": 1,
        "upstream_bytes": len(body),
        "upstream_kind": "",
        "upstream_request_ids": ["req_one"],
    }


def test_each_request_has_an_id_of_ours(address):
    ids = [ask(address, "/healthz", X__Request__ID="theirs")[1]["X-Request-ID"] for _ in range(3)]
    assert len(set(ids)) == 3
    assert all(re.fullmatch("[0-9a-f]{16}", one) for one in ids)


@pytest.mark.parametrize(
    ("upstream_status", "status", "kind"),
    [(500, 502, "server-fault"), (429, 503, "rate-limited"), (400, 400, "refused")],
)
def test_a_failure_of_the_api_is_named_and_leads_to_its_line(address, upstream, log, upstream_status, status, kind):
    upstream.fails(upstream_status, {"error": {"message": f"secret {KEY}"}}, x_request_id=f"req_{KEY}", retry_after="9")
    answered, headers, text = ask(address, f"/fails-{upstream_status}/completions/chatcmpl-secret/")
    line = log(headers["X-Request-ID"])
    assert (answered, line["status"], line["upstream_kind"]) == (status, status, kind)
    assert line["level"] == ("WARNING" if status >= 500 else "INFO")
    assert line["upstream_request_ids"] == ["[key]"]
    assert f'Reference</dt><dd class="mono">{headers["X-Request-ID"]}</dd>' in text


def test_a_list_that_failed_names_its_reference_in_its_place(address, upstream, log):
    upstream.fails(503)
    status, headers, text = ask(address, "/fails-503/completions/")
    assert status == 503
    assert log(headers["X-Request-ID"])["upstream_kind"] == "overloaded"
    assert f'Reference</dt><dd class="mono">{headers["X-Request-ID"]}</dd>' in text


@pytest.mark.parametrize(
    "target", ["/secret", "/se%0d%0acret%1b%5b31m/", "/%0a%7b%22level%22:%22secret%22%7d", "/%00secret"]
)
def test_an_address_without_a_route_is_not_repeated(address, log, target):
    status, headers, _ = ask(address, target)
    line = log(headers["X-Request-ID"])
    assert (status, line["status"], line["route"]) == (404, 404, "(no route)")


def test_a_host_of_nobody_is_not_repeated(address, log):
    status, headers, _ = ask(address, "/default/completions/", Host="secret.example")
    line = log(headers["X-Request-ID"])
    assert (status, line["status"], line["route"], line["level"]) == (400, 400, "(no route)", "INFO")


@pytest.mark.parametrize(("method", "logged"), [("POST", "POST"), ("SECRET", "(other)")])
def test_other_methods(address, log, method, logged):
    with contextlib.closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)) as connection:
        connection.request(method, "/default/completions/")
        answer = connection.getresponse()
        answer.read()
    line = log(answer.headers["X-Request-ID"])
    assert (line["method"], line["status"]) == (logged, 403), "no form was there to come from"
    assert line["route"] == "/<project:project>/completions/"


def test_the_headers_alone_are_no_bytes(address, upstream, log):
    upstream.lists([stored()])
    with contextlib.closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)) as connection:
        connection.request("HEAD", "/default/completions/")
        answer = connection.getresponse()
        answer.read()
    line = log(answer.headers["X-Request-ID"])
    assert (line["method"], line["status"], line["bytes"], line["upstream_calls"]) == ("HEAD", 200, 0, 1)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_are_for_debugging(address, log, path):
    line = log(ask(address, path)[1]["X-Request-ID"])
    assert (line["level"], line["route"], line["status"]) == ("DEBUG", path, 200)


def test_static_files_are_for_debugging(address, upstream, log):
    upstream.lists([])
    style = re.findall(r'href="(/static/app[^"]*\.css)"', ask(address, "/default/completions/")[2])[0]
    _, headers, text = ask(address, style)
    line = log(headers["X-Request-ID"])
    assert (line["level"], line["route"], line["bytes"]) == ("DEBUG", "/static/…", len(text.encode()))
    status, headers, _ = ask(address, style, If__Modified__Since=headers["Last-Modified"])
    line = log(headers["X-Request-ID"])
    assert (status, line["status"], line["bytes"]) == (304, 304, 0)


def test_an_answer_in_pieces_is_logged_at_its_end(address, upstream, log):
    tokens: list[Line] = [{"token": f"t{n}", "logprob": -0.5, "bytes": None, "top_logprobs": []} for n in range(5000)]
    (choice,) = stored()["choices"]
    row = stored(choices=[choice | {"logprobs": {"content": tokens, "refusal": None}}])
    upstream.answer = lambda path, query: reply(row)
    status, headers, text = ask(address, "/default/completions/chatcmpl-1/logprobs/tokens.csv")
    line = log(headers["X-Request-ID"])
    assert (status, headers.get("Content-Length")) == (200, None)
    assert text.count("\n") > 5000
    assert (line["bytes"], line["upstream_calls"]) == (len(text.encode()), 1)


def test_what_gunicorn_cannot_read_is_not_repeated(address, whole_log):
    host = urlsplit(address)
    for sent in (b"GET /secret HTTP/9.9\r\n\r\n", b"GET /\r\nsecret\r\n\r\n", b"\x16\x03\x01secret\r\n\r\n"):
        with socket.create_connection((host.hostname, host.port), timeout=20) as connection:
            connection.sendall(sent)
            assert connection.recv(100).startswith(b"HTTP/1.1 4")
    refused = [line for line in whole_log() if line.get("message") == "Invalid request"]
    assert [line["level"] for line in refused] == ["WARNING"] * 3


def test_no_line_holds_a_key_an_address_or_content(address, upstream, whole_log):
    """Of everything that the tests before it have asked for, too, at the level DEBUG."""
    upstream.lists([stored(metadata={"user": "secret"})], has_more=True)
    for path in ("", "chatcmpl-secret/", "chatcmpl-secret/json/", "?after=chatcmpl-secret&metadata[a]=secret"):
        ask(address, f"/default/completions/{path}", Cookie="seen=secret", User__Agent="secret agent")
    ask(address, "/default/inputs/?id=chatcmpl-secret")
    ask(address, "/", Host="secret.example")
    lines = whole_log()
    text = json.dumps(lines)
    assert len(lines) > 6
    assert {line["logger"] for line in lines} == {
        "dashboard.requests",
        "django.security.DisallowedHost",
        "gunicorn.error",
    }
    for secret in (KEY, KEY[3:12], "secret", "SECRET", "chatcmpl-", "127.0.0.1:" + upstream.base_url.split(":")[2][:5]):
        assert secret not in text


def test_at_warning_only_failures_remain(start_dashboard, tmp_path):
    address = start_dashboard(DASHBOARD_LOG_LEVEL="warning", DASHBOARD_DATA_DIR=str(tmp_path))
    assert ask(address, "/demo/completions/")[0] == 200
    (tmp_path / "dashboard.sqlite3").unlink()
    assert ask(address, "/readyz")[0] == 503
    _, *lines = (tmp_path / f"log-{urlsplit(address).port}").read_text().splitlines()
    assert [(json.loads(line)["level"], json.loads(line)["route"]) for line in lines] == [("WARNING", "/readyz")]


@pytest.fixture
def in_process(settings, caplog, db):
    """The site with a view that streams, asked without a server."""
    settings.ROOT_URLCONF = "tests.failing_urls"
    return caplog


def test_calls_that_are_made_while_an_answer_is_sent_belong_to_its_line(client, in_process):
    answer = client.get("/streams/")
    assert in_process.records == []
    assert answer.getvalue() == b"first second"
    answer.close()
    (record,) = in_process.records
    assert (record.fields["bytes"], record.fields["upstream_calls"]) == (12, 1)
    assert record.fields["route"] == "/streams/"


def test_an_answer_that_nobody_waits_for_has_its_line(client, in_process):
    answer = client.get("/streams/")
    pieces = iter(answer)
    assert next(pieces) == b"first "
    answer.close()
    record = in_process.records[0]  # the client of the tests closes an answer twice
    assert (record.fields["bytes"], record.fields["upstream_calls"]) == (6, 0)


def test_failures_are_told_apart_by_level(client, in_process):
    client.raise_request_exception = False
    client.get("/fails/it/")
    assert [record.levelname for record in in_process.records if record.name == "dashboard.requests"] == ["ERROR"]
