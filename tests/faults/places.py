"""The cases that no path can tell apart: names, ports that refuse or swallow, TLS, and the outgoing proxy.

`Place` says where the project of a case finds its upstream, and what makes it healthy.
"""

from __future__ import annotations

import re
import socket
import ssl
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import certificates
from tests.faults.behaviours import (
    BODY,
    ODD_ROWS,
    PAGINATION,
    SIZE,
    SLOW,
    STATUS,
    WIRE,
    documents,
    leads_to,
    redirects,
    says_nothing,
)
from tests.faults.server import FaultServer, answers, black_hole, healthy, reserved_port
from tests.faults.shapes import SHAPES, behave_as, many_messages, stuck_messages
from tests.upstream.fault_server import drips, http_answer, read_request, resets, sends

PROXY_PASSWORD = "proxy-QZXJKVW"
NAMES = {
    "dns-nxdomain": "unknown",
    "dns-later": "later",
    "dns-slow": "slow",
    "dns-first-address-refused": "127.0.0.2 127.0.0.1",
}
CERTIFICATES = {
    "tls-wrong-host": "other-host",
    "tls-expired": "expired",
    "tls-not-yet-valid": "not-yet",
    "tls-self-signed": "self-signed",
    "tls-unknown-authority": "unknown",
    "tls-sound": "sound",
}
HANDSHAKES = {
    "tls-handshake-hang": says_nothing,
    "tls-handshake-drip": drips(b"\x16\x03\x03\x40\x00", b"\x02"),
    "tls-handshake-reset": resets(b""),
    "tls-handshake-closed": sends(b""),
    "tls-handshake-garbage": sends(b"\x16\x03\x03\x00\x02\xff\xff"),
    "tls-handshake-refused": sends(b"\x15\x03\x03\x00\x02\x02\x28"),
    "plain-http-on-tls": sends(http_answer(b"{}", status="400 Bad Request")),
}
PROXIED = {"proxy-407": "http", "proxy-407-tls": "https", "proxy-403-tls": "https", "proxy-hangs": "https"}


@dataclass
class Place:
    base_url: str
    heal: Callable[[], None] = field(default=lambda: None)


@dataclass
class Upstreams:
    """All places by case, the server behind them, and what the environment of the dashboard needs to find them."""

    server: FaultServer
    environment: dict[str, str]
    places: dict[str, Place] = field(default_factory=dict)
    trap: int = 0
    """A port to which redirects lead, and what reached it."""
    trapped: list[bytes] = field(default_factory=list)

    def heal(self, case: str) -> None:
        self.server.sites[case].healed = True
        self.places[case].heal()


@contextmanager
def upstreams(folder: Path) -> Iterator[Upstreams]:
    with ExitStack() as closing:
        server = FaultServer()
        closing.callback(server.close)
        made = Upstreams(server, {})
        _by_path(made)
        _names(made, folder / "names")
        _ports(made, closing)
        if certificates.available():
            keys = certificates.make_certificates(
                folder / "certificates", proxied=[f"{case}.invalid" for case in PROXIED]
            )
            made.environment["REQUESTS_CA_BUNDLE"] = str(keys.trusted)
            _tls(made, keys)
            _proxy(made, keys)
        yield made


def _by_path(made: Upstreams) -> None:
    made.trap = made.server.listen(lambda connection: made.trapped.append(connection.recv(65_536)))
    behaviours = {"healthy": healthy, **WIRE, **SLOW, **SIZE, **STATUS, **redirects(made.trap), **BODY}
    behaviours |= {case: documents(row) for case, row in ODD_ROWS.items()}
    behaviours |= {case: answers(answer) for case, answer in PAGINATION.items()}
    behaviours |= {case: behave_as(shape) for case, shape in SHAPES.items()}
    behaviours |= {"shape-messages-5000": answers(many_messages), "shape-messages-stuck": answers(stuck_messages)}
    behaviours |= {"netrc-present": healthy, "recovering": healthy}
    behaviours |= dict.fromkeys(("client-gone", "many-hang"), SLOW["silent"])
    for case, behave in behaviours.items():
        made.server.add(case, behave)
        made.places[case] = Place(made.server.base_url(case))


def _names(made: Upstreams, file: Path) -> None:
    names = {f"{case}.invalid": what for case, what in NAMES.items()}

    def write() -> None:
        whole = file.with_suffix(".new")
        whole.write_text("".join(f"{name} {what}\n" for name, what in names.items()))
        whole.rename(file)

    def heal(case: str) -> Callable[[], None]:
        def healed() -> None:
            names[f"{case}.invalid"] = "127.0.0.1"
            write()

        return healed

    for case in NAMES:
        made.server.add(case, healthy)
        made.places[case] = Place(f"http://{case}.invalid:{made.server.port}/{case}/v1", heal(case))
    names["many-holes.invalid"] = " ".join(["127.0.0.1"] * 8)
    write()
    folder = Path(__file__).with_name("site")
    made.environment |= {"FAULT_NAMES": str(file), "PYTHONPATH": str(folder)}


