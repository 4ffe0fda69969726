"""How allauth speaks to the OpenID Connect provider here, and what a sign-in there changes: account, groups, rights.

Can be imported only while DASHBOARD_OIDC_ISSUER is set. allauth makes the calls; what it leaves to others is added:
the issuer, the nonce and the subject are held against each other, and an answer of any shape ends in a page.
"""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base import AuthError, AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.utils import build_absolute_uri
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from jwt import ExpiredSignatureError

from dashboard.accounts import refused
from dashboard.sign_in import ProviderSettings

log = logging.getLogger(__name__)
ERROR_CODES = (
    *("invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type"),
    *("unsupported_response_type", "invalid_scope", "access_denied", "server_error", "temporarily_unavailable"),
)
"""RFC 6749, 4.1.2.1 and 5.2."""
CONFIGURED = cast(ProviderSettings, settings.AUTH_PROVIDER)
DISCOVERY_SECONDS = 600
LONGEST_NAME = 150
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Exchange(OpenIDConnectOAuth2Adapter):
    """One sign-in: from the discovery document to what the provider says about a person."""

    nonce = ""

    @property
    def openid_config(self) -> dict[str, Any]:
        """Of the shared cache for ten minutes, so that the provider is asked once and not twice for each sign-in."""
        key = f"oidc:{hashlib.sha256(CONFIGURED.issuer.encode()).hexdigest()[:32]}"
        if kept := cache.get(key):
            return dict(kept)
        with _answers_as_expected():
            found = dict(super().openid_config)
            if not all(isinstance(found[name], str) for name in ENDPOINTS):
                raise TypeError
            if found["issuer"].rstrip("/") != CONFIGURED.issuer.rstrip("/"):
                raise OAuth2Error("The provider names another issuer than DASHBOARD_OIDC_ISSUER does.")
        cache.set(key, found, DISCOVERY_SECONDS)
        return found

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return str(build_absolute_uri(request, reverse("provider_callback")))

    def get_access_token_data(
        self, request: HttpRequest, app: SocialApp, client: Any, pkce_code_verifier: str | None = None
    ) -> dict[str, Any]:
        self.nonce = nonce_of(pkce_code_verifier or "")
        with _answers_as_expected():
            return dict(super().get_access_token_data(request, app, client, pkce_code_verifier))

    def parse_token(self, data: dict[str, Any]) -> SocialToken:
        with _answers_as_expected():
            return super().parse_token(data)

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        with _answers_as_expected():
            claims = self._decode_id_token(app, kwargs["response"]["id_token"])
            if claims.get("nonce") != self.nonce:
                raise OAuth2Error("The answer belongs to another sign-in.")
            if self.openid_config.get("userinfo_endpoint"):
                told = self._fetch_user_info(token.token)
                if told["sub"] != claims["sub"]:
                    raise OAuth2Error("The provider told of two different people.")
                claims |= told
            login = self.get_provider().sociallogin_from_response(request, claims)
        # People are known by issuer and subject alone.
        login.email_addresses = []
        return login


class Provider(OpenIDConnectProvider):
    oauth2_adapter_class = Exchange

    def get_pkce_params(self) -> dict[str, str]:
        """With the nonce, made of the verifier, since allauth keeps that until the answer comes."""
        params = dict(super().get_pkce_params())
        return params | {"nonce": nonce_of(params["code_verifier"])}

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, str]:
        """Name and e-mail, as far as they are texts, no longer than an account can have them."""
        fields = super().extract_common_fields(data)
        return {field: text[:LONGEST_NAME] for field, text in fields.items() if isinstance(text, str)}

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """What is kept beside the account: its groups, and nothing else of a person."""
        told = data.get(CONFIGURED.groups_claim) or []
        return {"groups": [group for group in ([told] if isinstance(told, str) else told) if isinstance(group, str)]}


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Provider:
        """The configured one, whatever is asked for: none can be added in the database."""
        return Provider(request, app=_app())

    def get_requests_session(self) -> Any:
        session = super().get_requests_session()
        # A ~/.netrc would take the place of our own authorization.
        session.auth = lambda request: request
        return session

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:
        return reverse("provider_link")

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        if CONFIGURED.opens_accounts:
            return True
        subject = sociallogin.account.uid
        detail = (
            "An administrator makes the accounts of this dashboard. Who has one with a password can sign in with it "
            f"and link it from the account menu. For the administrator: your subject is {subject}."
        )
        raise ImmediateHttpResponse(refused(request, "You have no account here", detail, status=403))

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if sociallogin.is_existing and sociallogin.state.get("process") == AuthProcess.LOGIN:
            mirror_groups(sociallogin)

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        user: User = super().save_user(request, sociallogin, form)
        mirror_groups(sociallogin)
        return user

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        state = (extra_context or {}).get("state")
        raise ImmediateHttpResponse(failed(request, error, exception, state))


