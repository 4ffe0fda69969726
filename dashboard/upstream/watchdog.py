"""Ends a call at its deadline, whatever the other side does, by shutting the socket it reads from."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

TOTAL_SECONDS = 15.0


class Deadline:
    """A moment that all calls of one dashboard request share."""

    def __init__(self, seconds: float = TOTAL_SECONDS) -> None:
        self.seconds = seconds
        self._ends = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds, never negative."""
        return max(0.0, self._ends - time.monotonic())


_watched = threading.local()


@contextmanager
def watchdog(seconds: float) -> Iterator[None]:
    """Within it, connections of this thread report their sockets; when the time is over they are shut."""
    sockets: list[socket.socket] = []
    timer = threading.Timer(seconds, _shut, [sockets])
    timer.daemon = True
    _watched.sockets = sockets
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        _watched.sockets = None


def _shut(sockets: list[socket.socket]) -> None:
    for one in sockets:
        with suppress(OSError):  # it was closed meanwhile, which is what we want
            one.shutdown(socket.SHUT_RDWR)


def _watch(connection: HTTPConnection) -> None:
    sockets = getattr(_watched, "sockets", None)
    if sockets is not None and isinstance(connection.sock, socket.socket):
        sockets.append(connection.sock)


class WatchedConnection(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _watch(self)

    def request(self, *args: Any, **options: Any) -> None:
        _watch(self)
        super().request(*args, **options)


class WatchedTlsConnection(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _watch(self)

    def request(self, *args: Any, **options: Any) -> None:
        _watch(self)
        super().request(*args, **options)


class WatchedPool(HTTPConnectionPool):
    ConnectionCls = WatchedConnection


class WatchedTlsPool(HTTPSConnectionPool):
    ConnectionCls = WatchedTlsConnection
