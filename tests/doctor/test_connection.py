"""No answer at all: names, ports, TLS, proxies, silence."""

import json
import shutil
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest

from dashboard.doctor.diagnosis import ADVICE_ON_CONNECTIONS, explained
from dashboard.doctor.examination import AFTER_THE_LIST, examine
from dashboard.projects import all_projects
from dashboard.upstream.errors import Unreachable
from tests.doctor.conftest import KEY
from tests.upstream.fault_server import PAGE, FaultServer, drips, http_answer, read_request, sends, silent

CA = """
[ca]
default_ca = here
[here]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
x509_extensions = names
[names]
subjectAltName = DNS:localhost
[any]
commonName = supplied
"""


@pytest.fixture
def faulty():
    with FaultServer() as server:
        yield server


@pytest.fixture
def told_of(configured, doctor):
    """What is told of an address; the fault is one of the connection, and no further call is made."""

    def run(address: str, place: str = "connection") -> str:
        configured(OPENAI_API_KEY=KEY, OPENAI_BASE_URL=address)
        told = doctor()
        assert (told.status, told.outcome(place)) == (1, "fault")
        assert {told.outcome(check) for check in ("key", *AFTER_THE_LIST)} == {"skipped"}
        assert KEY[:8] not in told.text
        return told.words

    return run


def test_a_refused_connection_is_explained(told_of, free_port):
    words = told_of(f"http://127.0.0.1:{free_port}/v1")
    assert "The API cannot be reached. The connection was refused." in words
    assert "→ Nothing listens there: check host and port in OPENAI_BASE_URL, and that the server runs." in words


def test_a_name_that_does_not_exist_is_explained(told_of, monkeypatch):
    def unknown(*args, **kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    words = told_of("https://api.invalid/v1")
    assert "Its name could not be found. → Check the host name in OPENAI_BASE_URL" in words


@pytest.mark.parametrize(
    ("behave", "words", "advice"),
    [
        (sends(b""), "It closed the connection without an answer.", "→ If the server wants https there"),
        (sends(b"\x15\x03\x01\x00\x02\x02\x46"), "What came back was not HTTP.", "→ Something else listens there"),
    ],
)
def test_a_server_of_something_else_is_explained(told_of, faulty, behave, words, advice):
    faulty.behave = behave
    said = told_of(faulty.base_url)
    assert words in said
    assert advice in said


def test_http_where_https_is_asked_for_is_explained(told_of, faulty):
    faulty.behave = lambda connection: connection.recv(10_000) and connection.sendall(http_answer(b"{}"))
    words = told_of(f"https://127.0.0.1:{faulty.port}/v1")
    assert "The TLS handshake failed: it may not speak https here." in words
    assert "→ If the server speaks plain http there, OPENAI_BASE_URL has to begin with http://." in words


def test_half_an_answer_is_a_fault_of_the_list(told_of, faulty):
    faulty.behave = sends(http_answer(b"{}", length=500))
    assert "The answer broke off. The connection ended before the answer did." in told_of(faulty.base_url, "list")


@pytest.mark.parametrize("behave", [silent, drips(b"HTTP/1.1 200 OK\r\n", b"X-Drip: a\r\n")])
def test_silence_ends_at_the_deadline_of_a_call(configured, faulty, behave):
    faulty.behave = behave
    configured(OPENAI_API_KEY=KEY, OPENAI_BASE_URL=faulty.base_url)
    started = time.monotonic()
    findings = list(examine(all_projects()["default"], call_seconds=0.3))
    assert time.monotonic() - started < 1.3
    (fault,) = [one for one in findings if one.outcome == "fault"]
    assert (fault.check, fault.words) == (
        "connection",
        "The API did not answer in time. No whole answer within 0.3 seconds.",
    )
    assert fault.ms is not None
    assert 250 < fault.ms < 1300


def test_all_calls_of_a_project_share_their_time(configured, upstream, api):
    def slow(path, query):
        time.sleep(0.15)
        return api(path, query)

    upstream.answer = slow
    configured(OPENAI_API_KEY=KEY, OPENAI_BASE_URL=upstream.base_url)
    started = time.monotonic()
    findings = list(examine(all_projects()["default"], seconds=0.4))
    assert time.monotonic() - started < 1.4
    late = [one for one in findings if "The 0.4 seconds for this project are over." in one.words]
    assert {one.outcome for one in late} == {"skipped"}
    assert late[-1].check == "unknown id"
    assert late[-1].ms is None


# TLS with certificates of our own.


@pytest.fixture(scope="module")
def certificates(tmp_path_factory) -> Path:
    """`good` and `expired`, both signed by themselves and for `localhost`, with the same `key`."""
    if not (openssl := shutil.which("openssl")):
        pytest.skip("there is no openssl here to make a certificate with")
    folder = Path(tmp_path_factory.mktemp("certificates"))
    (folder / "config").write_text(CA)
    (folder / "index").touch()
    (folder / "serial").write_text("01\n")
    request = "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost -keyout key -out request"
    good = "req -x509 -key key -subj /CN=localhost -addext subjectAltName=DNS:localhost -days 2 -out good"
    expired = "ca -batch -config config -selfsign -keyfile key -in request -out expired -notext"
    expired += " -startdate 20200101000000Z -enddate 20200102000000Z"
    for arguments in (request, good, expired):
        subprocess.run([openssl, *arguments.split()], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def tls(certificates, faulty):
    """Makes the server speak TLS with one of the certificates; the answer is its port."""

    def serve(name: str) -> int:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates / name, certificates / "key")

        def behave(connection: socket.socket) -> None:
            with context.wrap_socket(connection.dup(), server_side=True) as secure:
                read_request(secure)
                secure.sendall(http_answer(json.dumps(PAGE).encode()))

        faulty.behave = behave
        return int(faulty.port)

    return serve


def test_a_certificate_signed_by_itself_is_explained(told_of, tls):
    words = told_of(f"https://localhost:{tls('good')}/v1")
    assert "Its TLS certificate is signed by itself, and not trusted here." in words
    assert "→ Put it into a file and name that file in REQUESTS_CA_BUNDLE." in words
    assert "The public ones are trusted." in words


def test_a_certificate_for_another_host_is_explained(told_of, tls, certificates, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificates / "good"))
    words = told_of(f"https://127.0.0.1:{tls('good')}/v1")
    assert "Its TLS certificate is for another" in words
    assert "→ Use the name in OPENAI_BASE_URL that the certificate was made for." in words


