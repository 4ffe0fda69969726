"""An upstream error as what the caller can show: a page, a toast, or JSON. The status is the same for all three."""

from __future__ import annotations

import math
import time
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseServerError, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from dashboard import clock
from dashboard.display import read_display
from dashboard.forms import ListQuery
from dashboard.htmx import to_toasts, wants_fragment
from dashboard.log_lines import REQUEST_ID
from dashboard.not_there import wait_for
from dashboard.upstream.errors import NotFound, UpstreamError


def upstream_failed(request: HttpRequest, error: UpstreamError) -> HttpResponse:
    if request.path.endswith(".json"):
        return with_retry_after(_as_json(error), error)
    context = failure_context(request, error)
    if wants_fragment(request):
        response = to_toasts(render(request, "_toast.html", context, status=error.status))
    else:
        response = _page(request, error, context)
    return with_retry_after(response, error)


def _page(request: HttpRequest, error: UpstreamError, context: dict[str, Any]) -> HttpResponse:
    named = request.resolver_match.kwargs if request.resolver_match else {}
    list_page = ListQuery(named["project"])  # upstream errors come from pages of a project alone
    context["list_url"] = list_page.url
    completion_id = named.get("completion_id", "")
    if not (isinstance(error, NotFound) and completion_id):
        return render(request, "failure.html", context, status=error.status)
    context |= {"id": completion_id, "base": f"{list_page.path}{completion_id}/", "wait": wait_for(completion_id)}
    return render(request, "completion/not_there.html", context, status=error.status)


def failure_context(request: HttpRequest, error: UpstreamError) -> dict[str, Any]:
    """What `_failure.html` and its relatives show; `again` is where trying again leads."""
    now = clock.moment(int(time.time()), read_display(request).zone)
    return {
        "failure": error,
        "failed_at": clock.full(now),
        "failed_at_utc": clock.utc(now),
        "retry_seconds": math.ceil(error.retry_after) if error.retry_after else 0,
        "reference": request.META.get(REQUEST_ID, ""),
        "again": request.get_full_path(),
    }


def with_retry_after(response: HttpResponse, error: UpstreamError) -> HttpResponse:
    if error.retry_after:
        response.headers["Retry-After"] = str(math.ceil(error.retry_after))
    return response


def forbidden(request: HttpRequest) -> HttpResponse:
    return render(request, "403_loopback.html", status=403)


def server_error(request: HttpRequest) -> HttpResponseServerError:
    """Without the request, since what has failed may be a part of every page."""
    page = render_to_string("500.html", {"reference": request.META.get(REQUEST_ID, "")})
    return HttpResponseServerError(page)


def _as_json(error: UpstreamError) -> JsonResponse:
    described = {
        "message": error.headline,
        "detail": error.detail,
        "code": error.code or None,
        "upstream_status": error.upstream_status,
        "upstream_request_id": error.request_id or None,
    }
    return JsonResponse({"error": described}, status=error.status)
