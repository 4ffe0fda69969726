"""Who did what, for administrators."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard import clock
from dashboard.audit import ACTIONS
from dashboard.display import read_display
from dashboard.forms import number
from dashboard.htmx import wants_fragment
from dashboard.models import AuditEvent
from dashboard.projects import all_projects

ROWS = 50
FILTERS = {"person": "name", "action": "action", "completion": "completion_id"}
"""Parameter of the address -> field; a value is taken as it is, in full."""


@require_safe
def audit_log(request: HttpRequest) -> HttpResponse:
    if not (isinstance(request.user, User) and request.user.is_superuser):
        raise Http404("The audit is for administrators.")
    chosen = {name: value for name in FILTERS if (value := request.GET.get(name, "").strip().replace("\0", ""))}
    found = _events(chosen, number(request.GET, "before"))
    zone = read_display(request).zone
    context: dict[str, Any] = {
        "chosen": chosen,
        "actions": ACTIONS,
        "rows": [_row(event, zone) for event in found[:ROWS]],
        "older": f"?{urlencode(chosen | {'before': found[ROWS - 1].pk})}" if len(found) > ROWS else "",
        "is_filtered": bool(chosen),
    }
    return render(request, f"audit/{'_rows' if wants_fragment(request) else 'page'}.html", context)


def _events(chosen: dict[str, str], before: int | None) -> QuerySet[AuditEvent]:
    """By number, which is the order of writing: a cursor that rows of the same moment cannot confuse."""
    events = AuditEvent.objects.select_related("access_token").order_by("-pk")
    events = events.filter(**{FILTERS[name]: value for name, value in chosen.items()})
    return (events.filter(pk__lt=before) if before is not None else events)[: ROWS + 1]


def _row(event: AuditEvent, zone: clock.Zone) -> dict[str, Any]:
    shown = event.completion_id and event.project in all_projects()
    return {
        "event": event,
        "at": clock.short(event.at.astimezone(zone)),
        "url": f"/{event.project}/completions/{event.completion_id}/" if shown else "",
    }
