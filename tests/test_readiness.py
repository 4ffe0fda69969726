"""/readyz over the running server, with a database that gets lost, locked or old meanwhile."""

import contextlib
import json
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_serve import ask, prepared, refusal

READY = {"database": "ok", "migrations": "ok", "shared_cache": "ok"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ready")


@pytest.fixture(scope="module")
def address(start_dashboard, folder) -> str:
    # The key and its upstream are of no interest to the probes: nothing listens there.
    return start_dashboard(
        DASHBOARD_DATA_DIR=str(folder),
        OPENAI_API_KEY="k" * 30,
        OPENAI_BASE_URL="http://127.0.0.1:1/v1",
        DASHBOARD_LOGIN="none",
    )


@pytest.fixture
def kept(folder):
    """The database as it was, after the test."""
    with contextlib.closing(sqlite3.connect(folder / "dashboard.sqlite3")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(folder / "dashboard.sqlite3", folder / "copy")
    yield folder / "dashboard.sqlite3"
    for path in folder.glob("dashboard.sqlite3*"):
        path.unlink()
    (folder / "copy").rename(folder / "dashboard.sqlite3")


def probe(address: str, host: str = "probe.internal") -> tuple[int, dict[str, str], float]:
    began = time.monotonic()
    status, headers, body = ask(address, "/readyz", Host=host)
    assert "Set-Cookie" not in headers
    document = json.loads(body)
    assert document["ready"] is (status == 200)
    return status, document["checks"], time.monotonic() - began


def test_it_is_ready_for_whoever_asks_and_asks_no_api(address):
    assert probe(address)[:2] == (200, READY)


def test_a_lost_database_is_told_and_none_is_made_in_its_place(address, kept):
    for path in kept.parent.glob("dashboard.sqlite3*"):
        path.unlink()
    status, checks, _ = probe(address)
    assert (status, checks) == (
        503,
        {"database": "failed", "migrations": "not checked", "shared_cache": "not checked"},
    )
    assert not kept.exists()
    kept.touch()


def test_a_locked_database_is_told_at_once(address, folder):
    with contextlib.closing(sqlite3.connect(folder / "dashboard.sqlite3", isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        status, checks, seconds = probe(address)
        assert ask(address, "/healthz")[0] == 200
        database.execute("ROLLBACK")
    assert (status, checks) == (503, {"database": "ok", "migrations": "ok", "shared_cache": "failed"})
    assert seconds < 3
    assert probe(address)[:2] == (200, READY)


@contextlib.contextmanager
def held_alone(path: Path) -> Iterator[None]:
    """Tried for a while: a connection of an answer before is closed a moment after that answer, and none stays open."""
    give_up = time.monotonic() + 20
    while True:
        with contextlib.closing(sqlite3.connect(path, timeout=0.1, isolation_level=None)) as database:
            database.execute("PRAGMA locking_mode = EXCLUSIVE")
            try:
                database.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError:
                assert time.monotonic() < give_up
                continue
            yield
            return


def test_a_database_that_nobody_else_may_even_read_is_told_at_once(address, folder):
    with held_alone(folder / "dashboard.sqlite3"):
        status, checks, seconds = probe(address)
    assert (status, checks["database"]) == (503, "failed")
    assert seconds < 3
    assert probe(address)[:2] == (200, READY)


def test_a_migration_that_is_missing_is_told(address, kept):
    with contextlib.closing(sqlite3.connect(kept)) as database:
        database.execute("DELETE FROM django_migrations WHERE app = 'dashboard'")
        database.commit()
    status, checks, _ = probe(address)
    assert (status, checks) == (503, {"database": "ok", "migrations": "failed", "shared_cache": "not checked"})


def test_a_missing_cache_table_is_told(address, kept):
    with contextlib.closing(sqlite3.connect(kept)) as database:
        database.execute("DROP TABLE dashboard_cache")
        database.commit()
    status, checks, _ = probe(address)
    assert (status, checks) == (503, {"database": "ok", "migrations": "ok", "shared_cache": "failed"})


def test_a_public_site_answers_probes_without_tls(start_dashboard):
    address = start_dashboard(DASHBOARD_ALLOWED_HOSTS="dash.example.org", DASHBOARD_SECRET_KEY="not-so-secret" * 4)
    assert probe(address)[0] == 200
    assert ask(address, "/healthz", Host="10.0.0.7")[0] == 200
    assert ask(address, "/robots.txt", Host="dash.example.org")[0] == 301


def test_a_database_of_a_newer_version_stops_the_start(tmp_path):
    path = prepared(tmp_path)
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('dashboard', '0999_later', '2030-01-01')"
        )
        database.commit()
    assert refusal(tmp_path) == (
        "DASHBOARD_DATA_DIR holds a database of a newer version, with dashboard.0999_later, "
        "which this one does not know."
    )


def test_crawlers_may_ask_for_shared_pages_only(client):
    answer = client.get("/robots.txt", headers={"host": "localhost"})
    assert answer.content == b"User-agent: *\nAllow: /s/\nDisallow: /\n"
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
