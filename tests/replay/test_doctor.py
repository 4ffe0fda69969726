"""What the doctor says of the servers in docs/servers.md, from their recorded answers."""

import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.core.management import call_command

from tests.replay.recordings import ROUTE, Recorded, recorded_server
from tests.replay.server import Answer

Document = dict[str, Any]


class Replayed:
    """Recorded rows, listed as the recordings show that this server lists them: what it honours is given.

    Retrieve, messages, and the answer to what is not there are the recorded ones. Where messages were asked for,
    only rows for which they were are listed.
    """

    def __init__(self, recorded: Recorded, unknown: Answer, no_messages: Answer, honours: set[str]) -> None:
        self.rows: list[Document] = max((json.loads(one.body)["data"] or [] for one in recorded.lists), key=len)
        asked_for = recorded.messages.keys() or {row["id"] for row in self.rows}
        self.rows = [row for row in self.rows if row["id"] in asked_for]
        self.rows.sort(key=lambda row: row["created"], reverse=True)
        self.recorded, self.unknown, self.no_messages, self.honours = recorded, unknown, no_messages, honours

    def __call__(self, target: str) -> Answer:
        address = urlsplit(target)
        completion_id, _, messages = address.path.partition(ROUTE)[2].strip("/").partition("/")
        if not completion_id:
            return self._listed(dict(parse_qsl(address.query)))
        if messages:
            return next(iter(self.recorded.messages.get(completion_id, {}).values()), self.no_messages)
        known = [answer for (one, _), answer in self.recorded.completions.items() if one == completion_id]
        return known[0] if known else _about(completion_id, self.unknown)

    def _listed(self, query: dict[str, str]) -> Answer:
        rows = self.rows if query["order"] == "desc" else self.rows[::-1]
        rows = [row for row in rows if query.get("model", row["model"]) == row["model"]]
        if "metadata" in self.honours:
            pairs = {name[9:-1]: value for name, value in query.items() if name.startswith("metadata[")}
            rows = [row for row in rows if pairs.items() <= (row.get("metadata") or {}).items()]
        start = [row["id"] for row in rows].index(query["after"]) + 1 if "after" in query else 0
        end = start + int(query["limit"])
        page, more = rows[start:end], end < len(rows)
        return Answer(200, json.dumps({"object": "list", "data": page or None, "has_more": more}).encode())


def _about(completion_id: str, answer: Answer) -> Answer:
    """The recorded answer names the id that was asked for then."""
    return Answer(answer.status, answer.body.replace(b"chatcmpl-doesnotexist", completion_id.encode()))


def _recorded_answer(file: Path) -> Answer:
    recorded = json.loads(file.read_text(encoding="utf-8"))["response"]
    return Answer(recorded["status"], json.dumps(recorded["body"]).encode())


@pytest.fixture
def findings(shared, replay, browse):
    """Findings by check, and the status of the command."""

    def look(server: str, honours: set[str]) -> tuple[dict[str, Document], int]:
        unknown, no_messages = (
            _recorded_answer(shared / f"recordings/servers/{server}/{name}.json")
            for name in ("retrieve_404", "messages_404")
        )
        replay.answer = Replayed(recorded_server(shared, server), unknown, no_messages, honours)
        output, status = io.StringIO(), 0
        try:
            call_command("doctor", "--json", stdout=output)
        except SystemExit as ended:
            status = int(str(ended.code))
        (project,) = json.loads(output.getvalue())["projects"]
        return {one["check"]: one for one in project["findings"]}, status

    return look


def test_llama_stack_is_told_as_our_page_on_servers_does(findings):
    found, status = findings("llamastack", honours=set())
    assert status == 0
    assert {one["check"] for one in found.values() if one["outcome"] == "note"} == {"metadata filter"}
    assert "The filter is ignored" in found["metadata filter"]["words"]
    assert "No row that was loaded has a pair of metadata." in found["metadata filter"]["words"]
    assert found["messages"]["words"] == (
        "There is no route for messages. They come inside of each completion instead."
    )
    assert found["unknown id"]["words"] == "It answered 400 and says that it has no such completion."


def test_openai_api_server_via_codex_is_told_as_our_page_on_servers_does(findings):
    found, status = findings("codex", honours={"metadata"})
    assert status == 0
    assert found["metadata filter"]["outcome"] == found["model filter"]["outcome"] == "ok"
    assert found["messages"]["outcome"] == "note"
    assert "The answer is listed where the input should be" in found["messages"]["words"]
    assert found["unknown id"]["words"] == "It answered 404 and says that it has no such completion."


def test_litellm_with_its_own_routes_is_told_as_one_without(shared, replay, browse):
    replay.otherwise = _recorded_answer(shared / "recordings/servers/litellm-native/list_default.json")
    output = io.StringIO()
    with pytest.raises(SystemExit, match="1"):
        call_command("doctor", stdout=output)
    assert "the server makes completions and keeps none" in " ".join(output.getvalue().split())
