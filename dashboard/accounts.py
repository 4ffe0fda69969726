"""How allauth behaves here: accounts are made by administrators, and nothing is sent by mail."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from dashboard.client_address import client_address, network

SELF_EVIDENT = {f"account/messages/{what}.txt" for what in ("logged_in", "logged_out", "password_changed")}


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, object]) -> None:
        """A dashboard without a mail server works, too."""

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *how: Any, **more: Any
    ) -> None:
        """Only what the pages of the account show; anything else would wait in a cookie for ever."""
        if message_template not in SELF_EVIDENT:
            super().add_message(request, level, message_template, *how, **more)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        return refused(request, "Your account is switched off", "An administrator can switch it on again.", status=403)

    def is_safe_url(self, url: str | None) -> bool:
        """Of this very host; allauth takes all that are allowed, and fails for what cannot be read as an address."""
        request = self.request
        return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return "/account/password/?changed"

    def get_client_ip(self, request: HttpRequest) -> str:
        """For its throttles."""
        return network(client_address(request))


class SignInForm(LoginForm):
    """With labels alone: a placeholder that repeats one says nothing more, and is gone when it is needed."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


def refused(request: HttpRequest, headline: str, detail: str, status: int, after: str = "/") -> HttpResponse:
    """A sign-in that did not come to its end, and the way back to the page that was asked for."""
    shown = {"headline": headline, "detail": detail, "after": after}
    return render(request, "account/refused.html", shown, status=status)
