"""Moments in words, in the zone that the reader chose. Pure functions over Unix seconds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from dashboard.upstream.records import LATEST_MOMENT

Zone = ZoneInfo


def zone_named(name: str) -> Zone:
    """The zone of an IANA name, UTC for any other text."""
    return ZoneInfo(name if name in _zone_names() else "UTC")


@cache
def _zone_names() -> frozenset[str]:
    """Kept, because the list is read from the disk, and the name comes out of a cookie."""
    return frozenset(available_timezones())


def moment(created: int, zone: Zone) -> datetime:
    return datetime.fromtimestamp(created, zone)


def offset(when: datetime) -> str:
    """`UTC` or `UTC+05:30`."""
    text = when.strftime("%z")
    return "UTC" if text == "+0000" else f"UTC{text[:3]}:{text[3:5]}"


def time_of_day(when: datetime) -> str:
    return f"{when:%H:%M:%S}"


def short(when: datetime) -> str:
    """`Sun 22 Nov, 14:02:34`"""
    return f"{when:%a} {when.day} {when:%b, %H:%M:%S}"


def full(when: datetime) -> str:
    """`Sun 22 Nov 2026, 14:02:34 UTC+01:00`"""
    return f"{when:%a} {when.day} {when:%b %Y, %H:%M:%S} {offset(when)}"


def utc(when: datetime) -> str:
    """`13:02:34 UTC`, with the date where it differs from the one in the zone; empty where the zone is UTC itself."""
    if not when.utcoffset():
        return ""
    there = when.astimezone(UTC)
    return f"{there:%H:%M:%S} UTC" if there.date() == when.date() else f"{short(there)} UTC"


def day_name(day: date, today: date) -> tuple[str, str]:
    """`("Today", "Sunday 22 November")`; a day of another year carries it."""
    name = {today: "Today", today - timedelta(days=1): "Yesterday"}.get(day, "")
    written = f"{day:%A} {day.day} {day:%B}" + ("" if day.year == today.year else f" {day.year}")
    return (name, written) if name else (written, "")


def ago(created: int, now: float) -> str:
    """`18 minutes ago`; `in 2 hours` for a moment to come."""
    seconds = int(now) - created
    distance = abs(seconds)
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        if distance >= size:
            count = distance // size
            words = f"{count} {unit}{'s' if count > 1 else ''}"
            return f"{words} ago" if seconds > 0 else f"in {words}"
    return "now"


def expiry(expires_at: int, now: float, zone: Zone) -> str:
    """How long a recording can be used in another request, and what holds after that."""
    if not 0 <= expires_at <= LATEST_MOMENT:
        return f"expires at {expires_at}"
    when = moment(expires_at, zone)
    if expires_at <= now:
        return f"Expired {ago(expires_at, now)} ({short(when)}); this copy is the stored one"
    return f"Reusable in a conversation for another {ago(expires_at, now).removeprefix('in ')} (until {short(when)})"
