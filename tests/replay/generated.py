"""Documents of every documented shape, with fields that are missing, null, of another type, hostile or new.

Every text and every number in them is told from all others, so that a page can be asked for each of them.
"""

import itertools
import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

Json = Any
HOSTILE = [
    "", " ", "\n\n", "\ttab", "<b>&amp;", "\u202e", "\x00\x1b", "🚲", "日本", "é" * 30, "\ud83d", "]]>", "{{ x }}", "%s", "`" * 5,
    "line\n" * 9, "\u2028", "\\u0000", '"quoted" \\', "x" * 2_500, "word " * 900,
]  # fmt: skip


class Marks:
    """`w7w`, `w8w` … and 1000007, 1000008 …"""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.numbers = itertools.count(1)

    def text(self) -> str:
        return f"w{next(self.numbers)}w{self.draw(st.sampled_from(HOSTILE))}"

    def word(self) -> str:
        return f"w{next(self.numbers)}w"

    def number(self) -> int:
        return 1_000_000 + next(self.numbers)

    def short(self) -> str:
        """What is odd stands where a name or a number should be, and names are cut after some dozens of characters."""
        return f"w{next(self.numbers)}w{self.draw(st.sampled_from([one for one in HOSTILE if len(one) < 6]))}"

    def odd(self) -> Json:
        """Something else than what should be there."""
        made: dict[str, Callable[[], Json]] = {
            "text": self.short, "number": self.number, "true": lambda: True, "null": lambda: None,
            "list": lambda: [self.short(), None, {self.word(): self.number()}],
            "object": lambda: {"type": self.short(), self.word(): [self.word()]},
            "empty list": list, "empty object": dict, "empty text": str,
        }  # fmt: skip
        return made[self.draw(st.sampled_from(sorted(made)))]()


@st.composite
def conversations(draw: st.DrawFn) -> tuple[dict[str, Json], list[Json]]:
    """A completion, and the messages of its input."""
    marks = Marks(draw)
    changes = draw(st.sampled_from([0.0, 0.03, 0.15]))
    choices = [_choice(marks, place) for place in range(draw(st.integers(0, 3)))]
    completion = _changed_inside(_completion(marks, choices), marks, changes)
    messages = [_changed(_message(marks), marks, changes) for _ in range(draw(st.integers(0, 5)))]
    return {"choices": []} | completion | {"id": "chatcmpl-generated"}, messages


def _completion(marks: Marks, choices: list[Json]) -> dict[str, Json]:
    return {
        "object": marks.word(),
        "created": 1_795_372_571,
        "model": marks.word(),
        "request_id": marks.word(),
        "system_fingerprint": marks.word(),
        "service_tier": marks.word(),
        "seed": 4_944_116_822_809_979_520,
        "temperature": 0.25,
        "input_user": marks.word(),
        "tool_choice": {"type": "function", "function": {"name": marks.word()}},
        "response_format": {"type": "json_schema", "json_schema": {"name": marks.word(), "schema": {"type": "object"}}},
        "metadata": {marks.word(): marks.word()},
        "usage": {
            "prompt_tokens": marks.number(),
            "total_tokens": marks.number(),
            "prompt_tokens_details": {"cached_tokens": 7, "audio_tokens": 0},
        },
        "tools": [
            {"type": "function", "function": {"name": marks.word(), "description": marks.text(), "parameters": {"x": marks.word()}}},
            {"type": "custom", "custom": {"name": marks.word(), "format": {"type": "grammar", "grammar": marks.text()}}},
        ],
        "choices": choices,
    }  # fmt: skip


def _choice(marks: Marks, place: int) -> dict[str, Json]:
    said: dict[str, Json] = {"role": "assistant", "content": marks.text(), "refusal": None}
    kind = marks.draw(st.sampled_from(["text", "refusal", "calls", "audio", "cited", "logprobs"]))
    choice: dict[str, Json] = {"index": place, "message": said, "finish_reason": "stop", "logprobs": None}
    if kind == "refusal":
        said |= {"content": None, "refusal": marks.text()}
    elif kind == "calls":
        said["tool_calls"] = [_call(marks), _call(marks)]
    elif kind == "audio":
        said |= {
            "content": None,
            "audio": {"id": marks.word(), "data": "T2dnUw==", "expires_at": 1_795_372_571, "transcript": marks.text()},
        }
    elif kind == "cited":
        cited = {"url": f"https://{marks.word()}.example/", "title": marks.word(), "start_index": 0, "end_index": 3}
        said["annotations"] = [
            {"type": "url_citation", "url_citation": cited},
            {"type": marks.word(), "x": marks.word()},
        ]
    elif kind == "logprobs":
        choice["logprobs"] = {
            "content": [{"token": "a", "logprob": -0.5, "bytes": None, "top_logprobs": []}],
            "refusal": None,
        }
    return choice


def _call(marks: Marks) -> dict[str, Json]:
    kind = marks.draw(st.sampled_from(["function", "custom", "broken"]))
    if kind == "custom":
        return {"id": marks.word(), "type": "custom", "custom": {"name": marks.word(), "input": marks.text()}}
    arguments = json.dumps({marks.word(): marks.text()}) if kind == "function" else f'{{"{marks.word()}'
    return {"id": marks.word(), "type": "function", "function": {"name": marks.word(), "arguments": arguments}}


def _message(marks: Marks) -> dict[str, Json]:
    role = marks.draw(st.sampled_from(["system", "developer", "user", "assistant", "tool", "function", marks.word()]))
    message: dict[str, Json] = {"role": role, "name": marks.word(), "content": marks.text()}
    if role == "tool":
        message["tool_call_id"] = marks.word()
    if marks.draw(st.booleans()):
        message["content"] = None
        message["content_parts"] = [_part(marks), _part(marks)]
    if role == "assistant":
        message["tool_calls"] = [_call(marks)]
        message["function_call"] = {"name": marks.word(), "arguments": marks.text()}
    return message


def _part(marks: Marks) -> dict[str, Json]:
    kind = marks.draw(st.sampled_from(["text", "image", "remote", "audio", "file", "new"]))
    made: dict[str, Callable[[], dict[str, Json]]] = {
        "text": lambda: {"type": "text", "text": marks.text()},
        "image": lambda: {"type": "image_url", "image_url": {"url": "data:image/gif;base64,R0lGODlhAQABAAAAACw=", "detail": marks.word()}},
        "remote": lambda: {"type": "image_url", "image_url": {"url": f"https://{marks.word()}.example/a.png"}},
        "audio": lambda: {"type": "input_audio", "input_audio": {"data": "T2dnUw==", "format": marks.word()}},
        "file": lambda: {"type": "file", "file": {"filename": marks.word(), "file_id": marks.word()}},
        "new": lambda: {"type": marks.word(), marks.word(): marks.odd()},
    }  # fmt: skip
    return made[kind]()


def _changed(value: Json, marks: Marks, chance: float) -> Json:
    """A copy in which some fields hold something else, are missing, or have new neighbours."""
    if chance and marks.draw(st.floats(0, 1)) < chance / 3:
        return value if value in ("assistant", "stop") else marks.odd()
    return _changed_inside(value, marks, chance)


def _changed_inside(value: Json, marks: Marks, chance: float) -> Json:
    if isinstance(value, list):
        return [_changed(one, marks, chance) for one in value]
    if not isinstance(value, dict) or not chance:
        return value
    copy = {name: _changed(one, marks, chance) for name, one in value.items()}
    if marks.draw(st.floats(0, 1)) < chance:
        copy[marks.word()] = marks.odd()
    return copy
