"""A real Chromium in front of the real server, under its real Content-Security-Policy."""

import contextlib
import itertools
import json
import os
import shutil
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    Response,
    sync_playwright,
)

from dashboard.upstream.demo.api import answer
from dashboard.upstream.demo.store import process_store

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Security keys are used at names only, never at bare addresses.
LOOPBACK = {"127.0.0.1", "localhost"}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}}
# How the list marks a kind of completion; "plain" has none of these.
MARKS = ["plain", "ƒ", "refusal", "♪", "citation", "choices"]
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": PHONE,
}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = os.environ.get("CHROME") or shutil.which("chromium") or shutil.which("google-chrome")
    if not program:
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop("no Chromium here: install it, or name one with CHROME=/path/to/chromium")
    with sync_playwright() as playwright:
        # Chromium itself resolves no other name, whatever a page asks for.
        rules = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
        chromium = playwright.chromium.launch(executable_path=program, args=[rules])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def marked(dashboard_url: str) -> dict[str, str]:
    """The path of one completion for each mark in MARKS."""
    with urllib.request.urlopen(f"{dashboard_url}/demo/completions/?limit=100&pages=10", timeout=60) as answer:
        rows = BeautifulSoup(answer.read(), "html.parser").select("tr.row")
    paths: dict[str, str] = {}
    for row in rows:
        marks = " ".join(mark.text for mark in row.select(".kind")) or "plain"
        for mark in MARKS:
            if mark in marks:
                paths.setdefault(mark, str(row.select("a.main")[0]["href"]))
    return paths


@pytest.fixture
def expected_problems() -> list[str]:
    """Parts of the problems that a test provokes; each other problem fails it."""
    return []


@pytest.fixture
def new_context(browser: Browser, expected_problems: list[str]) -> Iterator[Callable[..., BrowserContext]]:
    """Open a browser of its own (empty profile); what goes wrong in its pages fails the test."""
    problems: list[str] = []
    with contextlib.ExitStack() as opened:

        def new(**options) -> BrowserContext:
            context = browser.new_context(**{"reduced_motion": "reduce", "locale": "en-GB", **options})
            opened.callback(context.close)
            context.set_default_timeout(10_000)
            collect_problems(context, problems)
            return context

        yield new
    unexpected = [problem for problem in problems if not any(part in problem for part in expected_problems)]
    assert unexpected == []


def collect_problems(context: BrowserContext, problems: list[str]) -> None:
    def console(message: ConsoleMessage) -> None:
        # The status of a page is for its test to judge; that of an asset is judged below.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            problems.append(f"console: {message.text}")

    def request(sent: Request) -> None:
        address = urlsplit(sent.url)
        if address.scheme not in ("data", "blob", "about") and address.hostname not in LOOPBACK:
            problems.append(f"request to another host: {sent.url}")

    def response(received: Response) -> None:
        if received.status >= 400 and received.request.resource_type in ("stylesheet", "script", "image", "font"):
            problems.append(f"{received.status} for {received.url}")

    def dialog(shown: Dialog) -> None:
        problems.append(f"dialog: {shown.message}")
        shown.dismiss()

    context.on("console", console)
    context.on("request", request)
    context.on("response", response)
    context.on("weberror", lambda error: problems.append(f"script: {error.error}"))
    context.on("dialog", dialog)
    context.add_init_script(
        "addEventListener('securitypolicyviolation', event => console.error("
        "`Content-Security-Policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));"
    )


def copied(page: Page, ends: str = "", starts: str = "") -> str:
    """What a page has copied, once it begins or ends so: read on a page without our policy, under which none may."""
    reader = page.context.new_page()
    reader.route("**/*", lambda route: route.fulfill(body="<title>Clipboard</title>", content_type="text/html"))
    reader.goto("http://localhost/clipboard")
    give_up = time.monotonic() + 10
    while True:
        text = str(reader.evaluate("navigator.clipboard.readText()"))
        if text.endswith(ends) and text.startswith(starts):
            break
        assert time.monotonic() < give_up, f"copied was {text[:200]!r}"
        reader.wait_for_timeout(50)
    reader.close()
    page.bring_to_front()
    return text


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    return new_context().new_page()


@pytest.fixture
def page_without_script(new_context: Callable[..., BrowserContext]) -> Page:
    return new_context(java_script_enabled=False).new_page()


@pytest.fixture
def phone(new_context: Callable[..., BrowserContext]) -> Page:
    return new_context(**PHONE).new_page()


@pytest.fixture(params=LOOKS)
def look(request: pytest.FixtureRequest, new_context: Callable[..., BrowserContext]) -> Page:
    """The same page thrice: light, dark, and on a phone."""
    return new_context(**LOOKS[request.param]).new_page()


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """What axe-core finds on a page: one line a fault."""

    def faults(page: Page) -> list[str]:
        # Evaluated by the debugger, which no Content-Security-Policy holds back.
        page.evaluate(AXE)
        answer = page.evaluate("tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", AXE_TAGS)
        return [
            f"{found['id']}: {node['target']} {node['failureSummary']}"
            for found in answer["violations"]
            for node in found["nodes"]
        ]

    return faults


class Upstream(ThreadingHTTPServer):
    """The sample completions on a socket, until a test sets `fault`, the status and body that each call gets then,
    or `edit`, which changes the rows of a list, or `hold`s a completion of its own."""

    fault: tuple[int, str] | None = None
    edit: Callable[[list[dict[str, Any]]], None] | None = None
    held: dict[str, bytes]
    numbers = itertools.count()

    def hold(self, completion: dict[str, Any] | bytes, messages: list[dict[str, Any]] | None = None) -> str:
        """Its path below the dashboard. Bytes are a document as it is."""
        # Another id each time: what a page has shown is kept for its lazy parts.
        completion_id = f"chatcmpl-held-{next(self.numbers)}"
        path = f"/v1/chat/completions/{completion_id}"
        body = completion if isinstance(completion, bytes) else json.dumps({"id": completion_id} | completion).encode()
        listed = {"object": "list", "data": messages or [], "has_more": False}
        self.held = {path: body, f"{path}/messages": json.dumps(listed).encode()}
        return f"/default/completions/{completion_id}/"

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _UpstreamHandler(BaseHTTPRequestHandler):
    server: Upstream

    def do_GET(self) -> None:
        if self.server.fault:
            status, body = self.server.fault[0], self.server.fault[1].encode()
        else:
            address = urlsplit(self.path)
            found = answer(process_store.get(), "GET", address.path, address.query)
            status, body = found.status, found.body
            if address.path in self.server.held:
                status, body = 200, self.server.held[address.path]
            if self.server.edit:
                document = json.loads(body)
                self.server.edit(document["data"])
                body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture(scope="session")
def _upstream() -> Iterator[Upstream]:
    with Upstream(("127.0.0.1", 0), _UpstreamHandler) as server:
        server.held = {}
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def upstream(_upstream: Upstream) -> Iterator[Upstream]:
    yield _upstream
    _upstream.fault = _upstream.edit = None
    _upstream.held = {}


@pytest.fixture(scope="session")
def connected_url(start_dashboard: Callable[..., str], _upstream: Upstream) -> str:
    """The dashboard in front of a configured API; each input preview would be a call more."""
    return start_dashboard(
        OPENAI_API_KEY="sk-for-the-browser-tests",
        DASHBOARD_LOGIN="none",
        OPENAI_BASE_URL=_upstream.base_url,
        DASHBOARD_INPUT_PREVIEWS="off",
    )
