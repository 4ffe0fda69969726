import os
import socket
import threading
import time

import pytest

from dashboard.upstream import watchdog as module
from dashboard.upstream.watchdog import Call, Deadline, WatchedConnection, WatchedTlsConnection, watchdog


def test_a_deadline_is_never_negative():
    deadline = Deadline(0.01)
    assert 0 < deadline.left() <= 0.01
    time.sleep(0.02)
    assert deadline.left() == 0


def test_a_socket_is_shut_when_the_time_is_over():
    here, there = socket.socketpair()
    with here, there, watchdog(0.05) as call:
        call.watch(here.fileno())
        assert there.recv(1) == b""
        assert call.over


def test_a_socket_that_comes_after_the_end_is_shut_at_once():
    call = Call(0)
    here, there = socket.socketpair()
    with here, there:
        call.watch(here.fileno())
        call.end()
        late, other = socket.socketpair()
        with late, other:
            call.watch(late.fileno())
            assert other.recv(1) == b""
    call.close()


def test_a_call_that_ended_in_time_is_left_alone():
    here, there = socket.socketpair()
    with here, there:
        with watchdog(0.05) as call:
            call.watch(here.fileno())
        time.sleep(0.1)
        here.sendall(b"x")
        assert there.recv(1) == b"x"
        assert not call.over


def test_a_short_call_is_ended_before_a_longer_one_that_began_earlier():
    here, there = socket.socketpair()
    ended = []

    def long():
        with watchdog(5):
            ended.append(started.wait(2))

    started = threading.Event()
    thread = threading.Thread(target=long)
    thread.start()
    with here, there, watchdog(0.05) as call:
        call.watch(here.fileno())
        assert there.recv(1) == b""
    started.set()
    thread.join()
    assert ended == [True]


def test_sockets_that_are_gone_do_not_stop_the_watch():
    call = Call(0)
    here, there = socket.socketpair()
    with there:
        call.watch(there.fileno())
        here.close()
        there.shutdown(socket.SHUT_RDWR)
        call.end()
    call.close()


def test_a_forked_process_watches_too():
    with watchdog(0.01):
        pass
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover: coverage does not follow os.fork
        here, there = socket.socketpair()
        there.settimeout(2)
        with watchdog(0.05) as call:
            call.watch(here.fileno())
            os.write(writer, b"ended" if there.recv(1) == b"" else b"not")
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        assert pipe.read() == b"ended"


def test_starting_anew_forgets_the_thread():
    before = module._watch
    module._start_anew()
    assert module._watch is not before
    module._watch = before


def test_a_connection_outside_of_a_call_is_an_ordinary_one():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connection = WatchedConnection("127.0.0.1", listener.getsockname()[1])
        connection.request("GET", "/")
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.recv(100).startswith(b"GET / HTTP/1.1")
        connection.close()


def test_what_the_helper_thread_raises_is_raised_here():
    def fails() -> socket.socket:
        raise ZeroDivisionError

    with watchdog(1), pytest.raises(ZeroDivisionError):
        module._connected(fails)


def test_a_tls_connection_from_the_pool_is_watched_again():
    here, there = socket.socketpair()
    connection = WatchedTlsConnection("127.0.0.1")
    connection.sock = here
    with there, watchdog(0.05):
        connection.request("GET", "/")
        assert there.recv(100).startswith(b"GET / HTTP/1.1")
        assert there.recv(1) == b""
    connection.close()
