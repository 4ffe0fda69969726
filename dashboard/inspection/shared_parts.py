"""What of a completion a share link shows: the documents cut down by a list of what may stay.

A field that nobody knows yet is not shown, and neither is what names other things. Everything that a shared page prints,
fetches later or offers as JSON comes out of the documents as they are after this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from dashboard.inspection.answer_tokens import FIELDS
from dashboard.inspection.properties import IDENTITY, PARAMETERS
from dashboard.upstream.records import Completion, Message

Json = Mapping[str, Any]

ALWAYS = frozenset({"object", "created", "model", "usage", "choices"})
REQUEST = frozenset({"id", *PARAMETERS, *IDENTITY})
COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")
MESSAGE = frozenset(
    {"role", "name", "content", "content_parts", "refusal", "tool_calls", "function_call", "tool_call_id"}
    | {"annotations", "audio"}
)
AUDIO = frozenset({"data", "transcript", "expires_at"})
NOTHING_MORE = "answer"


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown beside the answer, its model, time and token counts. `parameters` are those of the request, and ids."""

    input: bool = False
    tools: bool = False
    metadata: bool = False
    parameters: bool = False
    logprobs: bool = False
    json: bool = False

    def __str__(self) -> str:
        """`input-tools`, or `answer` where there is nothing more."""
        return "-".join(name for name in SHOWABLE if getattr(self, name)) or NOTHING_MORE

    @classmethod
    def of(cls, names: Iterable[str]) -> Shown:
        return cls(**dict.fromkeys(names, True))


SHOWABLE = tuple(field.name for field in fields(Shown))


def read_shown(written: str) -> Shown:
    """The other way round. Raises LookupError for what `str` would not write."""
    shown = Shown.of(name for name in written.split("-") if name in SHOWABLE)
    if str(shown) != written:
        raise LookupError(written)
    return shown


def shown_completion(raw: Json, shown: Shown) -> dict[str, Any]:
    """The document of a completion; choices and messages stay at their places."""
    allowed = ALWAYS | {name for name in ("metadata", "tools") if getattr(shown, name)}
    allowed |= REQUEST if shown.parameters else frozenset()
    kept = _only(raw, allowed)
    kept["choices"] = [_choice(one, shown) for one in _objects(raw.get("choices"))]
    if "usage" in kept:
        kept["usage"] = _usage(kept["usage"])
    if shown.input and raw.get("input_messages") is not None:
        kept["input_messages"] = shown_messages(_objects(raw["input_messages"]))
    return kept


def shown_messages(messages: Iterable[Json]) -> list[dict[str, Any]]:
    """Without their ids, which repeat that of the completion."""
    return [_message(one) for one in messages]


def parts(completion: Completion, messages: Iterable[Message]) -> dict[str, Any]:
    """What each choice would show, by its name in `Shown`, and the answer; not what shows the same once more."""
    raw = completion.raw
    return {
        NOTHING_MORE: shown_completion(raw, Shown())["choices"],
        "input": shown_messages(one.raw for one in messages),
        "tools": raw.get("tools"),
        "metadata": raw.get("metadata"),
        "parameters": _only(raw, REQUEST),
    }


def _choice(raw: Json, shown: Shown) -> dict[str, Any]:
    kept: dict[str, Any] = {name: raw[name] for name in ("index", "finish_reason") if _is_scalar(raw.get(name, ...))}
    kept["message"] = _message(raw.get("message"))
    if shown.logprobs and isinstance(logprobs := raw.get("logprobs"), dict):
        kept["logprobs"] = _only(logprobs, FIELDS)
    return kept


def _message(raw: Any) -> dict[str, Any]:
    kept = _only(raw, MESSAGE) if isinstance(raw, dict) else {}
    if isinstance(audio := kept.get("audio"), dict):
        kept["audio"] = _only(audio, AUDIO)
    return kept


def _usage(raw: Any) -> dict[str, Any]:
    """Numbers alone: some servers put other things beside them."""
    if not isinstance(raw, dict):
        return {}
    kept = {name: raw[name] for name in COUNTS if _is_scalar(raw.get(name, ...))}
    for name in ("prompt_tokens_details", "completion_tokens_details"):
        if isinstance(details := raw.get(name), dict):
            kept[name] = {key: value for key, value in details.items() if type(value) is int}
    return kept


def _only(raw: Json, names: Iterable[str]) -> dict[str, Any]:
    return {name: raw[name] for name in raw if name in names}


def _objects(value: Any) -> list[Json]:
    """As records read it: one object stands for a list of it. What is no object keeps its place, empty."""
    listed = value if isinstance(value, list) else [value] if isinstance(value, dict) else []
    return [one if isinstance(one, dict) else {} for one in listed]


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float)
