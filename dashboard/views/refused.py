"""What the dashboard refuses by itself, said in words: a form of another session, and too many attempts."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dashboard.htmx import is_htmx, to_toasts


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    if hasattr(request, "htmx") and is_htmx(request):
        words = {"headline": "The session has changed", "advice": "Load the page again, then repeat what you did."}
        return to_toasts(render(request, "_toast.html", words, status=403))
    return render(request, "403_csrf.html", status=403)


def too_many(request: HttpRequest) -> HttpResponse:
    """Of attempts to sign in, or to change a password; both are counted by the minute or by five of them."""
    if is_htmx(request):
        words = {"headline": "Too many attempts", "advice": "Wait a minute, then try again."}
        response = to_toasts(render(request, "_toast.html", words, status=429))
    else:
        response = render(request, "429.html", status=429)
    response.headers["Retry-After"] = "60"
    return response
