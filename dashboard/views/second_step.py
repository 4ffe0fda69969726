"""The second step of a sign-in: a code or a security key, or giving it up."""

from __future__ import annotations

from typing import cast

from allauth.account.internal.stagekit import clear_login
from allauth.mfa.base.views import authenticate
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    if request.method == "POST" and "cancel" in request.POST:
        clear_login(request)
        return redirect("account_login")
    return cast(HttpResponse, authenticate(request))
