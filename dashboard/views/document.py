"""The documents behind a completion: as a JSON tree with a search, and single texts and media out of them."""

from __future__ import annotations

import time

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard import clock
from dashboard.completion_frame import frame, opened_from
from dashboard.conversation import Inputs, load_completion, load_inputs, value_at
from dashboard.display import read_display
from dashboard.document_page import WHOLE, part_of, place
from dashboard.documents import MESSAGES
from dashboard.forms import ListQuery, number
from dashboard.html.tree import subtree_html
from dashboard.html.words import chunks_html
from dashboard.htmx import wants_fragment
from dashboard.inspection.json_tree import tree
from dashboard.media_response import media_response
from dashboard.projects import get_project
from dashboard.upstream.records import ID
from dashboard.upstream.records import text as as_text
from dashboard.upstream.watchdog import Deadline

PAGE = 100
"""Messages in one answer of the API, which is what a twin holds."""


@require_safe
def json_tab(request: HttpRequest, project: str, completion_id: str) -> HttpResponse:
    at = request.GET.get("at", WHOLE)
    if wants_fragment(request):
        return _subtree(request, project, completion_id, at)
    query = opened_from(request, project)
    upstream, deadline = get_project(project), Deadline()
    found = load_completion(upstream, completion_id, deadline)
    inputs = load_inputs(upstream, completion_id, deadline) if part_of(at) == MESSAGES else Inputs(())
    value = _value(project, completion_id, at, deadline)
    context = place(_base(project, completion_id), value, at, request.GET) | {
        "note": inputs.note,
        "bytes": len(found.body),
        "received_at": clock.time_of_day(clock.moment(int(time.time()), read_display(request).zone)),
        "messages_url": f"{query.path}{completion_id}/messages.json",
        "further_pages": [one.id for one in inputs.messages[PAGE - 1 : -1 : PAGE] if ID.fullmatch(one.id)],
    }
    return render(request, "completion/json.html", frame(request, query, found, completion_id, "json/") | context)


@require_safe
def text(request: HttpRequest, project: str, completion_id: str) -> HttpResponse:
    """One string of the documents, exactly, and anything else as its JSON; for the page that shows its beginning, the next stretch of it."""
    at = request.GET.get("at", "")
    value = as_text(_value(project, completion_id, at, Deadline()))
    if not wants_fragment(request):
        return HttpResponse(value, content_type="text/plain; charset=utf-8")
    start = number(request.GET, "from") or 0
    return HttpResponse(chunks_html(value, at, start, _base(project, completion_id)))  # no template: every space counts


@require_safe
def media(request: HttpRequest, project: str, completion_id: str) -> HttpResponse:
    """The recording or image whose base64 text stands at that place."""
    value = _value(project, completion_id, request.GET.get("at", ""), Deadline())
    response = media_response(request, value) if isinstance(value, str) else None
    if response is None:
        raise Http404("There is nothing at that place of the document that a browser may show.")
    return response


def _subtree(request: HttpRequest, project: str, completion_id: str, at: str) -> HttpResponse:
    value = _value(project, completion_id, at, Deadline())
    node = tree(value, at=at, start=number(request.GET, "from") or 0)
    return HttpResponse(subtree_html(node, _base(project, completion_id)))


def _base(project: str, completion_id: str) -> str:
    return f"{ListQuery(project).path}{completion_id}/"


def _value(project: str, completion_id: str, at: str, deadline: Deadline) -> object:
    try:
        return value_at(get_project(project), completion_id, at, deadline)
    except LookupError:
        raise Http404("The document has no such place.") from None
