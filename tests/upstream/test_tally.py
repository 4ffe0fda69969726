"""What is counted of upstream calls, and by whom."""

import json
import socket
from threading import Thread

import pytest

from dashboard.upstream.errors import BrokenOff, NotFound, UpstreamError
from dashboard.upstream.tally import Tally, counting, note_call, note_failure, note_request_id
from tests.upstream.fault_server import PAGE, http_answer, read_request


def answers(*answers: bytes):
    """One answer for each connection, in this order; the last one again and again."""
    left = list(answers)

    def behave(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(left.pop(0) if len(left) > 1 else left[0])

    return behave


def test_calls_are_counted_with_what_they_brought(client, faulty):
    body = json.dumps(PAGE).encode()
    faulty.behave = answers(
        http_answer(body, "connection: close", "x-request-id: req_1"),
        http_answer(body, "connection: close", "x-request-id: req_2"),
    )
    with counting() as tally:
        client.list(order="desc", limit=2)
        client.list(order="desc", limit=2)
    assert (tally.calls, tally.received, tally.kind) == (2, 2 * len(body), "")
    assert tally.request_ids == ["req_1", "req_2"]
    assert 0 < tally.seconds < 5


def test_a_failure_gives_its_kind_and_its_id(client, faulty, canary):
    faulty.behave = answers(http_answer(b"{}", f"x-request-id: req_{canary}", status="500 Oops"))
    with counting() as tally, pytest.raises(UpstreamError):
        client.list(order="desc", limit=2)
    assert tally.calls >= 1
    assert tally.kind == "server-fault"
    assert tally.request_ids == ["[key]"]


def test_a_call_that_broke_off_is_counted_too(client, faulty):
    faulty.behave = answers(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")
    with counting() as tally, pytest.raises(BrokenOff):
        client.list(order="desc", limit=2)
    assert tally.calls >= 1
    assert (tally.received, tally.kind) == (0, "broken-off")


def test_another_thread_counts_for_itself():
    with counting() as tally:
        thread = Thread(target=note_call, args=(1.0, 10))
        thread.start()
        thread.join()
        note_call(2.0, 20)
    assert (tally.calls, tally.seconds, tally.received) == (1, 2.0, 20)


def test_a_tally_can_be_gone_on_with_and_lies_within_another():
    with counting() as outer:
        note_call(1.0, 1)
        with counting() as inner:
            note_call(1.0, 1)
        with counting(inner):
            note_call(1.0, 1)
    note_call(1.0, 1)
    assert (outer.calls, inner.calls) == (1, 2)


def test_a_few_ids_are_enough():
    with counting() as tally:
        for request_id in ("", "one", "one", "two", "x" * 200, "four"):
            note_request_id(request_id)
    assert tally.request_ids == ["one", "two", "x" * 80]


def test_the_last_failure_names_the_kind():
    with counting() as tally:
        note_failure(BrokenOff())
        note_failure(NotFound())
    assert tally.kind == "not-found"


def test_nothing_is_counted_where_nobody_asked():
    note_call(1.0, 1)
    note_request_id("one")
    note_failure(NotFound())
    with counting() as tally:
        pass
    assert tally == Tally()
