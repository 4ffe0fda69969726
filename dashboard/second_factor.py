"""The second step at sign-in: what it is called, and that administrators may be required to have one.

Can be imported only while DASHBOARD_MFA is on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse

from dashboard.htmx import go_to, is_htmx

View = Callable[[HttpRequest], HttpResponse]


class MFAAdapter(DefaultMFAAdapter):
    def get_totp_label(self, user: User) -> str:
        return user.username

    def generate_authenticator_name(self, user: User, type: str) -> str:
        return f"Key {Authenticator.objects.filter(user=user, type=type).count() + 1}"


class SecondFactorFirst:
    """DASHBOARD_MFA=required: administrators set one up before anything else, behind the login wall. Others may."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, named: Any) -> HttpResponse | None:
        """Pages that need no login, and those of the account itself, are open."""
        if not getattr(view, "login_required", True) or request.path.startswith(("/account/", "/logout/")):
            return None
        user = cast(User, request.user)
        if not user.is_staff or has_second_factor(user):
            return None
        if request.path.endswith(".json"):
            return JsonResponse({"error": {"message": "Set up the second step of your sign-in first."}}, status=403)
        place = reverse("mfa_index")
        return go_to(place, status=403) if is_htmx(request) else redirect(place)


def has_second_factor(user: User) -> bool:
    """Recovery codes alone are none."""
    return bool(Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES).exists())
