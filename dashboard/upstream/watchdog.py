"""Ends a call at its deadline, whatever the other side does, by shutting the socket it reads from."""

from __future__ import annotations

import heapq
import itertools
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
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


class Call:
    """An upstream call in progress. `over` tells that its time ran out, so that what was read is not whole.

    Its sockets are duplicates: shutting one ends the connection below TLS too, in the middle of a
    handshake even, without touching a TLS object that another thread is reading from.
    """

    def __init__(self, seconds: float) -> None:
        self.ends = time.monotonic() + seconds
        self.over = False
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []

    def watch(self, descriptor: int) -> None:
        duplicate = socket.socket(fileno=os.dup(descriptor))
        with self._lock:
            self._sockets.append(duplicate)
            if self.over:
                _shut(duplicate)

    def end(self) -> None:
        """Called at the deadline."""
        with self._lock:
            self.over = bool(self._sockets) or self.over
            for one in self._sockets:
                _shut(one)

    def close(self) -> None:
        with self._lock:
            for one in self._sockets:
                one.close()
            self._sockets.clear()


def _shut(one: socket.socket) -> None:
    with suppress(OSError):  # the other side closed it meanwhile, which is what we want
        one.shutdown(socket.SHUT_RDWR)


class _Watch:
    """One thread for all calls of the process: a timer thread for each would cost more than the call."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._calls: list[tuple[float, int, Call]] = []
        self._numbers = itertools.count()  # so that calls that end together need not be compared further
        self._thread: threading.Thread | None = None

    def add(self, call: Call) -> None:
        """The entry stays until its time comes; by then, most calls have nothing left to shut."""
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="upstream-watchdog", daemon=True)
                self._thread.start()
            heapq.heappush(self._calls, (call.ends, next(self._numbers), call))
            if self._calls[0][2] is call:
                self._changed.notify()

    def _run(self) -> None:
        with self._changed:
            while True:
                wait = self._calls[0][0] - time.monotonic() if self._calls else None
                if wait is None or wait > 0:
                    self._changed.wait(wait)
                else:
                    heapq.heappop(self._calls)[2].end()


_watch = _Watch()
_here = threading.local()


def _start_anew() -> None:
    """Threads do not survive a fork."""
    global _watch
    _watch = _Watch()


os.register_at_fork(after_in_child=_start_anew)


@contextmanager
def watchdog(seconds: float) -> Iterator[Call]:
    """Within it, connections of this thread report their sockets; when the time is over they are shut."""
    _here.call = call = Call(seconds)
    _watch.add(call)
    try:
        yield call
    finally:
        _here.call = None
        call.close()


def _connected(connect: Callable[[], socket.socket]) -> socket.socket:
    """A new socket, watched from its first moment on.

    Finding a name has no timeout, and every address of a host has a connect timeout of its own. So both
    happen beside the call, which waits for them until its own end and no longer.
    """
    call: Call | None = getattr(_here, "call", None)
    if call is None:
        return connect()
    outcome: Future[socket.socket] = Future()
    threading.Thread(target=_settle, args=(outcome, connect), name="upstream-connect", daemon=True).start()
    try:
        connected = outcome.result(max(0.0, call.ends - time.monotonic()))
    except TimeoutError:
        outcome.add_done_callback(_close_unused)
        raise
    call.watch(connected.fileno())
    return connected


def _settle(outcome: Future[socket.socket], connect: Callable[[], socket.socket]) -> None:
    try:
        outcome.set_result(connect())
    except BaseException as error:  # whatever it is, the thread that waits raises it
        outcome.set_exception(error)


def _close_unused(outcome: Future[socket.socket]) -> None:
    if outcome.exception() is None:
        outcome.result().close()


def _report(connection: HTTPConnection) -> None:
    """A connection from the pool is watched again for each call."""
    call: Call | None = getattr(_here, "call", None)
    if call is not None and connection.sock is not None:
        call.watch(connection.sock.fileno())


class WatchedConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connected(super()._new_conn)

    def request(self, *args: Any, **options: Any) -> None:
        _report(self)
        super().request(*args, **options)


class WatchedTlsConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connected(super()._new_conn)

    def request(self, *args: Any, **options: Any) -> None:
        _report(self)
        super().request(*args, **options)


class WatchedPool(HTTPConnectionPool):
    ConnectionCls = WatchedConnection


class WatchedTlsPool(HTTPSConnectionPool):
    ConnectionCls = WatchedTlsConnection
