"""The arrows of the house: import-linter holds most of them, these tests hold the rest."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]

# One forbidden import for each way to break a contract: contract, file, line.
BREACHES = [
    ("plain-python", "upstream/records.py", "import django"),
    ("plain-python", "upstream/records.py", "import dashboard.forms"),
    ("plain-python", "inspection/summary.py", "import django"),
    ("plain-python", "inspection/summary.py", "import dashboard.upstream.client"),
    ("one-seam", "forms.py", "import requests"),
    ("one-seam", "upstream/records.py", "import requests"),
    ("views-ask-projects", "views/completions.py", "import dashboard.upstream.client"),
    ("views-ask-projects", "views/completions.py", "from dashboard.upstream.demo import adapter"),
    ("views-stand-alone", "views/completions.py", "from dashboard.views import health"),
    ("views-on-top", "forms.py", "import dashboard.views"),
    ("views-on-top", "htmx.py", "import dashboard.views"),
    ("no-tests-inside", "forms.py", "import tests.conftest"),
]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package that a test may spoil."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(ROOT / "dashboard", folder / "dashboard", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def broken_contracts(house: Path) -> set[str]:
    answer = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo"],
        cwd=house,
        env={"PATH": os.environ["PATH"], "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
    )
    assert "Contracts" in answer.stdout, answer.stdout + answer.stderr
    return {contract["id"] for contract in CONTRACTS if f"{contract['name']} BROKEN" in answer.stdout}


def test_every_contract_has_a_planted_breach():
    assert {contract["id"] for contract in CONTRACTS} == {contract for contract, _, _ in BREACHES}


@pytest.mark.parametrize(("contract", "file", "line"), BREACHES)
def test_a_planted_import_breaks_its_contract_and_no_other(house, contract, file, line):
    module = house / "dashboard" / file
    text = module.read_text()
    module.write_text(f"{text}\n{line}\n")
    try:
        assert broken_contracts(house) == {contract}
    finally:
        module.write_text(text)


def modules_but(*names: str) -> list[Path]:
    """A name is that of a file, or of a folder with all that it holds."""
    house = ROOT / "dashboard"
    paths = {path: path.relative_to(house).as_posix() for path in sorted(house.rglob("*.py"))}
    return [
        path
        for path, place in paths.items()
        if not any(place == name or place.startswith(f"{name}/") for name in names)
    ]


def words(source: str) -> Iterator[str]:
    """Every name, attribute and imported name of a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield node.name


ENVIRONMENT = {"environ", "environb", "getenv", "getenvb"}
# `SafeString` as the type of what html.py made is welcome anywhere; making one is not.
MARKS_SAFE = re.compile(
    r"\b(mark_safe|format_html(_join)?|__html__)\b|\bSafe(String|Text|Data)\(|\(\s*Safe(String|Text|Data)\b"
)


def test_only_the_settings_read_the_environment():
    # wsgi.py names the settings module there, as every Django project does.
    readers = [path for path in modules_but("settings.py", "wsgi.py") if ENVIRONMENT & set(words(path.read_text()))]
    assert readers == []


def test_only_html_marks_text_as_safe():
    assert [path for path in modules_but("html") if MARKS_SAFE.search(path.read_text())] == []


@pytest.mark.parametrize(
    "breach",
    [
        "from django.utils.html import format_html",
        "SafeString(text)",
        "class Trusted(SafeString):",
        "def __html__(self):",
    ],
)
def test_the_search_sees_text_marked_as_safe(breach):
    assert MARKS_SAFE.search(breach)


@pytest.mark.parametrize(
    "breach",
    ["import os\nos.environ['A']", "from os import getenv", "import os\nos.getenv('A')"],
)
def test_the_search_sees_a_reader_of_the_environment(breach):
    assert ENVIRONMENT & set(words(breach))


# Escaping is never switched off, and the Content-Security-Policy would block the rest.
FORBIDDEN_IN_TEMPLATES = re.compile(
    r"""\|\s*safe(seq)?\b | \{%-?\s*autoescape\s+off
      | \sstyle\s*= | <style\b | \son[a-z]+\s*= | \bhx-on\b | \bhx-vars\b | javascript: | =["']js:
      | <script(?![^>]*\ssrc=)""",
    re.VERBOSE | re.IGNORECASE,
)


def test_templates_keep_escaping_and_carry_no_inline_code():
    found = {
        str(path.relative_to(ROOT)): match[0]
        for path in sorted((ROOT / "templates").rglob("*.*"))
        if (match := FORBIDDEN_IN_TEMPLATES.search(path.read_text()))
    }
    assert found == {}


@pytest.mark.parametrize(
    "breach",
    [
        "{{ text|safe }}",
        "{{ texts | safeseq }}",
        "{% autoescape off %}",
        '<p style="color: red">',
        "<style>",
        '<a href="/" onclick="go()">',
        '<a hx-on:click="go()">',
        '<a href="javascript:go()">',
        '<a hx-vals="js:{now: 1}">',
        "<script>",
    ],
)
def test_the_search_sees_a_template_that_breaks_the_rule(breach):
    assert FORBIDDEN_IN_TEMPLATES.search(breach)
