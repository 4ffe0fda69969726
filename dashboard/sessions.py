"""How long one stays signed in: 12 hours from the last visit, 14 days at most, and nothing of it in the way of reading."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from dashboard.access_tokens import token_of
from dashboard.after_answer import late_writes

View = Callable[[HttpRequest], HttpResponse]

BEGAN, RENEWED = "began", "renewed"
LONGEST = 14 * 24 * 3600
RENEW_AFTER = 600


def sliding_sessions(get_response: View) -> View:
    """A visit prolongs the session, every ten minutes at most; who has signed out leaves nothing in the browser."""

    def middleware(request: HttpRequest) -> HttpResponse:
        was_signed_in = request.user.is_authenticated
        if was_signed_in and time.time() - request.session.get(BEGAN, 0) > LONGEST:
            logout(request)
        response = get_response(request)
        if request.user.is_authenticated and token_of(request) is None:
            _renew(request.session, response)
        elif was_signed_in:
            response.headers["Clear-Site-Data"] = '"storage"'
        return response

    return middleware


def _renew(session: SessionBase, response: HttpResponse) -> None:
    """Saved when the answer has been sent: a database that cannot be written keeps nobody from reading."""
    if time.time() - session[RENEWED] < RENEW_AFTER:
        return
    modified = session.modified
    session[RENEWED] = int(time.time())
    session.modified = modified
    late_writes.after(response, lambda: _save(session))
    response.set_cookie(
        settings.SESSION_COOKIE_NAME,
        session.session_key or "",
        max_age=settings.SESSION_COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _save(session: SessionBase) -> None:
    with suppress(UpdateError):  # it was ended meanwhile
        session.save()


@receiver(user_logged_in)
def _began(request: HttpRequest, **_: Any) -> None:
    request.session[BEGAN] = request.session[RENEWED] = int(time.time())
