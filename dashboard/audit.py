"""Who did what: one row each, written when the answer has been sent. Never content, what was searched for, or a secret.

That something was read is told by its route, so that no view of a completion has to; what changes something calls
`record`. While the database cannot be written, reading goes on (see after_answer.py).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.account.signals import password_changed
from cachetools import TTLCache
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from dashboard.access_tokens import token_of
from dashboard.after_answer import late_writes
from dashboard.client_address import client_address, shortened
from dashboard.htmx import wants_fragment
from dashboard.models import AccessToken, AuditEvent, ShareLink
from dashboard.shared_memory import shared_memory
from dashboard.upstream.records import ID

View = Callable[[HttpRequest], HttpResponse]

VIEWED, LISTED, EXPORTED = "viewed", "listed", "exported"
SHARED, SHARE_VIEWED, SHARE_ENDED, REVOKED = "shared", "share-viewed", "share-ended", "revoked"
TOKEN_MADE, TOKEN_REVOKED = "token-made", "token-revoked"
SIGNED_IN, SIGNED_OUT, SIGN_IN_FAILED = "signed-in", "signed-out", "sign-in-failed"
PASSWORD_CHANGED, SET_UP = "password-changed", "set-up"
ACTIONS = (
    *(VIEWED, LISTED, EXPORTED, SHARED, SHARE_VIEWED, SHARE_ENDED, REVOKED, TOKEN_MADE, TOKEN_REVOKED),
    *(SIGNED_IN, SIGNED_OUT, SIGN_IN_FAILED, PASSWORD_CHANGED, SET_UP),
)

READING = {
    "completions.listing": LISTED,
    "completions.listing_json": LISTED,
    "completion.completion": VIEWED,
    "completion.markdown": VIEWED,
    "completion.completion_json": VIEWED,
    "completion.messages_json": VIEWED,
    "logprobs.logprobs": VIEWED,
    "logprobs.tokens_csv": VIEWED,
    "document.json_tab": VIEWED,
    "code.code": VIEWED,
    "code.run": VIEWED,
    "panel.panel": VIEWED,
    # The form that makes a link says what it found, and its preview shows the completion.
    "sharing.share": VIEWED,
    "shares.transcript": VIEWED,
    "shares.logprobs": VIEWED,
    "shares.json_tab": VIEWED,
}
PARTS = {
    "completions.inputs": LISTED,
    "completion.messages": VIEWED,
    "logprobs.token": VIEWED,
    "document.text": VIEWED,
    "document.media": VIEWED,
    "shares.messages": VIEWED,
    "shares.text": VIEWED,
    "shares.media": VIEWED,
    "shares.token": VIEWED,
}
"""What a page fetches later: no row of its own, unless the page itself was not read before."""
SAYS_NOTHING = {
    *("completions.home", "completion.there", "neighbours.newer", "neighbours.older"),
    "examination.examination",
}
"""None of them shows content."""

DAY = 24 * 3600
FORGOTTEN = "audit:forgotten"

_read: TTLCache[tuple[Any, ...], bool] = TTLCache(10_000, 600)
"""By whom, what, in this process."""


def audit(get_response: View) -> View:
    """Writes down what was done in a request, once its status is known."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not settings.LOGIN_REQUIRED:
            return response
        _note_reading(request, response.status_code)
        if events := _noted(request):
            for event in events:
                event.status = response.status_code
            late_writes.after(response, lambda: _write(events))
        return response

    return middleware


def record(
    request: HttpRequest,
    action: str,
    *,
    project: str = "",
    completion_id: str = "",
    person: User | None = None,
    share_link: ShareLink | None = None,
    access_token: AccessToken | None = None,
) -> None:
    """Note an action of ACTIONS for this request; the person is whoever is signed in, unless named."""
    signed_in = getattr(request, "user", None)
    if person is None and isinstance(signed_in, User):
        person = signed_in
    event = AuditEvent(
        action=action,
        person=person,
        name=person.get_username() if person else "",
        share_link=share_link,
        access_token=access_token or token_of(request),
        project=project,
        completion_id=completion_id,
        address=shortened(client_address(request)),
        request_id=request.META.get("dashboard.request_id", ""),
    )
    _noted(request).append(event)


def forget_old() -> None:
    AuditEvent.objects.filter(at__lt=timezone.now() - timedelta(days=settings.AUDIT_DAYS)).delete()


def _note_reading(request: HttpRequest, status: int) -> None:
    match = request.resolver_match
    if match is None or not isinstance(request.user, User):
        return
    view = f"{match.func.__module__}.{match.func.__name__}".removeprefix("dashboard.views.")
    action = READING.get(view) or PARTS.get(view, "")
    project, completion_id = match.kwargs.get("project", ""), match.kwargs.get("completion_id", "")
    if action and not (_is_part(request, view) and _reader(request, action, project, completion_id) in _read):
        _note(request, action, project, completion_id, status)
    peeked = request.GET.get("peek", "")
    if view == "completions.listing" and ID.fullmatch(peeked):
        _note(request, VIEWED, project, peeked, status)


def _note(request: HttpRequest, action: str, project: str, completion_id: str, status: int) -> None:
    record(request, action, project=project, completion_id=completion_id)
    if status < 400:
        _read[_reader(request, action, project, completion_id)] = True


def _is_part(request: HttpRequest, view: str) -> bool:
    return view in PARTS or (view == "document.json_tab" and wants_fragment(request))


def _reader(request: HttpRequest, *what: str) -> tuple[Any, ...]:
    return (request.user.pk, *what)


def _noted(request: HttpRequest) -> list[AuditEvent]:
    events: list[AuditEvent] = request.__dict__.setdefault("audit_events", [])
    return events


def _write(events: list[AuditEvent]) -> None:
    AuditEvent.objects.bulk_create(events)
    if not shared_memory.get(FORGOTTEN) and shared_memory.claim(FORGOTTEN, DAY):
        forget_old()


@receiver(user_logged_in)
def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    record(request, SIGNED_IN, person=user)


@receiver(user_logged_out)
def _signed_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    record(request, SIGNED_OUT, person=user)


@receiver(user_login_failed)
def _sign_in_failed(request: HttpRequest | None = None, **_: Any) -> None:
    """What was typed as a name is not kept: it may be a password."""
    if request is not None:
        record(request, SIGN_IN_FAILED)


@receiver(password_changed)
def _password_changed(request: HttpRequest, user: User, **_: Any) -> None:
    record(request, PASSWORD_CHANGED, person=user)
