"""Change of password, for those who have one: others sign in with a provider."""

from __future__ import annotations

from typing import cast

from allauth.account import views as account
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse


def change(request: HttpRequest) -> HttpResponse:
    if not cast(User, request.user).has_usable_password():
        raise Http404("This account has no password.")
    return cast(HttpResponse, account.password_change(request))
