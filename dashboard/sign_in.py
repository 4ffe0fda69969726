"""Environment variables -> how people sign in beside a password. Pure, as configuration.py is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from importlib.util import find_spec
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from dashboard.configuration import LOOPBACK_HOSTS, Environment, read_secret, read_switch

ISSUER = r"https?://([A-Za-z0-9.-]+|\[::1\])(:[0-9]+)?(/[!\"$->@-~]*)?"
LONGEST_ISSUER = 200
"""Characters; accounts are kept with it."""


@dataclass(frozen=True)
class ProviderSettings:
    """One OpenID Connect provider.

    `groups_claim` is empty where its groups are of no account here, `admins` where none of them makes administrators.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str
    groups_claim: str
    admins: str
    opens_accounts: bool

    @property
    def origin(self) -> str:
        parts = urlsplit(self.issuer)
        return f"{parts.scheme}://{parts.netloc}"


def read_provider(environment: Environment) -> ProviderSettings | None:
    """None where no DASHBOARD_OIDC_ISSUER is set, and nothing else of it either."""
    issuer = environment.get("DASHBOARD_OIDC_ISSUER", "").strip()
    client_id = environment.get("DASHBOARD_OIDC_CLIENT_ID", "").strip()
    client_secret = read_secret(environment, "DASHBOARD_OIDC_CLIENT_SECRET")
    name = environment.get("DASHBOARD_OIDC_NAME", "").strip()
    groups_claim = environment.get("DASHBOARD_OIDC_GROUPS_CLAIM", "").strip()
    admins = environment.get("DASHBOARD_OIDC_ADMINS", "").strip()
    opens_accounts = read_switch(environment, "DASHBOARD_OIDC_SIGNUP", default=False)
    needed = {
        "DASHBOARD_OIDC_ISSUER": issuer,
        "DASHBOARD_OIDC_CLIENT_ID": client_id,
        "DASHBOARD_OIDC_CLIENT_SECRET": client_secret,
    }
    others = {
        "DASHBOARD_OIDC_NAME": name,
        "DASHBOARD_OIDC_GROUPS_CLAIM": groups_claim,
        "DASHBOARD_OIDC_ADMINS": admins,
        "DASHBOARD_OIDC_SIGNUP": opens_accounts,
    }
    if not any(needed.values()) and not any(others.values()):
        return None
    _refuse_half_set(needed, others)
    if admins and not groups_claim:
        raise ImproperlyConfigured("DASHBOARD_OIDC_ADMINS needs DASHBOARD_OIDC_GROUPS_CLAIM to be set as well.")
    _check_issuer(issuer)
    require_packages("DASHBOARD_OIDC_ISSUER", "sso", "jwt", "oauthlib")
    return ProviderSettings(
        issuer, client_id, client_secret, name or "single sign-on", groups_claim, admins, opens_accounts
    )


def read_password_login(environment: Environment, *, has_provider: bool) -> bool:
    takes_passwords = read_switch(environment, "DASHBOARD_PASSWORD_LOGIN", default=True)
    if not takes_passwords and not has_provider:
        raise ImproperlyConfigured("DASHBOARD_PASSWORD_LOGIN may be off only while DASHBOARD_OIDC_ISSUER is set.")
    return takes_passwords


def read_second_factor(environment: Environment) -> str:
    """`on`, `required` (of administrators), or empty."""
    value = environment.get("DASHBOARD_MFA", "").strip().lower()
    if value not in {"", "off", "on", "required"}:
        raise ImproperlyConfigured("DASHBOARD_MFA must be off, on or required.")
    if value in {"", "off"}:
        return ""
    require_packages("DASHBOARD_MFA", "mfa", "fido2", "qrcode")
    return value


def require_packages(variable: str, extra: str, *packages: str) -> None:
    if not all(find_spec(package) for package in packages):
        raise ImproperlyConfigured(f"{variable} needs packages that are not installed: pip install -e '.[{extra}]'.")


def _refuse_half_set(needed: dict[str, str], others: dict[str, object]) -> None:
    present = next(variable for variable, value in (needed | others).items() if value)
    for variable, value in needed.items():
        if not value:
            raise ImproperlyConfigured(f"{variable} is not set, though {present} is.")


def _check_issuer(issuer: str) -> None:
    try:
        parts = urlsplit(issuer)
        is_sound = bool(re.fullmatch(ISSUER, issuer)) and parts.port != 0
    except ValueError:
        is_sound = False
    if not is_sound:
        raise ImproperlyConfigured("DASHBOARD_OIDC_ISSUER must be an address such as https://host/path.")
    if parts.scheme == "http" and parts.netloc.removesuffix(f":{parts.port}") not in LOOPBACK_HOSTS:
        raise ImproperlyConfigured("DASHBOARD_OIDC_ISSUER must begin with https.")
    if len(issuer) > LONGEST_ISSUER:
        raise ImproperlyConfigured(f"DASHBOARD_OIDC_ISSUER must have at most {LONGEST_ISSUER} characters.")
