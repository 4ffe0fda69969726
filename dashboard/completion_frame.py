"""What every tab of a completion page has around its content: the head, the tabs, and the facts beside it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from dashboard import clock
from dashboard.access import may_share
from dashboard.display import read_display
from dashboard.forms import ListQuery, parse_list
from dashboard.inspection.answer_tokens import answer_tokens
from dashboard.inspection.properties import identity, parameters
from dashboard.inspection.usage import usage_bars
from dashboard.upstream.records import Completion

TABS = (("", "Transcript"), ("logprobs/", "Logprobs"), ("json/", "JSON"), ("code/", "Use in code"))
ID_HEAD, ID_TAIL = 16, 4


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    url: str
    current: bool
    count: int
    """Of what is behind it, 0 where that says nothing."""


def opened_from(request: HttpRequest, project: str) -> ListQuery:
    """The list that a completion was opened from, as far as the address tells. What is wrong with it is left out."""
    form, query = parse_list(project, request.GET)
    return query if not form.errors else ListQuery(project)


def frame(
    request: HttpRequest, query: ListQuery, completion: Completion, completion_id: str, tab: str
) -> dict[str, Any]:
    """`completion_id` is the one of the address: that of the document may be missing."""
    base = f"{query.path}{completion_id}/"
    tokens = sum(len(one.entries) for one in answer_tokens(completion))
    return {
        "id": completion_id,
        "short_id": short_id(completion_id),
        "completion": completion,
        "base": base,
        "link": base + tab,
        "query": query,
        "again": request.get_full_path(),
        "list_url": query.first_page().url,
        "tabs": [
            Tab(label, query.completion_url(completion_id, part), part == tab, tokens if part == "logprobs/" else 0)
            for part, label in TABS
        ],
        "newer_url": query.completion_url(completion_id, "newer/"),
        "older_url": query.completion_url(completion_id, "older/"),
        "json_url": f"{query.path}{completion_id}.json",
        "share_url": f"{base}share/" if may_share(request.user, query.project) else "",
        **facts(request, query, completion),
    }


def facts(request: HttpRequest, query: ListQuery, completion: Completion) -> dict[str, Any]:
    """What the rail shows, and the side panel in short."""
    everywhere = ListQuery(query.project)
    return {
        "endings": [one.finish_reason for one in completion.choices[:1] if one.finish_reason],
        "usage": usage_bars(completion.usage.raw),
        "chips": [(key, value, everywhere.with_metadata(key, value).url) for key, value in completion.metadata.items()],
        "parameters": parameters(completion),
        "identity": identity(completion),
        "times": times(request, completion),
    }


def short_id(completion_id: str) -> str:
    """`chatcmpl-CeUk81vX…7sLd`"""
    if len(completion_id) <= ID_HEAD + ID_TAIL + 4:
        return completion_id
    return f"{completion_id[:ID_HEAD]}…{completion_id[-ID_TAIL:]}"


def times(request: HttpRequest, completion: Completion) -> dict[str, str]:
    """The moment of creation in the reader's zone, in UTC, and relative; empty where there is none."""
    if completion.created is None:
        return {}
    when = clock.moment(completion.created, read_display(request).zone)
    return {
        "iso": when.isoformat(),
        "short": clock.short(when),
        "full": clock.full(when),
        "utc": clock.utc(when),
        "ago": clock.ago(completion.created, time.time()),
    }
