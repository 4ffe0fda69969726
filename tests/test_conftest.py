"""The guard that every other test relies on."""

import socket

import pytest


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("2001:db8::1", 80)])
def test_no_test_connects_to_another_machine(address):
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as outside, pytest.raises(pytest.fail.Exception, match="only loopback"):
        outside.connect(address)


def test_no_test_asks_for_the_address_of_another_machine():
    with pytest.raises(pytest.fail.Exception, match="only loopback"):
        socket.create_connection(("example.org", 443))


def test_loopback_is_allowed(free_port):
    with socket.create_server(("127.0.0.1", free_port)), socket.create_connection(("localhost", free_port)):
        pass
