import http.client
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest

from dashboard.upstream.demo.server import DemoServer

LIST = "/v1/chat/completions"


@contextmanager
def running(**options: Any) -> Iterator[DemoServer]:
    with DemoServer(0, **options) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with running() as server:
        yield server


@contextmanager
def connected(server: DemoServer) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    yield connection
    connection.close()


def get(connection: http.client.HTTPConnection, path: str, method: str = "GET", **headers: str) -> Any:
    connection.request(method, path, headers=headers)
    response = connection.getresponse()
    response.text = response.read().decode()  # type: ignore[attr-defined]
    return response


def test_it_listens_on_loopback_only(server):
    assert server.server_address[0] == "127.0.0.1"
    assert server.base_url == f"http://127.0.0.1:{server.server_port}/v1"


def test_it_keeps_the_connection(server):
    with connected(server) as connection:
        first = get(connection, f"{LIST}?limit=1")
        socket_used = connection.sock
        second = get(connection, f"{LIST}?limit=1")
        assert connection.sock is socket_used
    assert first.version == 11
    assert first.text == second.text
    assert len(json.loads(first.text)["data"]) == 1


def test_it_does_not_demand_a_key(server):
    with connected(server) as connection:
        assert get(connection, LIST).status == 200
        assert get(connection, LIST, Authorization="Bearer whatever").status == 200


def test_it_answers_errors_in_the_shape_of_the_api(server):
    with connected(server) as connection:
        for path, method, status in (("/", "GET", 404), (f"{LIST}?limit=0", "GET", 400), (LIST, "DELETE", 405)):
            response = get(connection, path, method)
            assert response.status == status
            assert json.loads(response.text)["error"]["type"] == "invalid_request_error"


def test_a_request_with_a_body_ends_the_connection(server):
    with connected(server) as connection:
        connection.request("POST", LIST, body=b"GET /smuggled HTTP/1.1\r\n\r\n")
        response = connection.getresponse()
        assert response.status == 405
        assert response.headers["connection"] == "close"
        assert response.headers["allow"] == "GET"


def test_head_has_no_body(server):
    with connected(server) as connection:
        response = get(connection, LIST, "HEAD")
        assert (response.status, response.text) == (405, "")


def test_it_is_quiet(server, capsys):
    with connected(server) as connection:
        get(connection, LIST)
    assert capsys.readouterr() == ("", "")


def test_a_demanded_key_is_checked():
    with running(api_key="sk-demo-key-0001") as server, connected(server) as connection:
        assert get(connection, LIST, Authorization="Bearer sk-demo-key-0001").status == 200
        for headers in ({}, {"Authorization": "Bearer sk-demo-key-0002"}, {"Authorization": "Basic x"}):
            response = get(connection, LIST, **headers)
            assert response.status == 401
            assert json.loads(response.text)["error"]["code"] == "invalid_api_key"


def test_it_can_be_slow():
    with running(latency=0.05) as server, connected(server) as connection:
        start = time.monotonic()
        get(connection, f"{LIST}?limit=1")
        assert time.monotonic() - start >= 0.05


def test_a_caller_that_hangs_up_is_no_event(server, capfd):
    with socket.create_connection(server.server_address[:2]) as caller:
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        caller.sendall(b"GET /v1/chat/completions?limit=100 HTTP/1.1\r\n")
    with connected(server) as connection:
        assert get(connection, LIST).status == 200
    try:
        raise ConnectionResetError
    except ConnectionResetError:
        server.handle_error(None, ("127.0.0.1", 1))
    assert capfd.readouterr().err == ""


def test_other_faults_are_printed(server, capfd):
    try:
        raise LookupError("the reason")
    except LookupError:
        server.handle_error(None, ("127.0.0.1", 1))
    assert "the reason" in capfd.readouterr().err
