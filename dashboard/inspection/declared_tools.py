"""The tools that a request declared, with their parameters as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from dashboard.inspection.json_tree import CARD, Node, pointer, tree
from dashboard.upstream.records import Completion, Json, text

MOST_TOOLS = 128
MOST_PARAMETERS = 100
LEVELS = 2
"""`address.street` is of the second level; what is deeper is in the schema itself."""
MOST_VALUES = 8


@dataclass(frozen=True, slots=True)
class Parameter:
    """One row of the table; `type` in words, `meaning` the declared description and default."""

    name: str
    required: bool
    type: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Tool:
    """`node` is the declaration as received, `called` how often the conversation calls it."""

    kind: str
    name: str
    description: str
    parameters: tuple[Parameter, ...]
    strict: bool
    signature: str
    called: int
    node: Node


def declared_tools(completion: Completion, called: Mapping[str, int]) -> list[Tool]:
    """At most `MOST_TOOLS`; a value that is no list of tools stands for one without a name."""
    tools = completion.raw.get("tools")
    if tools is None:
        return []
    listed = tools if isinstance(tools, list) else [tools]
    base = "/completion/tools"
    places = ((one, base + pointer(place) if listed is tools else base) for place, one in enumerate(listed))
    return [_tool(one, at, called) for one, at in islice(places, MOST_TOOLS)]


def _tool(raw: Any, at: str, called: Mapping[str, int]) -> Tool:
    kind, described = _described(raw)
    name = text(described.get("name"))
    schema = described.get("parameters")
    parameters = tuple(islice(_parameters(schema, "", 1), MOST_PARAMETERS))
    top = [one.name for one in parameters if "." not in one.name]
    return Tool(
        kind,
        name,
        text(described.get("description")),
        parameters,
        described.get("strict") is True,
        f"({', '.join(top)})" if isinstance(schema, dict) else "",
        called.get(name, 0),
        tree(raw, at=at, limits=CARD),
    )


def _described(raw: Any) -> tuple[str, Json]:
    """Its type, and the object that names it: under the name of the type, or the tool itself."""
    if not isinstance(raw, dict):
        return "", {}
    kind = text(raw.get("type"))
    inside = raw.get(kind)
    return kind, inside if isinstance(inside, dict) else raw


def _parameters(schema: Any, prefix: str, level: int) -> Iterator[Parameter]:
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict):
        return
    required = schema.get("required")
    for name, described in properties.items():
        is_required = isinstance(required, list) and name in required
        yield Parameter(prefix + name, is_required, _type(described), _meaning(described))
        if level < LEVELS:
            items = described.get("items") if isinstance(described, dict) else None
            nested = items if isinstance(items, dict) else described
            yield from _parameters(nested, f"{prefix}{name}{'[]' if nested is items else ''}.", level + 1)


def _type(schema: Any) -> str:
    """`array of "lines" | "shipment"`, `integer or null`; empty where the schema does not tell."""
    if not isinstance(schema, dict):
        return "" if schema is None or schema is True else text(schema)
    if isinstance(values := schema.get("enum"), list):
        more = " | …" if len(values) > MOST_VALUES else ""
        return (
            " | ".join(f'"{one}"' if isinstance(one, str) else text(one) or "null" for one in values[:MOST_VALUES])
            + more
        )
    for word in ("anyOf", "oneOf"):
        if isinstance(choices := schema.get(word), list):
            return " or ".join(filter(None, (_type(one) for one in choices[:MOST_VALUES])))
    kind = schema.get("type")
    if kind == "array" and (items := _type(schema.get("items"))):
        return f"array of {items}"
    return " or ".join(map(text, kind)) if isinstance(kind, list) else text(kind) or text(schema.get("$ref"))


def _meaning(schema: Any) -> str:
    if not isinstance(schema, dict):
        return ""
    said = text(schema.get("description"))
    return f"{said} Default: {text(schema['default']) or 'null'}.".strip() if "default" in schema else said
