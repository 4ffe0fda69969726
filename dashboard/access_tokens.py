"""Scripts read the JSON twins with an access token: one request at a time, without a session.

A token gives what its owner may see and it names itself. One that is not good any more is told so, never treated as nobody.
"""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from dashboard.access import may_view
from dashboard.client_address import client_address, network
from dashboard.models import AccessToken, digest, new_secret
from dashboard.shared_memory import shared_memory

PREFIX = "cdash_"
"""So that whoever scans for secrets that lie about knows one of ours."""
MOST_DAYS = 365
MOST_LIVE = 20
"""Of one person: what a token may ask in a minute should not be had as often as one likes."""
USES_PER_MINUTE = 120
FAILURES_PER_MINUTE = 20
USED_AGAIN = timedelta(minutes=1)


def make_token(owner: User, name: str, projects: list[str], days: int) -> tuple[AccessToken, str]:
    """The row, and the token itself, which is not kept."""
    token = PREFIX + new_secret()
    expires = timezone.now() + timedelta(days=days)
    row = AccessToken(secret_digest=digest(token), owner=owner, name=name, projects=projects, expires=expires)
    row.save()
    return row, token


def presented_token(request: HttpRequest) -> str:
    """What a script sent instead of signing in; empty for everything but reading a twin."""
    if request.method not in {"GET", "HEAD"} or not request.path_info.endswith(".json"):
        return ""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip().startswith(PREFIX) else ""


def sign_in_with(request: HttpRequest, token: str) -> AccessToken | HttpResponse:
    """The person of this request is the owner of the token, which is given back; or the answer that says why not."""
    row = AccessToken.objects.select_related("owner").filter(secret_digest=digest(token)).first()
    if row is None or row.is_over:
        wait = shared_memory.count(f"bad-token:{network(client_address(request))}", FAILURES_PER_MINUTE, 60)
        return _too_many(wait) if wait else unauthorized("The access token is unknown, expired or revoked.")
    if wait := shared_memory.count(f"token:{row.pk}", USES_PER_MINUTE, 60):
        return _too_many(wait)
    request.user = row.owner
    request.access_token = row  # type: ignore[attr-defined]
    return row


def token_of(request: HttpRequest) -> AccessToken | None:
    return getattr(request, "access_token", None)


def may_view_here(request: HttpRequest, project: str) -> bool:
    """What the person may see, less what the token leaves out."""
    token = token_of(request)
    return may_view(request.user, project) and (token is None or project in token.projects)


def note_use(token: AccessToken) -> None:
    """To the minute, which is near enough for a page that says when it was used last."""
    now = timezone.now()
    if token.last_used is None or now - token.last_used > USED_AGAIN:
        AccessToken.objects.filter(pk=token.pk).update(last_used=now)


def unauthorized(message: str) -> JsonResponse:
    return JsonResponse({"error": {"message": message}}, status=401, headers={"WWW-Authenticate": "Bearer"})


def _too_many(seconds: int) -> JsonResponse:
    document = {"error": {"message": f"Too many requests. Try again in {seconds} seconds."}}
    return JsonResponse(document, status=429, headers={"Retry-After": str(seconds)})
