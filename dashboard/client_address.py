"""Where a request comes from. Behind proxies that the configuration counts, their header says it; else the connection."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def client_address(request: HttpRequest) -> str:
    """Of the entries in X-Forwarded-For, the one that the outermost of our proxies wrote: what stands before it is
    the client's own invention. Empty where the server listens on a socket without addresses."""
    connection = str(request.META.get("REMOTE_ADDR", ""))
    entries = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    if not 0 < settings.TRUSTED_PROXIES <= len(entries):
        return connection
    forwarded = _parsed(_without_port(entries[-settings.TRUSTED_PROXIES].strip()))
    return str(forwarded) if forwarded else connection


def network(address: str) -> str:
    """What throttles count: of IPv6 a household has the last 64 bits to choose from."""
    return _masked(address, 32, 64)


def shortened(address: str) -> str:
    """What is kept: the network of an office, and no person in it (`192.0.2.0`, `2001:db8:1::`)."""
    return _masked(address, 24, 48)


def _masked(address: str, bits_of_4: int, bits_of_6: int) -> str:
    parsed = _parsed(address)
    if parsed is None:
        return ""
    bits = bits_of_4 if parsed.version == 4 else bits_of_6
    return str(ipaddress.ip_network(f"{parsed}/{bits}", strict=False).network_address)


def _parsed(address: str) -> Address | None:
    """IPv4 written as IPv6 is IPv4."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def _without_port(entry: str) -> str:
    """`192.0.2.1:4711` and `[2001:db8::1]:4711`, as some proxies write."""
    if entry.startswith("["):
        return entry[1:].partition("]")[0]
    return entry.partition(":")[0] if entry.count(":") == 1 else entry