def _ports(made: Upstreams, closing: ExitStack) -> None:
    refusing = reserved_port()
    closing.callback(refusing.close)
    _port(made, "connect-refused", refusing, "127.0.0.1")
    hole = closing.enter_context(black_hole())
    _port(made, "connect-blackhole", hole, "127.0.0.1")
    another = closing.enter_context(black_hole())
    _port(made, "connect-blackhole-many", another, "many-holes.invalid")


def _port(made: Upstreams, case: str, listener: socket.socket, host: str) -> None:
    def heal() -> None:
        listener.listen(64)
        made.server.serve_from(listener, lambda connection: made.server.requests_of(case, connection))

    made.server.add(case, healthy)
    made.places[case] = Place(f"http://{host}:{listener.getsockname()[1]}/{case}/v1", heal)


def _tls(made: Upstreams, keys: certificates.Certificates) -> None:
    sound = keys.server("sound")
    for case, name in CERTIFICATES.items():
        _handshake(made, case, sound, _greets(made, case, keys.server(name)))
    _handshake(
        made, "tls-wrong-address", sound, _greets(made, "tls-wrong-address", keys.server("expired")), "127.0.0.1"
    )
    old = keys.server("sound")
    with warnings.catch_warnings(action="ignore"):  # that nobody should, which is the point
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    _handshake(made, "tls-old-version", sound, _greets(made, "tls-old-version", old))
    strict = keys.server("sound")
    strict.verify_mode = ssl.CERT_REQUIRED
    _handshake(made, "tls-wants-certificate", sound, _greets(made, "tls-wants-certificate", strict))
    case = "redirect-http-downgrade"
    _handshake(made, case, sound, _greets(made, case, sound))
    made.server.sites[case].behave = leads_to(f"http://localhost:{made.trap}/v1/chat/completions")
    for case, behave in HANDSHAKES.items():
        _handshake(made, case, sound, _receives(behave))


def _greets(made: Upstreams, case: str, context: ssl.SSLContext) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            made.server.requests_of(case, secured)

    return serve


def _receives(behave: Callable[[socket.socket], None]) -> Callable[[socket.socket], None]:
    """What `behave` reads as a request is the first message of a handshake, which has no blank line."""

    class Hello:
        def __init__(self, connection: socket.socket) -> None:
            self._connection = connection

        def recv(self, size: int) -> bytes:
            return self._connection.recv(size) and b"\r\n\r\n"

        def __getattr__(self, name: str) -> object:
            return getattr(self._connection, name)

    return lambda connection: behave(Hello(connection))  # type: ignore[arg-type]


def _handshake(
    made: Upstreams,
    case: str,
    sound: ssl.SSLContext,
    fault: Callable[[socket.socket], None],
    host: str = "localhost",
) -> None:
    site = made.server.add(case, healthy)
    healthily = _greets(made, case, sound)
    port = made.server.listen(lambda connection: (healthily if site.healed else fault)(connection))
    made.places[case] = Place(f"https://{host}:{port}/{case}/v1")


def _proxy(made: Upstreams, keys: certificates.Certificates) -> None:
    """One proxy for all that is not on loopback; the host in the request names the case."""
    sound = keys.server("proxied")

    def serve(connection: socket.socket) -> None:
        head = read_request(connection)
        case = (re.search(rb"(proxy-[a-z0-9-]+)\.invalid", head) or [b"", b""])[1].decode()
        if made.server.sites[case].healed:
            _forwards(made, case, connection, head, sound)
        elif case == "proxy-hangs":
            says_nothing(connection)
        else:
            status = "403 Forbidden" if "403" in case else "407 Proxy Authentication Required"
            connection.sendall(http_answer(b"<h1>Proxy says no</h1>", "Proxy-Authenticate: Basic", status=status))

    port = made.server.listen(serve)
    for case, scheme in PROXIED.items():
        made.server.add(case, healthy)
        made.places[case] = Place(f"{scheme}://{case}.invalid/{case}/v1")
    address = f"http://user:{PROXY_PASSWORD}@127.0.0.1:{port}"
    direct = ",".join(["127.0.0.1", "localhost", "many-holes.invalid", *(f"{case}.invalid" for case in NAMES)])
    made.environment |= {"HTTP_PROXY": address, "HTTPS_PROXY": address, "NO_PROXY": direct}


def _forwards(made: Upstreams, case: str, connection: socket.socket, head: bytes, sound: ssl.SSLContext) -> None:
    if head.startswith(b"CONNECT"):
        connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        with suppress(OSError), sound.wrap_socket(connection, server_side=True) as secured:
            made.server.requests_of(case, secured)
    else:
        connection.sendall(http_answer(b'{"object": "list", "data": [], "has_more": false}'))
