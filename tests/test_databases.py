"""DATABASE_URL and CACHE_URL: what is read from them, what is refused, and a dashboard that lives on PostgreSQL."""

import os
import re
import subprocess
import sys
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.views.debug import SafeExceptionReporterFilter

from dashboard.databases import read_caches, read_database
from tests.conftest import ROOT, find_free_port
from tests.test_serve import refusal

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


def cache_refusal_of(url: str) -> str:
    with pytest.raises(ImproperlyConfigured) as refused:
        read_caches(url, 1)
    return str(refused.value)


def test_without_an_address_facts_are_in_the_database_and_content_in_memory():
    found = read_caches("", 1_000)
    assert {name: entry["BACKEND"].rpartition(".")[2] for name, entry in found.items()} == {
        "default": "DatabaseCache",
        "content": "ContentCache",
    }


def test_an_address_of_redis_is_taken_apart():
    found = read_caches("rediss://alice:p%40ss%2Fw@cache.example:6390/3?ssl_cert_reqs=none", 1_000)
    assert found["content"]["LOCATION"] == ["rediss://"]
    expected = {
        "username": "alice",
        "password": "p@ss/w",
        "host": "cache.example",
        "port": 6390,
        "db": 3,
        "ssl_cert_reqs": "none",
        "socket_timeout": 0.5,
    }
    assert expected.items() <= found["default"]["OPTIONS"].items()
    assert read_caches("redis://host?socket_timeout=2", 1)["default"]["OPTIONS"]["socket_timeout"] == 2.0


@pytest.mark.parametrize(
    "url",
    [
        "memcached://:hunter2@host/0",
        "redis:hunter2@host/0",
        "redis://:hunter2@host/zero",
        "redis://:hunter2#@host/0",
        "redis://:hunter2@host:99999/0",
        "redis://:hunter2@[::1/0",
        "redis://:hunter2@host/0?nonsense=1",
        "rediss://:hunter2@host/0?ssl_cert_reqs=perhaps",
    ],
)
def test_a_wrong_address_of_redis_is_refused_without_its_password(url):
    sentence = cache_refusal_of(url)
    assert sentence.startswith("CACHE_URL ")
    assert "hunter2" not in sentence


def test_a_missing_driver_of_redis_is_told_with_its_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "redis", None)
    assert cache_refusal_of("redis://host/0") == (
        "CACHE_URL names Redis, but its driver is not installed: pip install redis."
    )


def test_django_masks_the_passwords():
    database = read_database("postgresql://alice:hunter2@host/dash", FOLDER)
    masked = SafeExceptionReporterFilter().cleanse_setting
    shown = repr([masked("DATABASES", database), masked("CACHES", read_caches("redis://bob:hunter2@host/0", 1))])
    assert "hunter2" not in shown
    assert "alice" in shown
    assert "bob" in shown


def test_a_dashboard_lives_on_postgresql(start_dashboard, postgres):
    url = postgres.new_database("first")
    address = start_dashboard(DATABASE_URL=url)
    with urllib.request.urlopen(address, timeout=20) as answer:
        assert answer.read().count(b'<tr class="row"') == 50
    assert ("dashboard_sharelink",) in postgres.run("first", "SELECT tablename FROM pg_tables")


def test_a_database_that_cannot_be_reached_stops_it_with_one_sentence(tmp_path, free_port):
    sentence = refusal(tmp_path, DATABASE_URL=f"postgresql://alice:hunter2@127.0.0.1:{free_port}/dash")
    assert sentence.startswith("DATABASE_URL names a database that cannot be used (")
    assert "Connection refused" in sentence
    assert "hunter2" not in sentence


def test_a_refused_password_stops_it_with_one_sentence(tmp_path, postgres):
    url = postgres.url().replace("dashboard:", "dashboard:hunter2")
    sentence = refusal(tmp_path, DATABASE_URL=url)
    assert "password authentication failed" in sentence
    assert "hunter2" not in sentence


@pytest.mark.parametrize("shared", ["postgresql", "sqlite"])
def test_several_may_start_at_the_same_moment(tmp_path, postgres, shared):
    """Each would otherwise make the tables that the other has just made."""
    environment = {
        "DASHBOARD_DATA_DIR": str(tmp_path),
        "DASHBOARD_SECRET_KEY": "not-so-secret" * 4,
        "DASHBOARD_WORKERS": "1",
        "DATABASE_URL": postgres.new_database("at-once") if shared == "postgresql" else "",
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
    }
    with ExitStack() as ends:
        lines = []
        for _ in range(3):
            process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=ROOT,
                env={**os.environ, **environment, "PORT": str(find_free_port())},
                stdout=subprocess.PIPE,
                text=True,
            )
            assert process.stdout
            lines.append(process.stdout)
            ends.enter_context(process)
            ends.callback(process.terminate)
        assert [line.readline()[:29] for line in lines] == ["Completions Dashboard on http"] * 3


