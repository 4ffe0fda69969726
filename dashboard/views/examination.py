"""The doctor's page: what each call of a project gives, in plain words. Reading it asks the API a dozen things."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from dashboard.access import visible_projects
from dashboard.doctor.examination import examine
from dashboard.projects import get_project
from dashboard.upstream.errors import Busy
from dashboard.upstream.slots import Slots

SECONDS, CALL_SECONDS = 12.0, 5.0
"""Shorter than from the command line: somebody waits for the page."""
_places = Slots(1)
"""An examination holds a thread for its whole time, also while nothing else can be had of the API."""


@require_safe
def doctor(request: HttpRequest) -> HttpResponse:
    visible = visible_projects(request.user)
    if len(visible) == 1:
        return redirect("examination", next(iter(visible)))
    return render(request, "doctor/choose.html", status=200 if visible else 403)


@require_safe
def examination(request: HttpRequest, project: str) -> HttpResponse:
    upstream = get_project(project)
    if not _places.take():
        raise Busy("Another project is being examined.", retry_after=SECONDS)
    try:
        findings = list(examine(upstream, seconds=SECONDS, call_seconds=CALL_SECONDS))
    finally:
        _places.give_back()
    context = {"findings": findings, "faults": sum(one.outcome == "fault" for one in findings)}
    return render(request, "doctor/page.html", context)
