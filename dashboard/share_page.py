"""What every page that a share link shows has around its content. It knows no list, no person and no other completion."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from dashboard.completion_frame import Tab, times
from dashboard.display import read_display
from dashboard.inspection.answer_tokens import answer_tokens
from dashboard.inspection.properties import identity, parameters
from dashboard.inspection.usage import usage_bars
from dashboard.shared_completion import Shared
from dashboard.upstream.records import Completion

LOGPROBS, JSON = "logprobs/", "json/"


def frame(request: HttpRequest, shared: Shared, found: Completion, tab: str) -> dict[str, Any]:
    """For the templates of a completion: `layout` is the one without the dashboard around it."""
    shown, base = shared.shown, shared.base
    return around(shared) | {
        "layout": "share/layout.html",
        "display": read_display(request),
        "short_id": "a shared completion" if tab else "Shared completion",
        "id": "completion",
        "completion": found,
        "link": base + tab,
        "again": base + tab,
        "tabs": _tabs(shared, found, tab),
        "json_url": f"{base}text/?at=/completion",
        "messages_url": f"{base}text/?at=/messages",
        "text_url": f"{base}?as=text",
        "markdown_url": f"{base}?as=markdown",
        "endings": [one.finish_reason for one in found.choices[:1] if one.finish_reason],
        "usage": usage_bars(found.usage.raw),
        "metadata": list(found.metadata.items()),
        "parameters": parameters(found),
        "identity": identity(found) if shown.parameters else [],
        "times": times(request, found),
    }


def around(shared: Shared) -> dict[str, Any]:
    """What fragments need as well."""
    return {
        "base": shared.base,
        "public": True,
        "preview": shared.is_preview,
        "shown": shared.shown,
        "input_closed": not shared.shown.input,
        "json_closed": not shared.shown.json,
    }


def _tabs(shared: Shared, found: Completion, tab: str) -> list[Tab]:
    """Those that are open; one alone needs no name."""
    tokens = sum(len(one.entries) for one in answer_tokens(found))
    every = (("", "Transcript", True), (LOGPROBS, "Logprobs", shared.shown.logprobs), (JSON, "JSON", shared.shown.json))
    tabs = [
        Tab(label, shared.base + part, part == tab, tokens if part == LOGPROBS else 0)
        for part, label, is_open in every
        if is_open
    ]
    return tabs if len(tabs) > 1 else []
