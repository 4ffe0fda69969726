"""How allauth behaves here: accounts are made by administrators, and nothing is sent by mail."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm
from django.http import HttpRequest

from dashboard.client_address import client_address


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, object]) -> None:
        """A dashboard without a mail server works, too."""

    def add_message(self, *args: object, **options: object) -> None:
        """What happened is seen on the page that follows; messages would wait in a cookie."""

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return "/account/password/?changed"

    def get_client_ip(self, request: HttpRequest) -> str:
        """For its throttles."""
        return client_address(request)


class SignInForm(LoginForm):
    """With labels alone: a placeholder that repeats one says nothing more, and is gone when it is needed."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
