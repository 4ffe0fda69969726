"""A share link as lists show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from dashboard import clock
from dashboard.access import may_share
from dashboard.completion_frame import short_id
from dashboard.forms import ListQuery
from dashboard.inspection.shared_parts import SHOWABLE
from dashboard.models import ShareLink
from dashboard.share_form import WORDS


@dataclass(frozen=True, slots=True)
class Row:
    """`state` is one word or two, `is_open` whether the link still leads anywhere. Times are those of the reader."""

    link: ShareLink
    short_id: str
    url: str
    shows: str
    created: str
    expires: str
    last_view: str
    state: str
    is_open: bool


def row(link: ShareLink, zone: clock.Zone) -> Row:
    state = state_of(link)
    more = [WORDS[name][0].lower() if name != "json" else "JSON" for name in SHOWABLE if getattr(link.shown, name)]
    return Row(
        link,
        short_id(link.completion_id),
        ListQuery(link.project).completion_url(link.completion_id),
        ", ".join(["answer", *more]),
        _written(link.created, zone),
        _written(link.expires, zone),
        _written(link.last_view, zone) if link.last_view else "",
        state,
        state in ("open", "gone from the API"),
    )


def state_of(link: ShareLink) -> str:
    if link.revoked:
        return "revoked"
    if link.expires <= timezone.now():
        return "expired"
    if not may_share(link.creator, link.project):
        return "closed: its maker may not share"
    return "gone from the API" if link.gone else "open"


def _written(moment: datetime, zone: clock.Zone) -> str:
    return clock.full(clock.moment(int(moment.timestamp()), zone))
