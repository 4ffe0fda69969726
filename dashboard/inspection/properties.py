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
    """A total (`part` is False) or one of its details; `value` is shown as it came when it is no number."""

    label: str
    value: Any
    part: bool


def parameters(completion: Completion) -> list[Property]:
    return _properties(completion, PARAMETERS)


def identity(completion: Completion) -> list[Property]:
    return _properties(completion, IDENTITY)


def usage_rows(completion: Completion) -> list[UsageRow]:
    """What is present, in this order: the details of a total stand above it; unknown counts at the end."""
    raw = completion.usage.raw
    rows: list[UsageRow] = []
    for total in ("prompt", "completion"):
        rows += _details(raw.get(f"{total}_tokens_details"))
        rows += [UsageRow(total.capitalize(), raw[f"{total}_tokens"], False)] if f"{total}_tokens" in raw else []
    known = {"prompt_tokens", "completion_tokens", "prompt_tokens_details", "completion_tokens_details"}
    labels = {"total_tokens": "Total"}
    return rows + [UsageRow(labels.get(name, name), value, False) for name, value in raw.items() if name not in known]


def other_blocks(completion: Completion) -> list[Block]:
    known = SHOWN_ELSEWHERE | PARAMETERS.keys() | IDENTITY.keys()
    return other_fields(completion.raw, known)


def declared_tools(completion: Completion) -> list[Block]:
    tools = completion.raw.get("tools")
    if not isinstance(tools, list):
        return [] if tools is None else [data_block("tools", tools)]
    return [data_block(_tool_name(tool), tool) for tool in tools]


def _tool_name(tool: Any) -> str:
    described = tool.get(tool.get("type"), tool) if isinstance(tool, dict) else {}
    return text(described.get("name")) if isinstance(described, dict) and described.get("name") else "unnamed tool"


def _properties(completion: Completion, labels: dict[str, str]) -> list[Property]:
    raw = completion.raw
    return [Property(label, text(raw[name])) for name, label in labels.items() if name in raw]


def _details(details: Any) -> list[UsageRow]:
    if not isinstance(details, dict):
        return []
    return [UsageRow(name.removesuffix("_tokens").replace("_", " "), value, True) for name, value in details.items()]
