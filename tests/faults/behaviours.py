"""What the upstream does in each case that a path can tell apart, by case id: statuses, bodies, lists, wire faults."""

from __future__ import annotations

import gzip
import json
import socket
import time
import zlib
from collections.abc import Callable
from email.utils import formatdate

from tests.faults.server import Behave, Visit, answers, healthy_reply, send, wire
from tests.stub_upstream import Document, Reply, page, question, reply, stored
from tests.upstream.fault_server import CLOSING, PAGE, drips, http_answer, read_request, resets, sends

OK = b"HTTP/1.1 200 OK\r\n"
JSON = b"Content-Type: application/json\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
GZIP = "Content-Encoding: gzip"
PAUSE = 0.3
MEGABYTE = 1_000_000
SOUND = json.dumps(PAGE).encode()
HALF = SOUND[: len(SOUND) // 2]
LONG_TEXT = 10 * MEGABYTE


def bomb(megabytes: int, window: int = 31) -> bytes:
    """Blanks, as gzip (31) or as deflate (15)."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, window)
    return b"".join(squeezer.compress(b" " * MEGABYTE) for _ in range(megabytes)) + squeezer.flush()


def says_nothing(connection: socket.socket) -> None:
    """For as long as the other side stays."""
    while connection.recv(65_536):
        pass


def floods(before: bytes, piece: bytes) -> Behave:
    """As much as the other side takes."""

    def behave(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(before)
        while not CLOSING.is_set():
            connection.sendall(piece)

    return wire(behave)


def slowly(seconds: float, rest: float) -> Behave:
    """The first byte after a while, the whole answer after a while more."""

    def behave(connection: socket.socket) -> None:
        read_request(connection)
        CLOSING.wait(seconds)
        answer = http_answer(json.dumps({**PAGE, "data": [stored(1)]}).encode())
        connection.sendall(answer[:40])
        CLOSING.wait(rest)
        connection.sendall(answer[40:])

    return wire(behave)


def closes_idle_connections(visit: Visit) -> bool:
    """As if it kept the connection, which is gone when the next request comes."""
    send(visit.connection, healthy_reply(visit))
    return False


def closes_on_the_second_request(visit: Visit) -> bool:
    """Idle connections end at the moment in which they are used again: the race that no look at the socket can see."""
    if visit.on_connection == 1:
        send(visit.connection, healthy_reply(visit))
        return True
    return False


WIRE: dict[str, Behave] = {
    "empty-reply": wire(sends(b"")),
    "reset-before-headers": wire(resets(b"")),
    "reset-mid-headers": wire(resets(OK + b"X-A: b")),
    "reset-mid-body": wire(resets(OK + JSON + f"Content-Length: {len(SOUND)}\r\n\r\n".encode() + HALF)),
    "truncated-content-length": wire(sends(http_answer(SOUND[:50], length=5000))),
    "content-length-lie-large": wire(sends(http_answer(SOUND, length=len(SOUND) + 1))),
    "truncated-chunks": wire(sends(OK + JSON + CHUNKED + b'\r\n5\r\n{"a"')),
    "chunks-without-end": wire(sends(OK + JSON + CHUNKED + b"\r\n%x\r\n%s\r\n" % (len(SOUND), SOUND))),
    "chunk-size-damaged": wire(sends(OK + JSON + CHUNKED + b"\r\nzz\r\n" + SOUND + b"\r\n0\r\n\r\n")),
    "garbage-bytes": wire(sends(b"\x00\xff\xfe SSH-2.0-OpenSSH_9.6\r\n\r\n")),
    "no-status-line": wire(sends(SOUND)),
    "status-line-damaged": wire(sends(b"HTTP/1.1 abc OK\r\n\r\n")),
    "huge-header": wire(sends(OK + b"X-Long: " + b"a" * 100_000 + b"\r\n\r\n" + SOUND)),
    "300-headers": wire(sends(OK + b"X-Many: a\r\n" * 300 + b"\r\n" + SOUND)),
    "1xx-flood": wire(drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 10, pause=0.02)),
    "stale-keepalive": closes_idle_connections,
    "stale-keepalive-race": closes_on_the_second_request,
    "headers-only": wire(sends(OK + JSON)),
}
SLOW: dict[str, Behave] = {
    "drip-headers": wire(drips(OK, b"X-Drip: a\r\n", PAUSE)),
    "drip-body": wire(drips(OK + JSON + b"Content-Length: 5000\r\n\r\n", b" ", PAUSE)),
    "drip-chunks": wire(drips(OK + JSON + CHUNKED + b"\r\n", b"1\r\n \r\n", PAUSE)),
    "drip-error-body": wire(drips(b"HTTP/1.1 500 Broken\r\n" + JSON + b"\r\n", b" ", PAUSE)),
    "drip-redirect-body": wire(drips(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n\r\n", b" ", PAUSE)),
    "silent": wire(says_nothing),
    "slow-but-ok": slowly(5, 1),
    "slow-headers-then-nothing": wire(drips(OK + JSON + b"Content-Length: 5000\r\n\r\n", b"", 1)),
}
SIZE: dict[str, Behave] = {
    "gzip-bomb": wire(sends(http_answer(bomb(200), GZIP))),
    "gzip-bomb-nested": wire(sends(http_answer(gzip.compress(bomb(200)), "Content-Encoding: gzip, gzip"))),
    "deflate-bomb": wire(sends(http_answer(bomb(200, 15), "Content-Encoding: deflate"))),
    "bad-gzip": wire(sends(http_answer(SOUND, GZIP))),
    "cut-gzip": wire(sends(http_answer(gzip.compress(SOUND)[:40], GZIP))),
    "gzip-unannounced": wire(sends(http_answer(gzip.compress(SOUND)))),
    "brotli-unasked": wire(sends(http_answer(b"\x0b\x02\x80{}\x03", "Content-Encoding: br"))),
    "zstd-unasked": wire(sends(http_answer(b"\x28\xb5\x2f\xfd\x04\x00", "Content-Encoding: zstd"))),
    "no-length-endless": floods(OK + JSON + b'\r\n{"object": "list", "data": [', b'{"id": "chatcmpl-1"}, ' * 50_000),
    "chunked-endless": floods(OK + JSON + CHUNKED + b"\r\n", b"fa00\r\n" + b" " * 64_000 + b"\r\n"),
    "content-length-lie-small": wire(sends(http_answer(SOUND, length=20))),
    "error-body-endless": floods(b"HTTP/1.1 500 Broken\r\n" + JSON + b"\r\n", b" " * 64_000),
    "page-50MB": answers(lambda visit: page([stored(n, padding="x" * MEGABYTE) for n in range(50)])),
    "message-10MB": answers(lambda visit: _long_text(visit)),
}


def _long_text(visit: Visit) -> Reply:
    text = "A long answer. " * (LONG_TEXT // 15)
    long = stored(1)
    long["choices"][0]["message"]["content"] = text
    if visit.path.endswith("/messages"):
        return page([question(0)])
    return page([long, stored(2)]) if visit.path == "/chat/completions" else reply(long)


def says(status: int, message: str = "", code: str | None = "said", **headers: str) -> Behave:
    """An error as OpenAI words it."""
    document = {"error": {"message": message or f"This is status {status}.", "type": "x", "param": None, "code": code}}
    return answers(lambda visit: reply(document, status, x_request_id=f"req_{status}", **headers))


def says_in(document: object, status: int = 404) -> Behave:
    return answers(lambda visit: reply(document, status))


def limited(**headers: str) -> Behave:
    return says(429, "Rate limit reached for requests", "rate_limit_exceeded", **headers)


def echoes_the_key(visit: Visit) -> Reply:
    """The beginning and the end of the key, and once more all of it, in each place that a page might show."""
    key = visit.headers["authorization"].removeprefix("Bearer ")
    masked = f"{key[:18]}{'*' * 12}{key[-4:]}"
    message = f"Incorrect API key provided: {masked}. Sent was '{key}' ({key[:16]}… {key[-9:]}), see <b>{key}</b>."
    document = {"error": {"message": message, "code": f"invalid_{key}", "type": key, "param": key[8:20]}}
    return reply(document, 401, x_request_id=key, x_echo=key, www_authenticate=f"Bearer {key}")


def echoes_the_key_in_html(visit: Visit) -> Reply:
    key = visit.headers["authorization"]
    return 200, {"content-type": f"text/html; key={key}", "x-request-id": key}, f"<h1>{key}</h1>".encode()


def first(behave: Behave, then: Behave, times: int = 1) -> Behave:
    return lambda visit: (behave if visit.number <= times else then)(visit)


sound = answers(healthy_reply)
PLAIN_STATUSES = (
    *(201, 202, 204, 205, 206, 207, 226, 304, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413),
    *(414, 415, 416, 417, 418, 421, 422, 423, 424, 425, 426, 428, 429, 431, 451, 498, 499, 500, 501, 502, 503, 504),
    *(505, 506, 507, 508, 510, 511, 520, 521, 522, 524, 525, 526, 529, 530, 598, 600, 999),
)
STATUS: dict[str, Behave] = {
    **{f"status-{status}": says(status) for status in PLAIN_STATUSES},
    "status-204": wire(sends(b"HTTP/1.1 204 No Content\r\n\r\n")),
    "status-304": wire(sends(b"HTTP/1.1 304 Not Modified\r\n\r\n")),
    "status-101": wire(sends(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n")),
    "206-partial": answers(lambda visit: reply(PAGE, 206, content_range="bytes 0-10/20")),
    "status-404-list": says_in({"detail": "Not Found"}),
    "status-404-html": answers(lambda visit: (404, {"content-type": "text/html"}, b"<h1>nginx</h1><script>1</script>")),
    "status-404-completion": says(404, "No chat completion found with id chatcmpl-1.", "not_found"),
    "status-401-scope": says(401, "You have insufficient permissions for this operation.", None),
    "status-401-echo": answers(echoes_the_key),
    "html-echo": answers(echoes_the_key_in_html),
    "status-403-region": says(403, "Country, region, or territory not supported", "unsupported_country"),
    "status-500-then-200": first(says(500), sound),
    "status-503-then-200": first(says(503, retry_after="0.2"), sound),
    "status-503-seconds": says(503, retry_after="6"),
    "status-503-short": says(503, retry_after="0.2"),
    "status-500-html": answers(lambda visit: (500, {"content-type": "text/html"}, b"<script>alert(1)</script>")),
    "status-400-script": says(400, "<script>alert(1)</script> is no model"),
    "status-400-long": says(400, "The reason is long. " * 5_000),
    "status-400-text": says_in({"error": "only a text"}, 400),
    "status-422-fastapi": says_in({"detail": [{"loc": ["query", "limit"], "msg": "not an integer"}]}, 422),
    "status-400-empty": answers(lambda visit: (400, {}, b"")),
    "status-500-list": says_in([1, 2], 500),
    "429-seconds": limited(retry_after="7"),
    "429-short": first(limited(retry_after="0.2"), sound),
    "429-http-date": answers(lambda visit: reply({}, 429, retry_after=formatdate(time.time() + 9, usegmt=True))),
    "429-past-date": limited(retry_after=formatdate(1_000_000_000, usegmt=True)),
    "429-past-date-then-200": first(limited(retry_after=formatdate(1_000_000_000, usegmt=True)), sound),
    "429-garbage": limited(retry_after="soon"),
    "429-negative": limited(retry_after="-5"),
    "429-nan": limited(retry_after="NaN"),
    "429-infinite": limited(retry_after="1e999"),
    "429-odd-digits": limited(retry_after="+7,0"),
    "429-ms": limited(retry_after_ms="1500"),
    "429-ms-short": first(limited(retry_after_ms="200"), sound),
    "429-nothing": limited(),
    "429-zero": limited(retry_after="0"),
    "429-hours": limited(retry_after="99999"),
    "429-quota": says(429, "You exceeded your current quota", "insufficient_quota"),
    "429-storm": limited(retry_after="3"),
    "breaker": says(500),
}


def leads_to(location: str | None, status: int = 302, body: bytes = b"", **headers: str) -> Behave:
    named = {"content-type": "application/json"} | ({} if location is None else {"location": location})
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    return answers(lambda visit: (status, named, body))


def redirects(trap: int) -> dict[str, Behave]:
    """`trap` is a port on which nobody may ever be seen."""
    itself = answers(lambda visit: (302, {"location": f"/{visit.path}"}, b""))
    return {
        "redirect-other-host": leads_to(f"http://localhost:{trap}/v1/chat/completions"),
        "redirect-other-port": leads_to(f"http://127.0.0.1:{trap}/v1/chat/completions"),
        "redirect-loop": itself,
        "redirect-file": leads_to("file:///etc/passwd"),
        "redirect-metadata-ip": leads_to("http://169.254.169.254/latest/meta-data/"),
        "redirect-no-location": leads_to(None),
        "redirect-300-bomb": leads_to(f"http://127.0.0.1:{trap}/", body=bomb(200), content_encoding="gzip"),
        "redirect-bad-address": leads_to("http://[::1"),
        "redirect-script": leads_to("javascript:alert(1)"),
        **{f"redirect-{status}": leads_to(f"http://127.0.0.1:{trap}/", status) for status in (300, 301, 303, 307, 308)},
        "redirect-with-page": leads_to(f"http://127.0.0.1:{trap}/", body=SOUND),
    }


def gives(body: bytes | str, content_type: str = "application/json") -> Behave:
    encoded = body.encode() if isinstance(body, str) else body
    return answers(lambda visit: (200, {"content-type": content_type}, encoded))


def listed(*rows: str) -> str:
    """A page of rows that are written as they are, each of which may be no JSON that Python would write."""
    return f'{{"object": "list", "data": [{", ".join(rows)}], "first_id": null, "last_id": null, "has_more": false}}'


def marked(document: Document, text: str) -> str:
    """The document as JSON, with `text` as it is in the place of each "@"."""
    return json.dumps(document).replace('"@"', text)


GOOD = json.dumps(stored(2))
BODY: dict[str, Behave] = {
    "html-200": gives("<html><title>Sign in</title><h1>Sign in here</h1><script>alert(1)</script>", "text/html"),
    "html-ctype-json-body": gives(listed(GOOD), "text/html; charset=utf-8"),
    "json-without-ctype": answers(lambda visit: (200, {}, listed(GOOD).encode())),
    "sse-200": gives('data: {"id": "chatcmpl-1"}\n\ndata: [DONE]\n\n', "text/event-stream"),
    "xml-200": gives("<?xml version='1.0'?><list/>", "application/xml"),
    "json-lines": gives(f"{GOOD}\n{GOOD}\n", "application/x-ndjson"),
    "error-in-200": gives('{"error": {"message": "The <b>engine</b> is off", "code": "engine_off"}}'),
    "error-text-in-200": gives('{"error": "The engine is off"}'),
    "error-null-in-200": gives(f'{{"error": null, {listed(GOOD)[1:]}'),
    "empty-200": gives(""),
    "blank-200": gives(" \r\n "),
    "json-cut-short": gives(listed(GOOD)[:-40]),
    "json-with-tail": gives(f"{listed(GOOD)} trailing"),
    "invalid-utf8": gives(listed(GOOD).encode().replace(b"Answer 2", b"Answer \xff2")),
    "utf16": gives(listed(GOOD).encode("utf-16")),
    "latin-1": gives(listed(GOOD).replace("Answer 2", "Ärger").encode("latin-1"), "application/json; charset=latin-1"),
    "utf8-bom": gives("\ufeff" + listed(GOOD)),
    "nul-bytes": gives(b"\0" * 500),
    **{
        f"top-level-{kind}": gives(text)
        for kind, text in {"wrong": "null", "list": "[]", "number": "1", "text": '"x"', "true": "true"}.items()
    },
    "empty-object": gives("{}"),
    "unclosed-nesting": gives('{"data": ' + "[" * 100_000),
}


def documents(row: str) -> Behave:
    """The row in a list with a good one behind it, and alone at its address."""

    def answer(visit: Visit) -> Reply:
        if visit.path.endswith("/messages"):
            return page([question(0)])
        body = listed(row, GOOD) if visit.path == "/chat/completions" else row
        return 200, {"content-type": "application/json"}, body.encode()

    return answers(answer)


def said(text: str, model: str) -> Document:
    """A completion whose answer is that text."""
    message = {"role": "assistant", "content": text}
    return stored(choices=[{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}], model=model)


NUMBERS = {
    "nan-infinity": '{"prompt_tokens": NaN, "completion_tokens": Infinity, "total_tokens": -Infinity}',
    "huge-int": f'{{"prompt_tokens": {"9" * 5000}, "completion_tokens": 7}}',
    "overflowing-float": '{"prompt_tokens": 1e999, "completion_tokens": -1e999}',
}
ODD_ROWS = {
    **{name: marked(stored(usage="@"), text) for name, text in NUMBERS.items()},
    "duplicate-keys": marked(stored(model="@"), '"first", "model": "second", "id": "chatcmpl-1"'),
    "duplicate-ids-in-row": marked(stored(model="@"), '"first", "id": "chatcmpl-other"'),
    "lone-surrogate": marked(said("@", model="@"), r'"A \ud800 alone"'),
    "nul-in-string": marked(said("@", model="@"), r'"A \u0000 sign"'),
    "control-characters": marked(said("@", model="@"), r'"A \u0007\u001b[31m\u202e sign"'),
    "deep-nesting": marked(stored(extra="@"), "[" * 100_000 + "]" * 100_000),
    "deep-objects": marked(stored(extra="@"), '{"a":' * 5_000 + "1" + "}" * 5_000),
    "long-key": marked(stored(extra="@"), f'{{"{"k" * 100_000}": 1}}'),
    "many-keys": json.dumps(stored() | {f"extra_{number}": number for number in range(5_000)}),
}


def rows(*numbers: int) -> list[Document]:
    return [stored(number) for number in numbers]


def after(visit: Visit) -> str:
    return visit.query.get("after", "")


def cycle(visit: Visit) -> Reply:
    return page(rows(3, 4) if after(visit) == "chatcmpl-2" else rows(1, 2), True)


def repeats_the_last(visit: Visit) -> Reply:
    return page(rows(2, 3)) if after(visit) else page(rows(1, 2), True)


def then_gone(status: int, message: str) -> Callable[[Visit], Reply]:
    def answer(visit: Visit) -> Reply:
        return reply({"error": {"message": message}}, status) if after(visit) else page(rows(1, 2), True)

    return answer


def then_fails(visit: Visit) -> Reply:
    return reply({"error": {"message": "It broke"}}, 500) if after(visit) else page(rows(1, 2), True)


def slow_pages(visit: Visit) -> Reply:
    CLOSING.wait(6)
    start = int(after(visit).removeprefix("chatcmpl-") or 0)
    return page(rows(start + 1, start + 2), True)


def endless_pages(visit: Visit) -> Reply:
    start = int(after(visit).removeprefix("chatcmpl-") or 0)
    return page(rows(*range(start + 1, start + 51)), True)


PAGINATION = {
    "has_more-empty": lambda visit: page([], True),
    "last_id-wrong": lambda visit: page(rows(1, 2), True, last_id="chatcmpl-999"),
    "last_id-missing": lambda visit: page(rows(1, 2), True, last_id=None),
    "last_id-hostile": lambda visit: page(rows(1, 2), True, last_id="../../x?a=b&c"),
    "last_id-number": lambda visit: page(rows(1, 2), True, last_id=5),
    "first_id-empty": lambda visit: page(rows(1, 2), first_id="", last_id=""),
    "cursor-stuck": lambda visit: page(rows(1, 2), True),
    "cursor-cycle": cycle,
    "duplicate-ids": repeats_the_last,
    "duplicate-ids-one-page": lambda visit: page(rows(1, 2, 2, 1)),
    "over-limit": lambda visit: page(rows(*range(1, 501)), True),
    "under-limit": lambda visit: page(rows(1), True),
    "has_more-wrong-type": lambda visit: page(rows(1, 2), "false"),  # type: ignore[arg-type]
    "has_more-number": lambda visit: page(rows(1, 2), 1),  # type: ignore[arg-type]
    "has_more-null": lambda visit: page(rows(1, 2), None),  # type: ignore[arg-type]
    "has_more-missing": lambda visit: reply({"object": "list", "data": rows(1, 2)}),
    "order-wrong": lambda visit: page(rows(3, 1, 2)),
    "unstable": then_gone(404, "No such completion"),
    "unstable-400": then_gone(400, "Record chatcmpl-2 not found"),
    "later-page-fails": then_fails,
    "slow-pages": slow_pages,
    "endless-pages": endless_pages,
    "data-null": lambda visit: page(rows(), data=None),
    "data-missing": lambda visit: reply({"object": "list", "has_more": False}),
    "data-object": lambda visit: page(rows(), data={"id": "chatcmpl-1"}),
    "data-text": lambda visit: page(rows(), data="rows"),
    "data-odd-rows": lambda visit: page([], data=[None, "row", 5, [], {}, stored(2)]),
    "object-missing": lambda visit: reply({"data": rows(1, 2)}),
}
