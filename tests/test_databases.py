"""DATABASE_URL: what is read from it, what is refused, and a dashboard that lives on it."""

import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from dashboard.databases import read_database
from tests.conftest import ROOT

FOLDER = Path("/var/lib/dashboard")


def refusal_of(url: str) -> str:
    with pytest.raises(ImproperlyConfigured) as refused:
        read_database(url, FOLDER)
    return str(refused.value)


def test_without_an_address_it_is_sqlite_in_the_data_folder():
    found = read_database("", FOLDER)
    assert (found["ENGINE"], found["NAME"]) == ("django.db.backends.sqlite3", FOLDER / "dashboard.sqlite3")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_an_address_is_taken_apart(scheme):
    found = read_database(f"{scheme}://alice:p%40ss%2Fw@db.example:5433/dash?sslmode=verify-full", FOLDER)
    assert [found[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")] == [
        "dash",
        "alice",
        "p@ss/w",
        "db.example",
        "5433",
    ]
    assert found["OPTIONS"]["sslmode"] == "verify-full"


def test_an_option_in_the_address_wins():
    assert read_database("postgresql://host/dash", FOLDER)["OPTIONS"]["connect_timeout"] == 3
    assert read_database("postgresql://host/dash?connect_timeout=9", FOLDER)["OPTIONS"]["connect_timeout"] == "9"


@pytest.mark.parametrize(
    "url",
    [
        "mysql://alice:hunter2@host/dash",
        "postgresql:alice:hunter2@host/dash",
        "postgresql://alice:hunter2@host",
        "postgresql://alice:hunter2@host/",
        "postgresql://alice:hunter2%zz@host/dash",
        "postgresql://alice:hunter2@host/dash?nonsense=1",
        "postgresql://alice:hunter2@[::1/dash",
    ],
)
def test_a_wrong_address_is_refused_without_its_password(url):
    sentence = refusal_of(url)
    assert sentence.startswith("DATABASE_URL ")
    assert "hunter2" not in sentence


def test_a_missing_driver_is_told_with_its_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert refusal_of("postgresql://host/dash") == (
        "DATABASE_URL names PostgreSQL, but its driver is not installed: pip install 'psycopg[binary]'."
    )


def test_a_dashboard_lives_on_postgresql(start_dashboard, postgres):
    url = postgres.new_database("first")
    address = start_dashboard(DATABASE_URL=url)
    with urllib.request.urlopen(address, timeout=20) as answer:
        assert answer.read().count(b'<tr class="row"') == 50
    assert ("dashboard_sharelink",) in postgres.run("first", "SELECT tablename FROM pg_tables")


def test_the_models_and_their_migrations_agree_on_postgresql(postgres, tmp_path):
    environment = {
        "DATABASE_URL": postgres.url(),
        "DASHBOARD_DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
    }
    command = [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"]
    answer = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, timeout=60)
    assert (answer.returncode, answer.stderr) == (0, b"")
