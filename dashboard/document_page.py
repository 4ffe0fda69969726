"""What the JSON tab shows of one place in the documents, ready for its template."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.http import QueryDict

from dashboard.forms import number
from dashboard.inspection.json_tree import search, trail, tree

LONGEST_SEARCH = 200
WHOLE = "/completion"


def part_of(at: str) -> str:
    """The document that a pointer points into."""
    return at.split("/")[1] if at.startswith("/") else ""


def place(base: str, value: Any, at: str, data: QueryDict) -> dict[str, Any]:
    """`value` is what stands at the pointer `at`, `base` the address of the completion."""
    words = data.get("q", "").strip()[:LONGEST_SEARCH]
    return {
        "link": f"{base}json/" + ("" if at == WHOLE else f"?at={quote(at, safe='/~')}"),
        "at": at,
        "part": part_of(at),
        "trail": trail(at),
        "node": tree(value, at=at, start=number(data, "from") or 0),
        "from": number(data, "from") or 0,
        "whole_text": value if isinstance(value, str) else None,
        "words": words,
        "found": search(value, words, at=at) if words else None,
    }
