"""The facts beside a conversation: usage, request parameters, identity, and fields that nobody knows yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboard.inspection.transcript import Block, data_block, other_fields
from dashboard.upstream.records import Completion, text

PARAMETERS = {
    "temperature": "Temperature",
    "top_p": "Top p",
    "presence_penalty": "Presence penalty",
    "frequency_penalty": "Frequency penalty",
    "seed": "Seed",
    "tool_choice": "Tool choice",
    "response_format": "Format",
    "service_tier": "Service tier",
    "input_user": "End user",
}
IDENTITY = {"request_id": "Request", "system_fingerprint": "Fingerprint", "object": "Object"}
SHOWN_ELSEWHERE = frozenset({"id", "created", "model", "choices", "usage", "metadata", "input_messages", "tools"})


@dataclass(frozen=True, slots=True)
class Property:
    """`value` is empty where the API says null: "not set"."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class UsageRow:
    """A total (`part` is False) or one of its details; `value` is text when it is no whole number, None for null."""

    label: str
    value: int | str | None
    part: bool


def parameters(completion: Completion) -> list[Property]:
    """The request parameters that the completion carries, in the order of `PARAMETERS`; absent ones are left out."""
    return _properties(completion, PARAMETERS)


def identity(completion: Completion) -> list[Property]:
    """What names the request and the model behind it, in the order of `IDENTITY`; absent ones are left out."""
    return _properties(completion, IDENTITY)


def usage_rows(completion: Completion) -> list[UsageRow]:
    """What is present, in this order: the details of a total stand above it; unknown counts at the end."""
    raw = completion.usage.raw
    rows: list[UsageRow] = []
    for total in ("prompt", "completion"):
        rows += _details(raw.get(f"{total}_tokens_details"))
        rows += [_usage_row(total.capitalize(), raw[f"{total}_tokens"])] if f"{total}_tokens" in raw else []
    known = {"prompt_tokens", "completion_tokens", "prompt_tokens_details", "completion_tokens_details"}
    labels = {"total_tokens": "Total"}
    return rows + [_usage_row(labels.get(name, name), value) for name, value in raw.items() if name not in known]


def other_blocks(completion: Completion) -> list[Block]:
    """Fields that have no place of their own, and a creation time that is no moment."""
    known = SHOWN_ELSEWHERE | PARAMETERS.keys() | IDENTITY.keys()
    usable = completion.created is not None or completion.raw.get("created") is None
    return other_fields(completion.raw, known if usable else known - {"created"})


def declared_tools(completion: Completion) -> list[Block]:
    """One block for each tool that the request declared, titled with its name."""
    tools = completion.raw.get("tools")
    if not isinstance(tools, list):
        return [] if tools is None else [data_block("tools", tools)]
    return [data_block(_tool_name(tool), tool) for tool in tools]


def _tool_name(tool: Any) -> str:
    """The name stands under the name of the type, or beside it."""
    if not isinstance(tool, dict):
        return "unnamed tool"
    described = tool.get(text(tool.get("type")))
    name = described.get("name") if isinstance(described, dict) else tool.get("name")
    return text(name) or "unnamed tool"


def _properties(completion: Completion, labels: dict[str, str]) -> list[Property]:
    raw = completion.raw
    return [Property(label, text(raw[name])) for name, label in labels.items() if name in raw]


def _details(details: Any) -> list[UsageRow]:
    if not isinstance(details, dict):
        return [] if details is None else [_usage_row("details", details, part=True)]
    return [
        _usage_row(name.removesuffix("_tokens").replace("_", " "), value, part=True) for name, value in details.items()
    ]


def _usage_row(label: str, value: Any, *, part: bool = False) -> UsageRow:
    return UsageRow(label, value if value is None or type(value) is int else text(value), part)
