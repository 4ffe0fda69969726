"""The parts of the transport that no server on loopback can bring about, and TLS with certificates of our own."""

import json
import shutil
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest
import requests.adapters
import urllib3

from dashboard.upstream.client import Client
from dashboard.upstream.errors import BrokenOff, TimedOut, Unreachable
from dashboard.upstream.transport import KeyAuth, WatchedAdapter, fault
from dashboard.upstream.watchdog import Deadline, WatchedPool
from tests.upstream.fault_server import PAGE, FaultServer, drips, http_answer, read_request


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    if not (openssl := shutil.which("openssl")):
        pytest.skip("there is no openssl here to make a certificate with")
    folder = Path(tmp_path_factory.mktemp("certificate"))
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]
    subprocess.run(
        [*command, "-keyout", folder / "key", "-out", folder / "certificate"], check=True, capture_output=True
    )
    return folder


@pytest.fixture
def tls(certificate):
    """A server that speaks TLS; `then` happens once the request is read."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "certificate", certificate / "key")
    with FaultServer() as server:

        def behave(connection: socket.socket) -> None:
            with context.wrap_socket(connection.dup(), server_side=True) as secure:
                read_request(secure)
                server.then(secure)

        server.behave = behave
        server.then = lambda secure: secure.sendall(http_answer(json.dumps(PAGE).encode()))
        yield server


def listed(server: FaultServer, host: str = "localhost", seconds: float = 5):
    api = Client(f"https://{host}:{server.port}/v1", key="k" * 9)
    return api.list(order="desc", limit=2, deadline=Deadline(seconds))


def test_a_certificate_that_is_trusted_by_the_environment_works(tls, certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate / "certificate"))
    assert listed(tls).items == ()


def test_a_certificate_signed_by_itself_is_told(tls):
    with pytest.raises(Unreachable, match="signed by itself"):
        listed(tls)


def test_a_certificate_for_another_host_is_told(tls, certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate / "certificate"))
    with pytest.raises(Unreachable, match="is for another"):
        listed(tls, "127.0.0.1")


def test_a_body_dripped_over_tls_ends_at_the_deadline(tls, certificate, monkeypatch):
    def drip(secure: ssl.SSLSocket) -> None:
        secure.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(60):
            secure.sendall(b" ")
            time.sleep(0.05)

    tls.then = drip
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate / "certificate"))
    started = time.monotonic()
    with pytest.raises(TimedOut):
        listed(tls, seconds=0.4)
    assert time.monotonic() - started < 1.4


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"])
def test_tls_that_ends_without_a_word_broke_off(tls, certificate, monkeypatch, begun):
    tls.then = lambda secure: secure.sendall(begun)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate / "certificate"))
    with pytest.raises((BrokenOff, Unreachable)) as caught:
        listed(tls)
    assert "certificate" not in caught.value.detail


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (9, "not valid yet"),
        (10, "has expired"),
        (18, "itself"),
        (20, "authority"),
        (62, "host name"),
        (99, "not accepted"),
    ],
)
def test_certificate_faults_are_told_apart(code, sentence):
    refused = ssl.SSLCertVerificationError("text of OpenSSL")
    refused.verify_code = code
    told = fault(requests.exceptions.SSLError(urllib3.exceptions.SSLError(refused)), Deadline())
    assert isinstance(told, Unreachable)
    assert sentence in told.detail


@pytest.mark.parametrize("error", [OSError(101, "Network is unreachable"), ValueError("Invalid IPv6 URL")])
def test_any_other_fault_is_a_failed_connection(error):
    assert fault(error, Deadline()).detail == "The connection failed."


def test_a_fault_after_the_deadline_is_a_timeout():
    told = fault(ConnectionResetError(), Deadline(0))
    assert isinstance(told, TimedOut)


def test_faults_that_cause_each_other_end():
    one, other = OSError(), OSError()
    one.__cause__, other.__cause__ = other, one
    assert isinstance(fault(one, Deadline()), Unreachable)


def test_the_key_is_not_printed():
    assert repr(KeyAuth("sk-secret", "api-key")) == "KeyAuth(api-key)"


def test_connections_through_a_proxy_are_watched():
    manager = WatchedAdapter().proxy_manager_for("http://127.0.0.1:3128")
    assert isinstance(manager.connection_from_url("http://api.test/"), WatchedPool)


def test_a_socks_proxy_keeps_its_own_pools(monkeypatch):
    class Socks:
        pool_classes_by_scheme = "its own"

        def __init__(self, *args, **options):
            pass

    monkeypatch.setattr(requests.adapters, "SOCKSProxyManager", Socks)
    assert WatchedAdapter().proxy_manager_for("socks5://127.0.0.1:1080").pool_classes_by_scheme == "its own"


def test_the_way_out_names_the_proxy_without_its_password_and_the_certificates(monkeypatch):
    for name in ("HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    api = Client("https://api.invalid/v1", key="k" * 9)
    assert (api.way().proxy, api.way().certificates) == ("", "")
    monkeypatch.setenv("HTTPS_PROXY", "http://user:pa/ss@proxy.invalid:3128")
    monkeypatch.setenv("CURL_CA_BUNDLE", "/etc/authorities")
    assert (api.way().proxy, api.way().certificates) == ("proxy.invalid:3128", "/etc/authorities")
    monkeypatch.setenv("NO_PROXY", "api.invalid")
    assert api.way().proxy == ""


def test_a_drip_through_a_proxy_ends_at_the_deadline(faulty, monkeypatch):
    faulty.behave = drips(b"HTTP/1.1 200 OK\r\n", b"X-Drip: a\r\n")
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{faulty.port}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{faulty.port}")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    started = time.monotonic()
    with pytest.raises(TimedOut):
        Client("http://api.test/v1", key="k" * 9).list(order="desc", limit=2, deadline=Deadline(0.4))
    assert time.monotonic() - started < 1.4
