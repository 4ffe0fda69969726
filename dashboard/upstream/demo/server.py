"""The demo upstream over a real socket, for other clients, for tests over the wire and for benchmarks."""

import hmac
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from dashboard.upstream.demo.api import Answer, answer, unauthorized
from dashboard.upstream.demo.store import ProcessStore, process_store

HOST = "127.0.0.1"


class DemoServer(ThreadingHTTPServer):
    """Serves the samples on loopback only; port 0 picks a free one. Any key will do unless api_key is set."""

    request_queue_size = 128

    def __init__(
        self, port: int = 0, *, api_key: str | None = None, latency: float = 0.0, source: ProcessStore = process_store
    ) -> None:
        super().__init__((HOST, port), _Handler)
        self.api_key = api_key
        self.latency = latency
        self.source = source

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self.server_address[1]}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is no event; anything else is printed as usual."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: DemoServer
    protocol_version = "HTTP/1.1"
    # Head and body leave in one packet, and at once.
    wbufsize = 64 * 1024
    disable_nagle_algorithm = True

    def _respond(self) -> None:
        time.sleep(self.server.latency)
        found = self._answer()
        self.send_response(found.status)
        for name, value in found.headers.items():
            self.send_header(name, value)
        if self.command != "GET":
            # Whatever body came with it is not read, so the connection cannot serve another request.
            self.send_header("connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(found.body)

    def _answer(self) -> Answer:
        if refusal := self._refusal():
            return refusal
        address = urlsplit(self.path)
        return answer(self.server.source.get(), self.command, address.path, address.query)

    def _refusal(self) -> Answer | None:
        """The 401, when a key is demanded and another one, or none, came."""
        demanded = self.server.api_key
        if demanded is None:
            return None
        given = self.headers.get("authorization", "").removeprefix("Bearer ")
        return None if hmac.compare_digest(given.encode(), demanded.encode()) else unauthorized(given)

    do_GET: Callable[["_Handler"], None] = _respond
    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _respond

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""
