"""Whose address a request is said to come from."""

import pytest
from django.test import RequestFactory

from dashboard.client_address import client_address, network, shortened


def asked(forwarded: str = "", connection: str = "10.0.0.1") -> str:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return client_address(RequestFactory().get("/", headers=headers, REMOTE_ADDR=connection))


def test_without_proxies_the_header_is_not_read(settings):
    assert settings.TRUSTED_PROXIES == 0
    assert asked("203.0.113.9") == "10.0.0.1"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        (2, "1.1.1.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (1, "203.0.113.9:4711", "203.0.113.9"),
        (1, "[2001:db8::9]:4711", "2001:db8::9"),
        (1, "2001:db8::9", "2001:db8::9"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
        # What is no address, and fewer entries than proxies: the connection is all that is known.
        (1, "unknown", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (2, "203.0.113.9", "10.0.0.1"),
    ],
)
def test_behind_proxies_the_entry_of_the_outermost_counts(settings, proxies, forwarded, address):
    settings.TRUSTED_PROXIES = proxies
    assert asked(forwarded) == address


def test_a_socket_without_addresses_has_none():
    assert asked(connection="") == ""


@pytest.mark.parametrize(
    ("address", "kept", "counted"),
    [
        ("203.0.113.9", "203.0.113.0", "203.0.113.9"),
        ("2001:db8:1:2:3::9", "2001:db8:1::", "2001:db8:1:2::"),
        ("::ffff:203.0.113.9", "203.0.113.0", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::", "fe80::"),
        ("", "", ""),
    ],
)
def test_an_address_is_kept_as_its_network(address, kept, counted):
    assert (shortened(address), network(address)) == (kept, counted)