def test_a_certificate_that_has_expired_is_explained(told_of, tls, certificates, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificates / "expired"))
    words = told_of(f"https://localhost:{tls('expired')}/v1")
    assert "Its TLS certificate has expired. → Whoever runs the server has to renew it." in words


def test_a_certificate_that_is_trusted_works_and_is_said_to_be(configured, doctor, tls, certificates, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificates / "good"))
    configured(OPENAI_API_KEY=KEY, OPENAI_BASE_URL=f"https://localhost:{tls('good')}/v1")
    told = doctor()
    assert (told.outcome("connection"), told.outcome("list")) == ("ok", "note")
    assert "are trusted, instead of the public ones." in told.words
    assert str(certificates / "good") in told.text.replace("\n", "").replace(" ", "")


# Proxies.


def test_a_proxy_that_cannot_be_reached_is_explained(told_of, free_port, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:pass-word@127.0.0.1:{free_port}")
    words = told_of("https://api.invalid/v1")
    assert (
        f"Calls go through the proxy 127.0.0.1:{free_port}, which a proxy variable of the environment names." in words
    )
    assert "The outgoing proxy refused the request, or cannot be reached." in words
    assert "→ Check HTTPS_PROXY and HTTP_PROXY. A host that needs no proxy is named in NO_PROXY." in words
    assert "user" not in words
    assert "pass-word" not in words


def test_a_proxy_that_wants_a_password_is_explained(told_of, faulty, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{faulty.port}")
    faulty.behave = sends(http_answer(b"", status="407 Proxy Authentication Required"))
    words = told_of("http://api.invalid/v1")
    assert "The API cannot be reached. It answered 407." in words
    assert "→ Check the address of the outgoing proxy, with the user name and password in it." in words


def test_a_host_that_needs_no_proxy_goes_straight(told_of, free_port, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert "None: calls go straight to the API." in told_of(f"http://127.0.0.1:{free_port}/v1")


# What the transport can tell apart, the doctor has advice for.


@pytest.mark.parametrize("piece", ADVICE_ON_CONNECTIONS)
def test_every_piece_of_a_sentence_stands_in_the_transport(piece):
    assert piece in (Path(__file__).resolve().parents[2] / "dashboard/upstream/transport.py").read_text()


def test_a_fault_that_the_transport_cannot_name_has_the_advice_of_its_kind(configured):
    configured(OPENAI_API_KEY=KEY)
    told = explained(Unreachable("The connection failed."), all_projects()["default"])
    assert told.words == "The API cannot be reached. The connection failed."
    assert told.advice == Unreachable.advice
