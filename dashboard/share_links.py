"""Share links: made, found by their secret, counted, revoked. The secret itself is known to the answer that makes it."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import DatabaseError
from django.db.models import F, QuerySet
from django.utils import timezone

from dashboard.access import may_share
from dashboard.inspection.shared_parts import SHOWABLE, Shown
from dashboard.models import ShareLink, digest, new_secret


def make_link(
    creator: User, project: str, completion_id: str, shown: Shown, lifetime: timedelta
) -> tuple[ShareLink, str]:
    """The link, and its path: the only time that it is known."""
    secret = new_secret()
    shows: dict[str, Any] = {f"shows_{name}": getattr(shown, name) for name in SHOWABLE}
    link = ShareLink.objects.create(
        secret_digest=digest(secret),
        project=project,
        completion_id=completion_id,
        creator=creator,
        expires=timezone.now() + lifetime,
        **shows,
    )
    return link, f"/s/{secret}/"


def find_link(secret: str) -> ShareLink | None:
    return ShareLink.objects.select_related("creator").filter(secret_digest=digest(secret)).first()


def has_ended(link: ShareLink) -> bool:
    """Also when its creator may not share the project any more: somebody has to answer for it."""
    return link.is_over or not may_share(link.creator, link.project)


def count_view(link: ShareLink) -> None:
    """A database that cannot be written keeps nobody from reading."""
    with suppress(DatabaseError):
        ShareLink.objects.filter(pk=link.pk).update(views=F("views") + 1, last_view=timezone.now(), gone=None)


def note_gone(link: ShareLink) -> None:
    """The API does not have it any more. It is asked again all the same: a wrong setting can look like that, too."""
    with suppress(DatabaseError):
        ShareLink.objects.filter(pk=link.pk, gone=None).update(gone=timezone.now())


def revoke(links: QuerySet[ShareLink], person: User) -> int:
    """Those that have not ended by themselves; how many."""
    return revocable(links).update(revoked=timezone.now(), revoked_by=person)


def revocable(links: QuerySet[ShareLink]) -> QuerySet[ShareLink]:
    return links.filter(revoked=None, expires__gt=timezone.now())


def links_of(person: User, *, everyone: bool = False) -> QuerySet[ShareLink]:
    every = ShareLink.objects.select_related("creator", "revoked_by")
    return every if everyone and person.is_superuser else every.filter(creator=person)
