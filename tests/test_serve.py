"""`manage.py serve`, as `make run` calls it: the real server on a real socket."""

import contextlib
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from tests.conftest import ROOT, find_free_port


def get(address: str, **headers: str):
    return urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=20)


def ask(address: str, target: str, **headers: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and body, with nothing followed; `__` stands for a hyphen in the name of a header."""
    named = {name.replace("__", "-"): value for name, value in headers.items()}
    with contextlib.closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)) as connection:
        connection.request("GET", target, headers=named)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()


def refusal(folder: Path, **environment: str) -> str:
    """What `serve` says when it does not start: one sentence, and nothing else."""
    data = {"DASHBOARD_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
    answer = subprocess.run(
        [sys.executable, "manage.py", "serve"],
        cwd=ROOT,
        env={**os.environ, "PORT": str(find_free_port()), **data, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.count("\n") == 1
    return answer.stderr.rstrip("\n")


def test_it_serves_the_list(dashboard_url):
    with get(dashboard_url) as answer:
        assert answer.url == f"{dashboard_url}/demo/completions/"
        assert answer.read().count(b'<tr class="row"') == 50


def test_static_files_are_compressed_and_cached_for_good(dashboard_url):
    with get(dashboard_url) as answer:
        style = re.findall(r'href="(/static/app\.[0-9a-f]{12}\.css)"', answer.read().decode())[0]
    with get(f"{dashboard_url}{style}", **{"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "eighty"),
        ("OPENAI_BASE_URL", "api.example"),
        ("DASHBOARD_WORKERS", "0"),
        ("DASHBOARD_DATA_DIR", "/dev/null/data"),
        ("DASHBOARD_ALLOWED_HOSTS", "*"),
    ],
)
def test_a_malformed_setting_stops_it_with_one_sentence(tmp_path, variable, value):
    assert variable in refusal(tmp_path, **{variable: value})


def test_a_port_in_use_stops_it_before_anything_is_prepared(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        sentence = refusal(tmp_path, PORT=str(port))
    assert sentence == f"PORT must name another port: 127.0.0.1:{port} cannot be bound (Address already in use)."
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


def test_a_key_that_crosses_a_network_in_the_clear_is_told_in_the_log(tmp_path):
    # An address that is nobody's; the port in use ends the start right after.
    with socket.create_server(("127.0.0.1", 0)) as other:
        ended = subprocess.run(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env={
                **os.environ,
                "PORT": str(other.getsockname()[1]),
                "DASHBOARD_DATA_DIR": str(tmp_path),
                "DJANGO_SETTINGS_MODULE": "dashboard.settings",
                "OPENAI_API_KEY": "a-key-of-a-server-of-ours",
                "OPENAI_BASE_URL": "http://server.invalid/v1",
            },
            capture_output=True,
            text=True,
            timeout=60,
        )
    line, sentence = ended.stderr.splitlines()
    assert json.loads(line)["level"] == "WARNING"
    assert "OPENAI_API_KEY begins with http" in json.loads(line)["message"]
    assert "server.invalid" not in line
    assert sentence.startswith("PORT must name another port")


def prepared(folder: Path) -> Path:
    """A database with nothing left to migrate."""
    environment = {"DASHBOARD_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=True, timeout=60)
    return folder / "dashboard.sqlite3"


def corrupt(folder: Path) -> None:
    (folder / "dashboard.sqlite3").write_bytes(b"not a database at all " * 500)


def folder_for_database(folder: Path) -> None:
    (folder / "dashboard.sqlite3").mkdir()


def read_only_database(folder: Path) -> None:
    with prepared(folder).open("r+b") as file:
        # A file format that this SQLite can read, but not write: unlike permissions, that holds for root, too.
        file.seek(18)
        file.write(b"\x03")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (corrupt, "file is not a database"),
        (folder_for_database, "unable to open database file"),
        (read_only_database, "attempt to write a readonly database"),
    ],
)
def test_a_database_that_cannot_be_used_stops_it_with_one_sentence(tmp_path, spoil, reason):
    spoil(tmp_path)
    assert refusal(tmp_path) == (f"DASHBOARD_DATA_DIR holds a database or static files that cannot be used ({reason}).")


def test_static_files_that_cannot_be_written_stop_it_with_one_sentence(tmp_path, free_port):
    (tmp_path / f"static-{free_port}").touch()
    assert refusal(tmp_path, PORT=str(free_port)) == (
        "DASHBOARD_DATA_DIR holds a database or static files that cannot be used (Not a directory)."
    )


def test_a_second_instance_leaves_the_files_of_the_first_alone(start_dashboard, tmp_path):
    first = start_dashboard(DASHBOARD_DATA_DIR=str(tmp_path))
    files = list((tmp_path / f"static-{urlsplit(first).port}").rglob("*"))
    before = [(path, path.stat().st_ino, path.stat().st_mtime_ns) for path in files]
    second = start_dashboard(DASHBOARD_DATA_DIR=str(tmp_path))
    assert len(before) > 10
    assert [(path, path.stat().st_ino, path.stat().st_mtime_ns) for path in files] == before
    assert ask(first, "/demo/completions/")[0] == ask(second, "/demo/completions/")[0] == 200


def test_long_addresses_are_answered(dashboard_url):
    target = f"/demo/completions/?{urlencode({'metadata[topic]': '検' * 500})}"
    status, _, page = ask(dashboard_url, target)
    assert len(target) > 4500
    assert status == 200
    assert "検検検" in page
    # htmx names the address of its page in a header.
    assert ask(dashboard_url, "/demo/completions/", HX__Current__URL=f"{dashboard_url}{target * 10}")[0] == 200


def test_an_address_that_is_too_long_gets_the_designed_page(dashboard_url):
    status, headers, page = ask(dashboard_url, f"/demo/completions/?model={'x' * 200_000}")
    assert status == 400
    assert "The request could not be understood" in page
    assert "Content-Security-Policy" in headers


@pytest.mark.parametrize(
    "headers",
    [
        {"SCRIPT_NAME": "/evil"},
        {"PATH_INFO": "/nowhere"},
        # Who trusts these refuses what contradicts itself.
        {"X__Forwarded__Proto": "https", "X__Forwarded__Ssl": "off"},
    ],
)
def test_headers_of_a_proxy_are_not_believed(dashboard_url, headers):
    status, _, page = ask(dashboard_url, "/demo/completions/", **headers)
    assert status == 200
    assert 'href="/demo/completions/' in page


def test_a_public_site_believes_its_proxy_about_https_and_nothing_else(start_dashboard):
    address = start_dashboard(DASHBOARD_ALLOWED_HOSTS="dash.example.org", DASHBOARD_SECRET_KEY="not-so-secret" * 4)
    status, headers, _ = ask(address, "/", Host="dash.example.org")
    assert (status, headers["Location"]) == (301, "https://dash.example.org/")
    status, headers, _ = ask(address, "/", Host="dash.example.org", X__Forwarded__Proto="https", SCRIPT_NAME="/evil")
    assert (status, headers["Location"]) == (302, "/login/")


def test_the_wrong_host_gets_the_designed_page(dashboard_url):
    status, _, page = ask(dashboard_url, "/", Host="evil.example")
    assert status == 400
    assert "The request could not be understood" in page
    assert ask(dashboard_url, "/healthz", Host="evil.example")[0] == 200


def test_head_brings_headers_alone(dashboard_url):
    """Twice on one connection: a body after the first answer would be read as the second one."""
    connection = http.client.HTTPConnection(urlsplit(dashboard_url).netloc, timeout=20)
    with contextlib.closing(connection):
        for path in ("/demo/completions/", "/healthz", "/nowhere/"):
            connection.request("GET", path)
            length = len(connection.getresponse().read())
            connection.request("HEAD", path)
            answer = connection.getresponse()
            assert answer.read() == b""
            assert path == "/healthz" or int(answer.headers["Content-Length"]) == length
            connection.sock.setblocking(False)
            with pytest.raises(BlockingIOError):
                connection.sock.recv(1)
            connection.sock.settimeout(20)
