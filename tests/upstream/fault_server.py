"""Raw sockets on 127.0.0.1: what no HTTP server would do on purpose."""

import json
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress

Behaviour = Callable[[socket.socket], None]
PAGE: dict[str, object] = {"object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False}


def http_answer(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {size}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def sends(answer: bytes) -> Behaviour:
    """Reads one request, answers, and closes."""

    def behave(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(answer)

    return behave


def drips(before: bytes, drop: bytes, pause: float = 0.05) -> Behaviour:
    """Answers with a beginning, then a little at a time for ever."""

    def behave(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(before)
        while not CLOSING.wait(pause):
            connection.sendall(drop)

    return behave


def resets(before: bytes) -> Behaviour:
    def behave(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(before)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return behave


def silent(connection: socket.socket) -> None:
    """Accepts, and never says a word."""
    connection.settimeout(10)
    while connection.recv(65_536):
        pass


def healthy(connection: socket.socket) -> None:
    """Keeps the connection open for further requests, as real servers do."""
    while read_request(connection):
        connection.sendall(http_answer(json.dumps(PAGE).encode()))


def read_request(connection: socket.socket) -> bytes:
    request = b""
    while b"\r\n\r\n" not in request:
        if not (received := connection.recv(65_536)):
            return b""
        request += received
    REQUESTS.append(request)
    return request


REQUESTS: list[bytes] = []
CLOSING = threading.Event()


class FaultServer:
    """`behave` is called with every connection, in a thread of its own; `accepted` counts them."""

    def __init__(self) -> None:
        self.behave: Behaviour = healthy
        self.then: Behaviour = healthy
        self.accepted = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._connections: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self.port = self._listener.getsockname()[1]
        self.base_url = f"http://127.0.0.1:{self.port}/v1"
        self.requests = REQUESTS

    def __enter__(self) -> "FaultServer":
        CLOSING.clear()
        REQUESTS.clear()
        self._threads[0].start()
        return self

    def __exit__(self, *exception: object) -> None:
        CLOSING.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(timeout=5)

    def settle(self) -> None:
        """Waits until the connections that were accepted so far are closed on this side too."""
        for thread in self._threads[1:]:
            thread.join(timeout=5)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            self._connections.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            self.behave(connection)