def test_a_redis_that_cannot_be_reached_is_told_and_the_dashboard_starts(start_dashboard, tmp_path, free_port):
    address = start_dashboard(DASHBOARD_DATA_DIR=str(tmp_path), CACHE_URL=f"redis://:hunter2@127.0.0.1:{free_port}/0")
    said = (tmp_path / f"log-{urlsplit(address).port}").read_text()
    assert f"CACHE_URL names a Redis that cannot be used (Error 111 connecting to 127.0.0.1:{free_port}." in said
    assert "hunter2" not in said
    with urllib.request.urlopen(address, timeout=20) as answer:
        assert answer.read().count(b'<tr class="row"') == 50


def test_the_models_and_their_migrations_agree_on_postgresql(postgres, tmp_path):
    environment = {
        "DATABASE_URL": postgres.url(),
        "DASHBOARD_DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
    }
    command = [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"]
    answer = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, timeout=60)
    assert (answer.returncode, answer.stderr) == (0, b"")


WRITES = """
from threading import Thread
from django.db import connection, transaction
from dashboard.models import AuditEvent

def write():
    for _ in range(25):
        # A transaction that reads first is the one that SQLite refuses, where it was not begun as one that writes.
        with transaction.atomic():
            AuditEvent.objects.create(action="view", status=AuditEvent.objects.count() % 1000)
    connection.close()

threads = [Thread(target=write) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(60)
print(AuditEvent.objects.count())
"""


def test_sqlite_takes_the_writes_of_sixteen_threads_in_two_processes(tmp_path):
    environment = os.environ | {"DASHBOARD_DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
    python = [sys.executable, "manage.py"]
    subprocess.run([*python, "migrate", "--verbosity=0"], cwd=ROOT, env=environment, check=True, timeout=60)
    command = [*python, "shell", "--no-imports", "--verbosity=0", "-c", WRITES]
    writers = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    ended = [writer.communicate(timeout=90) for writer in writers]
    assert [fault for _, fault in ended] == ["", ""]
    assert max(int(count) for count, _ in ended) == 2 * 8 * 25


def test_what_is_tested_about_the_models_holds_on_postgresql_too(postgres):
    """It checks lengths, types and references where SQLite takes anything."""
    about = [
        path for path in (ROOT / "tests").glob("**/test_*.py") if "\nfrom dashboard.models import" in path.read_text()
    ]
    here = {Path(__file__).name, "test_two_dashboards.py"}
    files = sorted(str(path) for path in about if path.name not in here and "browser" not in path.parts)
    assert files
    answer = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files],
        cwd=ROOT,
        env={**os.environ, "TEST_DATABASE_URL": postgres.url()},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert answer.returncode == 0, answer.stdout
    assert postgres.run("postgres", "SELECT count(*) FROM pg_stat_database WHERE datname = 'test_postgres'") == [(0,)]


MADE = """
from django.contrib.auth.models import Group, User
from dashboard.access import sync_rights
sync_rights()
User.objects.create_user("alice").groups.add(Group.objects.get(name="demo: may share"))
"""


def test_people_and_their_rights_move_as_the_documentation_says(tmp_path, postgres, start_dashboard):
    lines = re.findall(r"^\.venv/bin/python (manage\.py .*)$", (ROOT / "docs/scaling.md").read_text(), re.MULTILINE)
    dump, load = ([part.replace("moved.json", str(tmp_path / "moved.json")) for part in line.split()] for line in lines)
    environment = os.environ | {"DASHBOARD_DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "dashboard.settings"}

    def manage(arguments: list[str], **more: str) -> str:
        command, options = [sys.executable, *arguments], {**environment, **more}
        return subprocess.run(
            command, cwd=ROOT, env=options, check=True, stdout=subprocess.PIPE, text=True, timeout=60
        ).stdout

    manage(["manage.py", "migrate", "--verbosity=0"])
    manage(["manage.py", "shell", "-c", MADE])
    manage(dump)
    url = postgres.new_database("moved")
    start_dashboard(DATABASE_URL=url, DASHBOARD_WORKERS="1")
    manage(load, DATABASE_URL=url)
    statement = (
        "SELECT u.username, g.name FROM auth_user u JOIN auth_user_groups m ON m.user_id = u.id"
        " JOIN auth_group g ON m.group_id = g.id"
    )
    assert postgres.run("moved", statement) == [("alice", "demo: may share")]
