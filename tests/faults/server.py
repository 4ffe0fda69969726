"""The fault server: one loopback port for all cases that can be told by their path, and ports of their own for the rest.

The base URL of a case is `http://127.0.0.1:PORT/<case>/v1`. Each case remembers what it was asked, and answers as a
healthy API from the moment on that it is healed.
"""

from __future__ import annotations

import errno
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from tests.stub_upstream import Reply, page, question, reply, stored
from tests.upstream.fault_server import CLOSING, Behaviour, read_request

MOST_CONNECTIONS = 256


@dataclass
class Visit:
    """One request as it came: `path` is below the base URL, `number` counts the requests of the case from 1."""

    connection: socket.socket
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    number: int
    on_connection: int
    """Counts the requests of this connection."""


Behave = Callable[[Visit], bool]
"""Whether the connection may be used again."""
Answering = Callable[[Visit], Reply]


def healthy_reply(visit: Visit) -> Reply:
    if visit.path.endswith("/messages"):
        return page([question(0)])
    if visit.path == "/chat/completions":
        return page([stored(1), stored(2)])
    return reply(stored(1))


def send(connection: socket.socket, answer: Reply, reason: str = "Said") -> None:
    status, headers, body = answer
    lines = [f"HTTP/1.1 {status} {reason}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def answers(answer: Answering) -> Behave:
    """Sound HTTP, and the connection stays open."""

    def behave(visit: Visit) -> bool:
        send(visit.connection, answer(visit))
        return True

    return behave


def wire(behaviour: Behaviour) -> Behave:
    """A behaviour of raw sockets, which reads the request itself and after which the connection is closed."""

    def behave(visit: Visit) -> bool:
        behaviour(visit.connection)
        return False

    return behave


healthy = answers(healthy_reply)


@dataclass
class Site:
    """What one case does, and what it was asked."""

    behave: Behave
    healed: bool = False
    visits: list[Visit] = field(default_factory=list)

    def serve(self, visit: Visit) -> bool:
        return (healthy if self.healed else self.behave)(visit)


class Reread:
    """A connection whose first request is read already, and can be read once more."""

    def __init__(self, connection: socket.socket, head: bytes) -> None:
        self._connection, self._head = connection, head

    def recv(self, size: int) -> bytes:
        head, self._head = self._head, b""
        return head or self._connection.recv(size)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


class FaultServer:
    """All cases of a run. `close` ends whatever still drips."""

    def __init__(self) -> None:
        CLOSING.clear()
        self.sites: dict[str, Site] = {}
        self.closing: list[Callable[[], None]] = []
        self.port = self.listen(self._by_path)

    def base_url(self, case: str) -> str:
        return f"http://127.0.0.1:{self.port}/{case}/v1"

    def add(self, case: str, behave: Behave) -> Site:
        site = self.sites[case] = Site(behave)
        return site

    def listen(self, serve: Callable[[socket.socket], None], host: str = "127.0.0.1") -> int:
        """A port of its own; `serve` gets each connection, in a thread."""
        listener = socket.create_server((host, 0), backlog=MOST_CONNECTIONS)
        self.serve_from(listener, serve)
        return int(listener.getsockname()[1])

    def serve_from(self, listener: socket.socket, serve: Callable[[socket.socket], None]) -> None:
        threading.Thread(target=_accept, args=(listener, serve), daemon=True).start()
        self.closing.append(lambda: _shut(listener))

    def requests_of(self, case: str, connection: socket.socket) -> None:
        """Serves the requests of a connection that belongs to one case."""
        self._serve(connection, lambda target: (case, urlsplit(target).path.removeprefix(f"/{case}")))

    def close(self) -> None:
        CLOSING.set()
        for close in self.closing:
            close()

    def _by_path(self, connection: socket.socket) -> None:
        def find(target: str) -> tuple[str, str]:
            case, _, rest = urlsplit(target).path.removeprefix("/").partition("/")
            return case, f"/{rest}"

        self._serve(connection, find)

    def _serve(self, connection: socket.socket, find: Callable[[str], tuple[str, str]]) -> None:
        served = 0
        while head := read_request(connection):
            lines = head.decode("latin-1").split("\r\n")
            target = lines[0].split(" ")[1]
            case, path = find(target)
            site, served = self.sites[case], served + 1
            visit = Visit(
                cast(socket.socket, Reread(connection, head)),
                path.removeprefix("/v1"),
                dict(parse_qsl(urlsplit(target).query, keep_blank_values=True)),
                {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:] if line)},
                len(site.visits) + 1,
                served,
            )
            site.visits.append(visit)
            if not site.serve(visit):
                return


def _accept(listener: socket.socket, serve: Callable[[socket.socket], None]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_quietly, args=(connection, serve), daemon=True).start()


def _quietly(connection: socket.socket, serve: Callable[[socket.socket], None]) -> None:
    # The other side may leave at any moment, which is what many of the cases are about.
    with connection, suppress(OSError, ssl.SSLError):
        serve(connection)


def _shut(listener: socket.socket) -> None:
    with suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def reserved_port() -> socket.socket:
    """A port that refuses connections until somebody listens on it."""
    kept = socket.socket()
    kept.bind(("127.0.0.1", 0))
    return kept


@contextmanager
def black_hole() -> Iterator[socket.socket]:
    """A listener whose queue is full, so that Linux drops every further SYN, until somebody accepts."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    waiting = [_half_open(listener.getsockname()) for _ in range(4)]
    time.sleep(0.1)
    try:
        yield listener
    finally:
        for one in (listener, *waiting):
            one.close()


def _half_open(address: tuple[str, int]) -> socket.socket:
    one = socket.socket()
    one.setblocking(False)
    outcome = one.connect_ex(address)
    assert outcome in {0, errno.EINPROGRESS}
    return one
