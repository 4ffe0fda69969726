"""Default deny: who is not signed in gets to the routes that say so, and to nothing else.

It stands before the view is chosen, so that an address that exists and one that does not get the same answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve

from dashboard.access import may_view
from dashboard.htmx import current_path, go_to, is_htmx

View = Callable[[HttpRequest], HttpResponse]


class LoginWall:
    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.LOGIN_REQUIRED or request.user.is_authenticated or _is_open(request.path_info):
            return self.get_response(request)
        return sign_in_first(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, named: dict[str, Any]) -> None:
        """A project that one may not see answers as one that is not there."""
        if "project" in named and not may_view(request.user, named["project"]):
            raise Http404("There is no project of that name.")


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """To the login and back again; scripts, which cannot sign in, and htmx, which would swap the page in, get 401."""
    if request.path.endswith(".json"):
        return JsonResponse({"error": {"message": "Sign in, or send an access token."}}, status=401)
    if is_htmx(request):
        return go_to(_login_url(current_path(request)), status=401)
    return redirect(_login_url(request.get_full_path() if request.method in {"GET", "HEAD"} else "/"))


def _login_url(after: str) -> str:
    return settings.LOGIN_URL + ("" if after == "/" else f"?{urlencode({'next': after})}")


def _is_open(path: str) -> bool:
    """Whether the view behind it is marked as one that needs no login."""
    try:
        view = resolve(path).func
    except Resolver404:
        return False
    return not getattr(view, "login_required", True)
