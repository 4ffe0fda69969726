"""`manage.py serve`, as `make run` calls it: the real server on a real socket."""

import os
import re
import subprocess
import sys
import urllib.request

import pytest

from tests.conftest import ROOT


def get(address: str, **headers: str):
    return urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=20)


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
    environment = {"DASHBOARD_DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
    answer = subprocess.run(
        [sys.executable, "manage.py", "serve"],
        cwd=ROOT,
        env={**os.environ, **environment, variable: value},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert answer.returncode != 0
    assert answer.stdout == ""
    assert answer.stderr.count("\n") == 1
    assert variable in answer.stderr
