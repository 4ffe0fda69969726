"""An upstream on a loopback socket that answers what a test tells it to, and remembers what it was asked."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Document = dict[str, Any]
Reply = tuple[int, dict[str, str], bytes]


def reply(document: object, status: int = 200, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"content-type": "application/json", **named}, json.dumps(document).encode()


def page(rows: list[Document], has_more: bool = False, **fields: object) -> Reply:
    ids = [row.get("id") for row in rows]
    first, last = (ids[0], ids[-1]) if ids else (None, None)
    return reply({"object": "list", "data": rows, "first_id": first, "last_id": last, "has_more": has_more} | fields)


def stored(number: int = 1, **fields: object) -> Document:
    """A small completion; what a test is about it says itself."""
    message = {"role": "assistant", "content": f"Answer {number}", "tool_calls": None, "function_call": None}
    return {
        "object": "chat.completion",
        "id": f"chatcmpl-{number}",
        "model": "gpt-5.4-mini-2026-03-05",
        "created": 1_795_372_571 - number,
        "usage": {"prompt_tokens": 1200, "completion_tokens": 7, "total_tokens": 1207},
        "metadata": {"env": "prod"},
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
    } | fields


def question(number: int = 0, role: str = "user", content: str | None = "A question", **fields: object) -> Document:
    return {
        "id": f"chatcmpl-1-{number}",
        "role": role,
        "content": content,
        "content_parts": None,
        "name": None,
    } | fields


@dataclass
class StubUpstream:
    """`answer` gets the path below /v1 and the decoded query; `asked` holds every path with its query."""

    base_url: str = ""
    answer: Callable[[str, list[tuple[str, str]]], Reply] = lambda path, query: page([])
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def lists(self, rows: list[Document], has_more: bool = False) -> None:
        self.answer = lambda path, query: page(rows, has_more)

    def fails(self, status: int, document: object = None, **headers: str) -> None:
        self.answer = lambda path, query: reply(document, status, **headers)


@contextmanager
def running() -> Iterator[StubUpstream]:
    stub = StubUpstream()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body leave together: two small packets would wait 40 ms for each other.
        wbufsize = -1

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            stub.asked.append(self.path.removeprefix("/v1"))
            stub.headers.append({name.lower(): value for name, value in self.headers.items()})
            query = parse_qsl(address.query, keep_blank_values=True)
            status, headers, body = stub.answer(address.path.removeprefix("/v1"), query)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    stub.base_url = f"http://127.0.0.1:{server.server_port}/v1"
    Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
