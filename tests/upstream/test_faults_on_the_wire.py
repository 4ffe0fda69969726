"""What a server can do to a socket, and what the client makes of it."""

import contextlib
import gzip
import json
import logging
import os
import socket
import time
import tracemalloc
import zlib

import pytest

from dashboard.upstream.client import Client
from dashboard.upstream.errors import (
    BrokenOff,
    CutShort,
    NotHttp,
    Redirected,
    TimedOut,
    TlsFailed,
    TooLarge,
    Unreachable,
    UpstreamError,
    WronglyEncoded,
)
from dashboard.upstream.watchdog import Deadline
from tests.upstream.fault_server import PAGE, drips, healthy, http_answer, resets, sends, silent

OK = b"HTTP/1.1 200 OK\r\n"
JSON = b"Content-Type: application/json\r\n"
GZIP = "Content-Encoding: gzip"


def bomb(megabytes: int, wraps: int = 1) -> bytes:
    squeezer = zlib.compressobj(9, zlib.DEFLATED, 31)
    body = b"".join(squeezer.compress(b" " * 1_000_000) for _ in range(megabytes)) + squeezer.flush()
    return body if wraps == 1 else gzip.compress(body)


BROKEN = {
    "empty-reply": (sends(b""), Unreachable, "closed the connection without an answer"),
    "reset-before-headers": (resets(b""), Unreachable, "reset"),
    "reset-mid-headers": (resets(OK + b"X-A: b"), Unreachable, "reset"),
    "reset-mid-body": (resets(OK + b"Content-Length: 50\r\n\r\n{"), BrokenOff, "ended before the answer did"),
    "truncated-content-length": (sends(http_answer(b"{}", length=5000)), BrokenOff, "ended before the answer did"),
    "truncated-chunks": (
        sends(OK + b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"a"'),
        BrokenOff,
        "ended before the answer did",
    ),
    "no-chunk-size": (sends(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), BrokenOff, "ended before"),
    "garbage-bytes": (sends(b"\x00\xff SSH-2.0-OpenSSH\r\n\r\n"), NotHttp, "not HTTP"),
    "huge-header": (sends(OK + b"X-Long: " + b"a" * 100_000 + b"\r\n\r\n{}"), NotHttp, "not HTTP"),
    "300-headers": (sends(OK + b"X-Many: a\r\n" * 300 + b"\r\n{}"), NotHttp, "not HTTP"),
    "bad-gzip": (sends(http_answer(b'{"data": []}', GZIP)), BrokenOff, "compression was damaged"),
    "cut-gzip": (sends(http_answer(gzip.compress(json.dumps(PAGE).encode())[:30], GZIP)), CutShort, "character"),
    "brotli-unasked": (
        sends(http_answer(b"\x0b\x02\x80{}\x03", "Content-Encoding: br")),
        WronglyEncoded,
        "not asked for",
    ),
    "content-length-lie-small": (sends(http_answer(b'{"data": []}', length=5)), CutShort, "character"),
    "headers-only": (sends(OK + JSON), CutShort, "empty"),
    "no-length-closed-early": (sends(OK + JSON + b'\r\n{"data": ['), CutShort, "character"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_answer_is_told_as_what_it_is(client, faulty, case):
    faulty.behave, kind, sentence = BROKEN[case]
    with pytest.raises(kind) as caught:
        client.list(order="desc", limit=2, deadline=Deadline(5))
    assert type(caught.value) is kind
    assert sentence in caught.value.detail
    assert caught.value.status == 502
    assert caught.value.endpoint == f"GET {faulty.base_url}/chat/completions"
    faulty.settle()
    faulty.behave = healthy
    assert client.list(order="desc", limit=2, deadline=Deadline(5)).items == ()


SLOW = {
    "silent": silent,
    "drip-headers": drips(OK, b"X-Drip: a\r\n"),
    "drip-status-line": drips(b"HTTP/1.1 ", b"2"),
    "drip-body-with-length": drips(OK + JSON + b"Content-Length: 5000\r\n\r\n", b" "),
    "drip-body-without-length": drips(OK + JSON + b"\r\n" + json.dumps(PAGE).encode(), b" "),
    "drip-chunks": drips(OK + JSON + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "drip-error-body": drips(b"HTTP/1.1 503 Busy\r\n" + JSON + b"\r\n", b" "),
    "1xx-flood": drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.001),
    "endless-empty-gzip": drips(OK + JSON + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b""), pause=0.001),
}


@pytest.mark.parametrize("case", SLOW)
def test_no_answer_outlives_the_deadline(client, faulty, case):
    faulty.behave = SLOW[case]
    started = time.monotonic()
    with pytest.raises(TimedOut) as caught:
        client.list(order="desc", limit=2, deadline=Deadline(0.4))
    assert time.monotonic() - started < 1.4
    assert caught.value.status == 504
    assert "0.4 seconds" in caught.value.detail
    faulty.settle()
    faulty.behave = healthy
    assert client.list(order="desc", limit=2, deadline=Deadline(5)).items == ()


def test_a_redirect_with_a_slow_body_is_answered_at_once(client, faulty):
    faulty.behave = drips(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n\r\n", b" ")
    started = time.monotonic()
    with pytest.raises(Redirected):
        client.list(order="desc", limit=2, deadline=Deadline(3))
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("dripping", [False, True])
def test_a_tls_handshake_that_hangs_ends_at_the_deadline(faulty, dripping):
    # A record header that promises 16 kB of handshake, of which a byte at a time arrives.
    faulty.behave = drips(b"\x16\x03\x03\x40\x00", b"\x02") if dripping else silent
    started = time.monotonic()
    with pytest.raises(TimedOut):
        Client(f"https://127.0.0.1:{faulty.port}/v1", key="k" * 9).list(order="desc", limit=2, deadline=Deadline(0.4))
    assert time.monotonic() - started < 1.4


def test_a_second_call_of_the_same_request_gets_what_is_left(client, faulty):
    faulty.behave = silent
    deadline = Deadline(0.2)
    with pytest.raises(TimedOut):
        client.list(order="desc", limit=2, deadline=deadline)
    before = faulty.accepted
    with pytest.raises(TimedOut, match=r"Nothing was left of the 0\.2 seconds"):
        client.list(order="desc", limit=2, deadline=deadline)
    assert faulty.accepted == before


def test_a_name_that_takes_for_ever_to_resolve_ends_at_the_deadline(monkeypatch):
    def stalled(*args, **kwargs):
        time.sleep(1.5)
        raise socket.gaierror(socket.EAI_AGAIN, "later")

    monkeypatch.setattr(socket, "getaddrinfo", stalled)
    started = time.monotonic()
    with pytest.raises(TimedOut):
        Client("http://api.invalid/v1", key="k" * 9).list(order="desc", limit=2, deadline=Deadline(0.3))
    assert time.monotonic() - started < 1.3
    time.sleep(1.4)  # the helper thread ends before the next test


def test_a_connection_that_comes_too_late_is_closed(monkeypatch, faulty):
    ordinary = socket.getaddrinfo

    def slow(*args, **kwargs):
        time.sleep(0.5)
        return ordinary(*args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    ended = []
    faulty.behave = lambda connection: ended.append(connection.recv(10))
    with pytest.raises(TimedOut):
        Client(faulty.base_url, key="k" * 9).list(order="desc", limit=2, deadline=Deadline(0.2))
    wait_until(lambda: ended)
    assert ended == [b""]


def test_a_name_that_does_not_exist_is_told(monkeypatch):
    def unknown(*args, **kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Unreachable, match="name could not be found") as caught:
        Client("http://api.invalid/v1", key="k" * 9).list(order="desc", limit=2, deadline=Deadline(2))
    assert caught.value.status == 502


def test_a_refused_connection_is_told(free_port):
    with pytest.raises(Unreachable, match="connection was refused") as caught:
        Client(f"http://127.0.0.1:{free_port}/v1", key="k" * 9).list(order="desc", limit=2, deadline=Deadline(2))
    assert caught.value.status == 502


def test_plain_http_on_a_tls_port_is_told(faulty):
    faulty.behave = lambda connection: connection.recv(10_000) and connection.sendall(http_answer(b"{}"))
    with pytest.raises(TlsFailed, match="TLS handshake failed"):
        Client(f"https://127.0.0.1:{faulty.port}/v1", key="k" * 9).list(order="desc", limit=2, deadline=Deadline(2))


@pytest.mark.parametrize("wraps", [1, 2])
def test_a_gzip_bomb_stops_at_the_cap(client, faulty, wraps):
    encoding = "Content-Encoding: " + ", ".join(["gzip"] * wraps)
    faulty.behave = sends(http_answer(bomb(200, wraps), encoding, "x-request-id: req_big"))
    tracemalloc.start()
    with pytest.raises(TooLarge, match="larger than 25 MB") as caught:
        client.list(order="desc", limit=2, deadline=Deadline(10))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64_000_000
    assert caught.value.status == 502
    assert caught.value.request_id == "req_big"


def test_a_bomb_in_a_redirect_is_not_even_read(client, faulty):
    answer = http_answer(bomb(200), GZIP, "Location: http://127.0.0.1:1/", status="302 Found")
    faulty.behave = sends(answer)
    tracemalloc.start()
    with pytest.raises(Redirected):
        client.list(order="desc", limit=2, deadline=Deadline(10))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_000_000


def test_an_error_with_a_huge_body_keeps_its_status(client, faulty):
    faulty.behave = sends(http_answer(bomb(200), GZIP, status="503 Busy"))
    with pytest.raises(UpstreamError) as caught:
        client.list(order="desc", limit=2, deadline=Deadline(10))
    assert (caught.value.upstream_status, caught.value.detail) == (503, "")


def test_an_endless_body_without_a_length_stops_at_the_cap(client, faulty):
    faulty.behave = drips(OK + JSON + b'\r\n{"data": [', b'"x", ' * 200_000, pause=0)
    with pytest.raises(TooLarge):
        client.list(order="desc", limit=2, deadline=Deadline(10))


def test_a_completion_may_be_larger_than_a_list(client, faulty):
    body = json.dumps({"id": "chatcmpl-1", "choices": [], "padding": "x" * 30_000_000}).encode()
    faulty.behave = sends(http_answer(body))
    assert client.retrieve("chatcmpl-1", deadline=Deadline(10)).body == body
    with pytest.raises(TooLarge):
        client.messages("chatcmpl-1", deadline=Deadline(10))


def test_a_connection_that_the_server_closed_meanwhile_is_no_error(client, faulty):
    faulty.behave = sends(http_answer(json.dumps(PAGE).encode()))
    for _ in range(3):
        client.list(order="desc", limit=2, deadline=Deadline(5))
        faulty.settle()
    assert faulty.accepted == 3


def test_a_healthy_connection_is_used_again(client, faulty):
    for _ in range(5):
        client.list(order="desc", limit=2, deadline=Deadline(5))
    assert faulty.accepted == 1


def test_faults_leave_no_open_files_behind(client, faulty):
    faulty.behave = sends(http_answer(json.dumps(PAGE).encode()))
    client.list(order="desc", limit=2, deadline=Deadline(5))
    before = len(os.listdir("/proc/self/fd"))
    for behave in (*(case[0] for case in BROKEN.values()), SLOW["drip-headers"], silent):
        faulty.behave = behave
        with pytest.raises(UpstreamError):
            client.list(order="desc", limit=2, deadline=Deadline(0.3))
        faulty.settle()
    faulty.behave = healthy
    client.list(order="desc", limit=2, deadline=Deadline(5))
    # The server's own side closes a moment later.
    wait_until(lambda: len(os.listdir("/proc/self/fd")) <= before + 2)


def test_nothing_is_logged_that_holds_the_key(client, faulty, caplog, canary):
    for name in ("", "urllib3"):  # the settings raise the level of the latter
        caplog.set_level(logging.DEBUG, logger=name)
    for behave in (*(case[0] for case in BROKEN.values()), healthy):
        faulty.behave = behave
        with contextlib.suppress(UpstreamError):
            client.list(order="desc", limit=2, deadline=Deadline(2))
    logged = "".join(f"{record.getMessage()} {record.args}" for record in caplog.records)
    assert "urllib3" in {record.name.split(".")[0] for record in caplog.records}
    assert not any(canary[start : start + 5] in logged for start in range(3, len(canary) - 4))


def test_the_server_did_get_the_key(client, faulty, canary):
    client.list(order="desc", limit=2, deadline=Deadline(2))
    assert f"Authorization: Bearer {canary}".encode() in faulty.requests[0]


def wait_until(condition, seconds: float = 3) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.02)
