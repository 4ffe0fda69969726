"""The command before an upstream that keeps to the API, save where a test says otherwise. Nothing here has a database."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.management import call_command

from dashboard.configuration import read_projects
from dashboard.projects import all_projects
from tests.stub_upstream import Document, Reply, StubUpstream, page, question, reply, running, stored

KEY = "sk-CANARY-qzXwVuTsRkPmNlKjHgFdSaQwYtEr"
"""Without a row of digits, which could be a port."""
GONE = reply({"error": {"message": "Not here.", "code": "not_found"}}, 404)


@dataclass
class Api:
    """The three routes over `rows`, newest first. What is in `ignores` changes nothing: a parameter, or `after`.

    `instead` holds answers by path below the list route.
    """

    rows: list[Document]
    questions: list[Document] = field(default_factory=lambda: [question(0, "system"), question(1)])
    ignores: set[str] = field(default_factory=set)
    instead: dict[str, Reply] = field(default_factory=dict)

    def __call__(self, path: str, query: list[tuple[str, str]]) -> Reply:
        place = path.removeprefix("/chat/completions").strip("/")
        if place in self.instead:
            return self.instead[place]
        asked = {name: value for name, value in query if name.partition("[")[0] not in self.ignores}
        if not place:
            return self._page(self._found(asked), asked)
        completion_id, _, messages = place.partition("/")
        known = {row["id"]: row for row in self.rows}
        if completion_id not in known:
            return GONE
        return self._page(self.questions, asked) if messages else reply(known[completion_id])

    def _found(self, asked: dict[str, str]) -> list[Document]:
        pairs = {name[9:-1]: value for name, value in asked.items() if name.startswith("metadata[")}
        rows = [row for row in self.rows if asked.get("model", row["model"]) == row["model"]]
        rows = [row for row in rows if pairs.items() <= (row["metadata"] or {}).items()]
        return rows[::-1] if asked.get("order") == "asc" else rows

    def _page(self, rows: list[Document], asked: dict[str, str]) -> Reply:
        ids = [row["id"] for row in rows]
        start = ids.index(asked["after"]) + 1 if "after" in asked else 0
        end = start + int(asked.get("limit", len(rows)))
        return page(rows[start:end], has_more=end < len(rows))


def rows(count: int) -> list[Document]:
    """Every third row has another model and other metadata than the rest."""
    other: dict[str, Any] = {"model": "gpt-4o-2024-08-06", "metadata": {"env": "test"}}
    return [stored(number, **(other if number % 3 == 0 else {})) for number in range(1, count + 1)]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch) -> None:
    """No proxy and no certificates of whoever runs the tests."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def api() -> Api:
    return Api(rows(30))


@pytest.fixture
def upstream(api) -> Iterator[StubUpstream]:
    with running() as stub:
        stub.answer = api
        yield stub


@dataclass
class Told:
    """What the command printed, its words on one line, and the status it ended with."""

    status: int
    text: str

    @property
    def words(self) -> str:
        return " ".join(self.text.split())

    def outcome(self, check: str) -> str:
        """Of one check, however often its name is used elsewhere."""
        (line,) = [line for line in self.text.splitlines() if line[8:24].rstrip() == check]
        return line[:8].rstrip()


@pytest.fixture
def configured(settings) -> Iterator[Callable[..., None]]:
    def configure(**environment: str) -> None:
        settings.API_PROJECTS = read_projects(environment)
        all_projects.cache_clear()

    yield configure
    all_projects.cache_clear()


@pytest.fixture
def doctor(monkeypatch) -> Callable[..., Told]:
    """Runs the command in this process."""
    monkeypatch.setenv("COLUMNS", "100")

    def run(*arguments: str) -> Told:
        output, status = io.StringIO(), 0
        try:
            call_command("doctor", *arguments, stdout=output)
        except SystemExit as ended:
            status = int(str(ended.code))
        return Told(status, output.getvalue())

    return run


@pytest.fixture
def examined(configured, doctor, upstream) -> Callable[..., Told]:
    """What is told of the upstream that the test scripts."""

    def run(*arguments: str, **environment: str) -> Told:
        configured(OPENAI_API_KEY=KEY, OPENAI_BASE_URL=upstream.base_url, **environment)
        told = doctor(*arguments)
        assert not any(KEY[start : start + 5] in told.text for start in range(len(KEY) - 4))
        return told

    return run
