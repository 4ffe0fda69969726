"""The facts beside a conversation: request parameters, identity, and fields that nobody knows yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.inspection.blocks import Data
from dashboard.inspection.json_tree import CARD, Node, pointer, tree
from dashboard.inspection.message_blocks import other_fields
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
LONGEST_VALUE = 200


@dataclass(frozen=True, slots=True)
class Property:
    """`value` is one line, empty where the API says null: "not set". `node` holds what is no line."""

    label: str
    value: str
    node: Node | None = None


def parameters(completion: Completion) -> list[Property]:
    """The request parameters that the completion carries, in the order of `PARAMETERS`; absent ones are left out."""
    return _properties(completion, PARAMETERS)


def identity(completion: Completion) -> list[Property]:
    """What names the request and the model behind it, in the order of `IDENTITY`; absent ones are left out."""
    return _properties(completion, IDENTITY)


def other_blocks(completion: Completion) -> list[Data]:
    """Fields that have no place of their own, and a creation time that is no moment."""
    known = SHOWN_ELSEWHERE | PARAMETERS.keys() | IDENTITY.keys()
    usable = completion.created is not None or completion.raw.get("created") is None
    return other_fields(completion.raw, known if usable else known - {"created"}, "/completion")


def _properties(completion: Completion, labels: Mapping[str, str]) -> list[Property]:
    raw = completion.raw
    return [_property(label, raw[name], f"/completion{pointer(name)}") for name, label in labels.items() if name in raw]


def _property(label: str, value: object, at: str) -> Property:
    """An object shows its type, or what it chooses, and the rest of it folded."""
    if isinstance(value, dict):
        return Property(label, text(value.get("type"))[:LONGEST_VALUE] or "object", tree(value, at=at, limits=CARD))
    if isinstance(value, list) or (isinstance(value, str) and len(value) > LONGEST_VALUE):
        return Property(
            label,
            f"{len(value):,} {'items' if isinstance(value, list) else 'characters'}",
            tree(value, at=at, limits=CARD),
        )
    return Property(label, text(value))
