from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from dashboard.readiness import readiness

ROBOTS = "User-agent: *\nAllow: /s/\nDisallow: /\n"
"""Addresses below /s/ may be asked for, since their answers say noindex: what is never asked for may be listed."""


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing is behind it."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """503 takes this instance out of the rotation."""
    checks = readiness()
    ready = set(checks.values()) <= {"ok", "spare"}
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse(ROBOTS, content_type="text/plain")
