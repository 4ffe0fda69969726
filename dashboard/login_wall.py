"""Default deny: who is not signed in gets to the routes that say so, and to nothing else.

It stands before the view is chosen, so that an address that exists and one that does not get the same answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve

from dashboard.access_tokens import may_view_here, note_use, presented_token, sign_in_with, token_of, unauthorized
from dashboard.after_answer import late_writes
from dashboard.htmx import current_path, go_to, is_htmx

OF_PEOPLE = ("/login/", "/logout/", "/account/", "/setup/", "/audit/", "/admin/")
"""Where nobody has to sign in, nobody can, and no cookie is set."""

View = Callable[[HttpRequest], HttpResponse]


class LoginWall:
    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.LOGIN_REQUIRED and (presented := presented_token(request)):
            return self._for_script(request, presented)
        if not settings.LOGIN_REQUIRED or request.user.is_authenticated or _is_open(request.path_info):
            return self.get_response(request)
        return sign_in_first(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, named: dict[str, Any]) -> None:
        """A project that one may not see answers as one that is not there."""
        if not settings.LOGIN_REQUIRED and request.path_info.startswith(OF_PEOPLE):
            raise Http404("This dashboard is run without a login.")
        if not (may_view_here(request, named["project"]) if "project" in named else token_of(request) is None):
            raise Http404("There is no project of that name.")

    def _for_script(self, request: HttpRequest, presented: str) -> HttpResponse:
        token = sign_in_with(request, presented)
        if isinstance(token, HttpResponse):
            return token
        response = self.get_response(request)
        late_writes.after(response, lambda: note_use(token))
        return response


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """To the login and back again; scripts, which cannot sign in, and htmx, which would swap the page in, get 401."""
    if request.path.endswith(".json"):
        return unauthorized("Sign in, or send an access token.")
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
