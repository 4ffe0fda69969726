"""Signing in with the OpenID Connect provider: the button, the way back, and linking an account to it."""

from __future__ import annotations

from typing import cast

from allauth.account import views as account
from allauth.account.decorators import reauthentication_required
from allauth.account.utils import get_next_redirect_url
from allauth.core.ratelimit import consume_or_429
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from csp.decorators import csp_update
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from dashboard.accounts import refused
from dashboard.provider import CONFIGURED, Exchange, unusable

password_login = account.LoginView.as_view(
    extra_context={"provider": CONFIGURED, "takes_passwords": settings.PASSWORD_LOGIN}
)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@csp_update({"form-action": [CONFIGURED.origin]})
def login(request: HttpRequest) -> HttpResponse:
    """Browsers hold the whole way of a form against form-action, so that of this page names the provider, too."""
    if request.method == "POST" and "provider" in request.POST:
        return consume_or_429(request, action="login") or _leave(request, AuthProcess.LOGIN)
    if request.method == "POST" and not settings.PASSWORD_LOGIN:
        return refused(request, "No passwords here", f"Sign in with {CONFIGURED.name}.", status=403)
    return cast(HttpResponse, password_login(request))


@login_not_required
@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    try:
        view = OAuth2CallbackView.adapter_view(Exchange(request, CONFIGURED.issuer))
        return cast(HttpResponse, view(request))
    except (OAuth2Error, OSError) as error:
        return unusable(request, error)


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(allow_get=True, app="allauth.socialaccount")  # type: ignore[untyped-decorator]
def link(request: HttpRequest) -> HttpResponse:
    """Accounts with a password can be linked, and unlinked again; never by themselves, and never by e-mail."""
    user = cast(User, request.user)
    linked = SocialAccount.objects.filter(user=user, provider=CONFIGURED.issuer)
    if request.method == "POST" and "unlink" in request.POST and user.has_usable_password():
        linked.delete()
        return redirect("provider_link")
    if request.method == "POST":
        return consume_or_429(request, action="login") or _leave(request, AuthProcess.CONNECT)
    shown = {"provider": CONFIGURED, "is_linked": linked.exists()}
    return render(request, "account/provider_link.html", shown)


def _leave(request: HttpRequest, process: str) -> HttpResponse:
    """To the provider: at once where the page lets its form go there, else by a link on a page of its own."""
    provider = get_adapter().get_provider(request, CONFIGURED.issuer)
    try:
        response: HttpResponse = provider.redirect(request, process, get_next_redirect_url(request))
    except (OAuth2Error, OSError) as error:
        return unusable(request, error)
    address = response.headers["Location"]
    if process == AuthProcess.LOGIN and address.startswith(f"{CONFIGURED.origin}/"):
        return response
    return render(request, "account/provider_leave.html", {"provider": CONFIGURED, "address": address})
