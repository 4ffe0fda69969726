"""What real servers were recorded to answer, in one shape for both kinds of recordings."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

from tests.replay.server import NOT_FOUND, Answer

ROUTE = "/chat/completions"


@dataclass
class Recorded:
    """The answers of one server. `completions` holds every version of every completion ever answered.

    `messages` are the pages of a conversation by id and cursor; `otherwise` is its answer to what is not there.
    """

    lists: list[Answer] = field(default_factory=list)
    completions: dict[tuple[str, bytes], Answer] = field(default_factory=dict)
    messages: dict[str, dict[str, Answer]] = field(default_factory=dict)
    otherwise: Answer = NOT_FOUND


def recorded_server(shared: Path, name: str) -> Recorded:
    recorded = Recorded()
    for path, query, answer in _exchanges(shared / "recordings", name):
        _take(recorded, path.removeprefix("/").split("/"), query, answer)
    for one in [item for answer in recorded.lists for item in json.loads(answer.body)["data"] or []]:
        _keep(recorded, one, Answer(200, json.dumps(one, ensure_ascii=False).encode()))
    for completion_id in recorded.messages.keys() - {completion_id for completion_id, _ in recorded.completions}:
        bare = {"id": completion_id, "object": "chat.completion"}
        _keep(recorded, bare, Answer(200, json.dumps(bare).encode()))
    return recorded


def _take(recorded: Recorded, steps: list[str], query: dict[str, list[str]], answer: Answer) -> None:
    """Puts one answer where it belongs: `steps` are "", an id, or an id and "messages"."""
    after = query.get("after", [""])[0]
    if answer.status != 200:
        missing = steps[-1] == "messages" and answer.status in {404, 405}
        recorded.otherwise = answer if missing or recorded.otherwise is NOT_FOUND else recorded.otherwise
    elif steps == [""]:
        recorded.lists.append(answer)
    elif len(steps) == 1:
        _keep(recorded, json.loads(answer.body), answer)
    elif steps[1] == "messages":
        recorded.messages.setdefault(steps[0], {}).setdefault(after, answer)


def _keep(recorded: Recorded, completion: dict[str, Any], answer: Answer) -> None:
    """The same content once; the answer that was recorded for it alone wins over a cut from a list."""
    content = json.dumps(completion, sort_keys=True).encode()
    recorded.completions.setdefault((completion["id"], content), answer)


def _exchanges(folder: Path, name: str) -> Iterator[tuple[str, dict[str, list[str]], Answer]]:
    """Path below the list route, query, and answer, of every GET."""
    for file in sorted((folder if name == "openai" else folder / "servers" / name).glob("*.json")):
        document = json.loads(file.read_text(encoding="utf-8"))
        for one in document if isinstance(document, list) else [document]:
            asked, answered = one["request"], one["response"]
            if asked["method"] != "GET":
                continue
            path, _, query = asked.get("url", f"{asked.get('path')}?{asked.get('query')}").partition("?")
            body = answered.get("body_text", json.dumps(answered["body"], ensure_ascii=False))
            _, route, rest = path.partition(ROUTE)
            if route:
                yield unquote(rest), parse_qs(query), Answer(answered["status"], body.encode())
