"""What allauth leaves open on its pages is closed here."""

from __future__ import annotations

from typing import cast

from allauth.account import views as allauth
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse


def sign_out(request: HttpRequest) -> HttpResponse:
    """For who is signed in; allauth shows its page to anybody."""
    return cast(HttpResponse, allauth.logout(request))


def change_password(request: HttpRequest) -> HttpResponse:
    """Who signs in elsewhere has no password here, and is offered none."""
    if not cast(User, request.user).has_usable_password():
        raise Http404("This account has no password.")
    return cast(HttpResponse, allauth.password_change(request))
