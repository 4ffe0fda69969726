"""A start with a bad environment: one sentence that names the variable, no traceback, and never the value."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
KEY = "sk-CANARY-0123456789abcdefghijklmnopqrstuvwxyz"


def start(folder: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    ours = re.compile("PORT|DJANGO_SETTINGS_MODULE|.*(OPENAI|DASHBOARD|CA_BUNDLE|DATABASE_URL|CACHE_URL).*")
    clean = {name: value for name, value in os.environ.items() if not ours.fullmatch(name)}
    return subprocess.run(
        [sys.executable, "manage.py", *(command or ["check"])],
        cwd=ROOT,
        env=clean | {"DASHBOARD_DATA_DIR": str(folder / "data")} | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


BAD = {
    "PORT": "80 80",
    "DASHBOARD_WORKERS": "none",
    "DASHBOARD_THREADS": "11",
    "DASHBOARD_LOG_LEVEL": "loud",
    "DASHBOARD_INPUT_PREVIEWS": "perhaps",
    "DASHBOARD_ALLOWED_HOSTS": "*",
    "DASHBOARD_PROJECTS": "demo",
    "DASHBOARD_SECRET_KEY": "short-canary-value",
    "OPENAI_API_KEY": f"{KEY}—",
    "OPENAI_API_KEY_FILE": "/nowhere/at-all",
    "OPENAI_BASE_URL": f"https://user:{KEY}@host/v1",
    "DASHBOARD_DATA_DIR": "/dev/null/data",
    "REQUESTS_CA_BUNDLE": "/nowhere/at-all",
    "CURL_CA_BUNDLE": "/nowhere/at-all",
    "PRODUCTION_OPENAI_API_KEY": KEY,
    "DATABASE_URL": f"mysql://user:{KEY}@host/dash",
    "DATABASE_URL_FILE": "/nowhere/at-all",
    "CACHE_URL": f"memcached://:{KEY}@host/0",
    "CACHE_URL_FILE": "/nowhere/at-all",
}


@pytest.mark.parametrize("variable", BAD)
def test_a_bad_value_ends_with_one_sentence(tmp_path, variable):
    others = {"OPENAI_API_KEY": KEY} if variable == "OPENAI_BASE_URL" else {}
    ended = start(tmp_path, **{variable: BAD[variable]} | others)
    assert ended.returncode != 0
    assert ended.stdout == ""
    (sentence,) = ended.stderr.splitlines()
    assert variable in sentence
    assert sentence.endswith(".")
    assert sentence.count(". ") == 0
    assert KEY not in sentence
    assert variable in {"DASHBOARD_PROJECTS", "DASHBOARD_ALLOWED_HOSTS"} or BAD[variable] not in sentence


def test_the_command_that_serves_refuses_too(tmp_path):
    ended = start(tmp_path, "serve", PORT="0")
    assert (ended.returncode, ended.stderr) == (1, "PORT must be a whole number from 1 to 65535.\n")


def test_a_public_host_needs_a_secret_key(tmp_path):
    ended = start(tmp_path, DASHBOARD_ALLOWED_HOSTS="dash.example.org")
    assert "DASHBOARD_SECRET_KEY must be set" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_nothing_set_is_enough_and_the_secret_key_is_kept(tmp_path):
    assert start(tmp_path).returncode == 0
    path = tmp_path / "data/secret-key"
    first = path.read_text()
    assert len(first) >= 50
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert start(tmp_path).returncode == 0
    assert path.read_text() == first


@pytest.mark.parametrize("damage", ["empty", "folder", "bytes"])
def test_a_damaged_secret_key_file_is_told(tmp_path, damage):
    path = tmp_path / "data/secret-key"
    path.parent.mkdir()
    {"empty": path.touch, "folder": path.mkdir, "bytes": lambda: path.write_bytes(b"\xff" * 60)}[damage]()
    ended = start(tmp_path)
    assert ended.returncode != 0
    (sentence,) = ended.stderr.splitlines()
    assert "DASHBOARD_DATA_DIR" in sentence


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_secret_key_file_that_others_may_read_is_refused(tmp_path, mode):
    assert start(tmp_path).returncode == 0
    (tmp_path / "data/secret-key").chmod(mode)
    ended = start(tmp_path)
    assert (ended.returncode, ended.stderr) == (
        1,
        "DASHBOARD_DATA_DIR holds a file secret-key that others may read: chmod it to 600.\n",
    )


def test_a_public_site_passes_the_deployment_check(tmp_path):
    secret = "a-long-and-random-secret-" * 3
    ended = start(
        tmp_path, "check", "--deploy", DASHBOARD_ALLOWED_HOSTS="dash.example.org", DASHBOARD_SECRET_KEY=secret
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == "System check identified no issues (0 silenced).\n"