def mirror_groups(sociallogin: SocialLogin) -> None:
    """Into the groups here that are named as those there, and out of all others; likewise for administrators."""
    if not CONFIGURED.groups_claim:
        return
    user, names = sociallogin.user, sociallogin.account.extra_data["groups"]
    user.groups.set(Group.objects.filter(name__in=names))
    if CONFIGURED.admins:
        user.is_staff = user.is_superuser = CONFIGURED.admins in names
        user.save(update_fields=["is_staff", "is_superuser"])


def nonce_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(f"nonce {verifier}".encode()).digest()).rstrip(b"=").decode()


def failed(
    request: HttpRequest, error: str | None, exception: Exception | None, state: dict[str, Any] | None
) -> HttpResponse:
    """A sign-in that did not come to its end, as a page. `state` is what was kept when it was begun in this browser."""
    name = CONFIGURED.name
    if state is None:
        detail = "It was begun in another browser or more than ten minutes ago, or has been used. Begin again."
        return refused(request, "This sign-in is over", detail, status=400)
    after = state.get("next") or "/"
    if error == AuthError.CANCELLED:
        detail = f"The sign-in with {name} was refused or cancelled."
        return refused(request, "You did not sign in", detail, status=403, after=after)
    if exception is None:
        log.warning("The provider answered a sign-in with the error %s", _error_code(request.GET.get("error", "")))
        detail = f"{name} answered with an error instead of a sign-in. Its administrators can see why."
        return refused(request, "The sign-in failed", detail, status=502, after=after)
    return unusable(request, exception, after)


def unusable(request: HttpRequest, exception: Exception, after: str = "/") -> HttpResponse:
    """The provider did not answer, or not with what can be believed. Why not is for the log."""
    name = CONFIGURED.name
    log.warning("A sign-in failed with %s, error %s", type(exception).__name__, _error_code(str(exception)))
    if isinstance(exception, OSError):
        detail = f"{name} cannot be reached, or fails. Try again in a moment."
        return refused(request, "No answer from the sign-in", detail, status=502, after=after)
    if isinstance(exception.__cause__, ExpiredSignatureError):
        detail = f"{name} sent an identity that is out of date. The clocks of the two servers differ, it seems."
    else:
        detail = f"{name} answered with something else than a sign-in for this dashboard. Its settings may be wrong."
    return refused(request, "The sign-in cannot be believed", detail, status=502, after=after)


def _error_code(said: str) -> str:
    """The one of OAuth that stands in a text; all else that is said may be content, and is left out of the log."""
    return next((code for code in ERROR_CODES if code in said), "unknown")


@contextmanager
def _answers_as_expected() -> Iterator[None]:
    """allauth trusts the shape of what a provider answers; a subject that is too long it calls a wrong setting."""
    try:
        yield
    except OSError:
        raise
    except (AttributeError, ImproperlyConfigured, KeyError, TypeError, ValueError):
        raise OAuth2Error("The provider's answer is not as OpenID Connect has it.") from None


def _app() -> SocialApp:
    return SocialApp(
        provider="openid_connect",
        provider_id=CONFIGURED.issuer,
        name=CONFIGURED.name,
        client_id=CONFIGURED.client_id,
        secret=CONFIGURED.client_secret,
        settings={"server_url": CONFIGURED.issuer, "oauth_pkce_enabled": True},
    )
