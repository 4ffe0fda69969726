"""Dashboards whose extras are switched on, each as the process that `manage.py serve` starts, and a real provider."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from bs4 import BeautifulSoup

from tests.conftest import ROOT, find_free_port

PACKAGE = "oidc-provider@8.8.1"
PASSWORD = "correct horse battery"


class IdentityProvider:
    """`provider.mjs` as a process; `script` changes its answers until it is called again."""

    def __init__(self, address: str) -> None:
        self.address = address

    def script(self, **changes: dict[str, Any]) -> None:
        """By the name of an endpoint: {"token": {"status": 500}} answers so, {"merge": …} changes the JSON."""
        paths = {"discovery": "/.well-known/openid-configuration", "token": "/token", "me": "/me", "auth": "/auth"}
        changed = {paths[name]: change for name, change in changes.items()}
        requests.put(f"{self.address}/script", json=changed, timeout=10).raise_for_status()


@pytest.fixture(scope="session")
def provider_process(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not (shutil.which("node") and shutil.which("npm")):
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop("no Node.js with npm here: the tests of single sign-on need a provider that runs on it")
    installed = pytestconfig.cache.mkdir("identity-provider") / PACKAGE
    if not (installed / "node_modules/oidc-provider").is_dir():
        installed.mkdir(exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(installed), PACKAGE]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
    folder = tmp_path_factory.mktemp("provider")
    # Node looks for modules beside the script.
    shutil.copy(Path(__file__).with_name("provider.mjs"), folder)
    (folder / "node_modules").symlink_to(installed / "node_modules")
    port = find_free_port()
    process = subprocess.Popen(["node", "provider.mjs", str(port)], cwd=folder, stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/.well-known/openid-configuration")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
def provider(provider_process: str) -> Iterator[IdentityProvider]:
    running = IdentityProvider(provider_process)
    yield running
    running.script()


def _wait_for(address: str) -> None:
    give_up = time.monotonic() + 30
    while time.monotonic() < give_up:
        with contextlib.suppress(requests.ConnectionError):
            requests.get(address, timeout=5)
            return
        time.sleep(0.05)
    pytest.fail("the identity provider did not start")


class Dashboard:
    """A running dashboard, and its database by way of `manage.py shell`."""

    def __init__(self, address: str, folder: Path, environment: dict[str, str]) -> None:
        self.address, self.folder, self.environment = address, folder, environment

    def forget(self) -> None:
        """What the processes keep together: rate limits, used codes, what the provider said about itself."""
        with contextlib.closing(sqlite3.connect(self.folder / "dashboard.sqlite3", timeout=10)) as database:
            database.execute("DELETE FROM dashboard_cache")
            database.commit()

    def rows(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(self.folder / "dashboard.sqlite3", timeout=10)) as database:
            return database.execute(query, values).fetchall()

    def log(self) -> str:
        """All that it has written."""
        return "".join(path.read_text() for path in self.folder.glob("log-*"))

    def shell(self, code: str) -> None:
        """Run in the dashboard's own database, in a process of its own."""
        names = "from django.contrib.auth.models import Group, User"
        said, status = self.manage("shell", "--no-imports", "-c", f"{names}\n{code}")
        assert status == 0, said

    def manage(self, *command: str, **environment: str) -> tuple[str, int]:
        """What a command of `manage.py` says, and its status."""
        settings = {"DJANGO_SETTINGS_MODULE": "dashboard.settings", **self.environment, **environment}
        ended = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )
        return ended.stdout, ended.returncode


@pytest.fixture(scope="session")
def dashboard_with(
    start_dashboard: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Dashboard]:
    """One that asks for a login in front of demo data, with these environment variables."""

    def start(**environment: str) -> Dashboard:
        folder = tmp_path_factory.mktemp("data")
        settings = {"DASHBOARD_DATA_DIR": str(folder), "DASHBOARD_LOGIN": "required", **environment}
        return Dashboard(start_dashboard(**settings), folder, settings)

    return start


class Visitor(requests.Session):
    """A browser without a script: it keeps cookies, fills in forms, and follows nothing by itself."""

    arrived: requests.Response
    """What the provider's last redirect led to."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.headers["Connection"] = "close"

    def open(self, path: str, **options: Any) -> requests.Response:
        return self.get(urljoin(self.address, path), allow_redirects=False, timeout=20, **options)

    def submit(self, page: requests.Response, button: str = "", **fields: str) -> requests.Response:
        """The form of the page that has the button of that name, or its first form, with these fields filled in."""
        forms = [
            form
            for form in BeautifulSoup(page.text, "html.parser").find_all("form")
            if not button or form.select(f'[name="{button.partition("=")[0]}"]')
        ]
        assert forms, page.text
        inputs = [tag for tag in forms[0].find_all("input") if tag.get("name") and tag.get("type") != "submit"]
        filled = {tag["name"]: tag.get("value", "") for tag in inputs}
        if button:
            filled[button.partition("=")[0]] = button.partition("=")[2]
        address = urljoin(page.url, str(forms[0].get("action") or ""))
        return self.post(
            address, data=filled | fields, headers={"Referer": page.url}, allow_redirects=False, timeout=20
        )

    def follow(self, answer: requests.Response) -> requests.Response:
        """Wherever redirects lead."""
        for _ in range(10):
            if not answer.is_redirect:
                return answer
            answer = self.open(urljoin(answer.url, answer.headers["Location"]))
        raise AssertionError("redirects without an end")

    def sign_in(self, name: str, password: str = PASSWORD, after: str = "/") -> requests.Response:
        page = self.open(f"/login/?next={after}")
        return self.follow(self.submit(page, login=name, password=password))

    def go_to_provider(self, after: str = "/") -> requests.Response:
        """The redirect that leads to the provider."""
        return self.submit(self.open(f"/login/?next={after}"), "provider")

    def answer_provider(self, page: requests.Response, name: str, consent: str = "yes") -> requests.Response:
        """From what the provider shows first to what the dashboard says to it in the end."""
        page = self.follow(page)
        assert "Who are you?" in page.text, page.text
        page = self.follow(self.submit(page, name=name))
        assert "May the dashboard know you?" in page.text, page.text
        return self.follow(self.submit(page, f"answer={consent}"))


def words(answer: requests.Response) -> str:
    """Of the page itself, without its frame."""
    return " ".join(BeautifulSoup(answer.text, "html.parser").select("main")[0].get_text(" ").split())
