"""The next newer and the next older completion within the list that a page was opened from."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from dashboard.completion_frame import opened_from, short_id
from dashboard.forms import NEWEST, OLDEST
from dashboard.listing import filter_words
from dashboard.projects import get_project
from dashboard.upstream.watchdog import Deadline
from dashboard.window import list_page


@require_safe
def newer(request: HttpRequest, project: str, completion_id: str) -> HttpResponse:
    return _neighbour(request, project, completion_id, OLDEST)


@require_safe
def older(request: HttpRequest, project: str, completion_id: str) -> HttpResponse:
    return _neighbour(request, project, completion_id, NEWEST)


def _neighbour(request: HttpRequest, project: str, completion_id: str, order: str) -> HttpResponse:
    """Newest first, what follows is older; oldest first, it is newer."""
    query = opened_from(request, project)
    page = list_page(get_project(project).client, replace(query, order=order, limit=1), completion_id, Deadline())
    following = next((one for one in page.items if one.addressable and one.id != completion_id), None)
    if following:
        return redirect(query.completion_url(following.id))
    context = {
        "word": "newer" if order == OLDEST else "older",
        "short_id": short_id(completion_id),
        "filter_words": filter_words(query),
        "completion_url": query.completion_url(completion_id),
        "list_url": query.first_page().url,
    }
    return render(request, "completion/no_neighbour.html", context)
