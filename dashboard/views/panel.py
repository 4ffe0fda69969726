"""The side panel of the list: one completion in short."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from dashboard.forms import parse_list
from dashboard.htmx import push_url, replace_url, wants_fragment
from dashboard.panel import load_panel
from dashboard.projects import get_project
from dashboard.upstream.watchdog import Deadline


@require_safe
def panel(request: HttpRequest, project: str, completion_id: str) -> HttpResponse:
    form, query = parse_list(project, request.GET)
    peeked = query.with_peek(completion_id)
    if form.errors or not wants_fragment(request):
        return redirect(peeked.url)
    context = load_panel(request, get_project(project), peeked, Deadline())
    response = render(request, "completion/_panel.html", context, status=context["panel_status"])
    return replace_url(response, peeked.url) if "follow" in request.GET else push_url(response, peeked.url)
