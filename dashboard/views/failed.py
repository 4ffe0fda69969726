"""What is answered when something below a page has failed: a fault of the dashboard's own database is told as one."""

from __future__ import annotations

import sys

from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from dashboard.display import read_display
from dashboard.failures import server_error
from dashboard.htmx import to_toasts, wants_fragment

HEADLINE = "The dashboard’s own database cannot be reached"
DETAIL = (
    "Who you are and what you may see is kept there. Nothing is lost, and you stay signed in: try again in a moment."
)
RETRY_SECONDS = "5"


def failed(request: HttpRequest) -> HttpResponse:
    """Django's handler500: it is called while the exception is handled, also one that comes from a middleware."""
    error = sys.exc_info()[1]
    if isinstance(error, DataError):  # a value that PostgreSQL cannot hold, such as a text with a NUL
        return HttpResponse(render_to_string("400.html"), status=400)
    if isinstance(error, OperationalError | InterfaceError):
        response = _without_database(request)
        response.headers["Retry-After"] = RETRY_SECONDS
        return response
    return server_error(request)


def _without_database(request: HttpRequest) -> HttpResponse:
    """Made without the request as context, whose processors would ask the database who is signed in."""
    if request.path.endswith(".json"):
        return JsonResponse({"error": {"message": HEADLINE, "detail": DETAIL}}, status=503)
    if hasattr(request, "htmx") and wants_fragment(request):
        toast = render_to_string(
            "_toast.html", {"headline": HEADLINE, "advice": "What is on the screen stays. Try again in a moment."}
        )
        return to_toasts(HttpResponse(toast, status=503))
    context = {"headline": HEADLINE, "detail": DETAIL, "display": read_display(request)}
    return HttpResponse(render_to_string("_status.html", context), status=503)
