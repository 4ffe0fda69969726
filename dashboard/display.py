"""How this reader wants pages shown: choices that live in cookies, written by the script, checked here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from dashboard import clock
from dashboard.access import visible_projects

PUBLIC = "/s/"
"""What is below it is for everybody who has a share link."""


@dataclass(frozen=True)
class Display:
    theme: str
    zone: clock.Zone
    local: bool
    inputs: bool
    markdown: bool
    """Texts of a completion as Markdown: the address may say so, else what was chosen last."""
    system_open: bool
    """System prompts are shown whole."""

    @property
    def columns(self) -> int:
        """Of the list; the input column can be switched off."""
        return 8 if self.inputs else 7

    @property
    def zone_label(self) -> str:
        return clock.offset(datetime.now(self.zone))


def read_display(request: HttpRequest) -> Display:
    cookies = request.COOKIES
    local = cookies.get("clock") != "utc"
    zone = clock.zone_named(cookies.get("tz", "") if local else "UTC")
    theme = cookies.get("theme", "")
    return Display(
        theme=theme if theme in {"light", "dark"} else "",
        zone=zone,
        local=local and bool(cookies.get("tz")),
        inputs=settings.INPUT_PREVIEWS and cookies.get("inputs") != "off",
        markdown=request.GET.get("as", cookies.get("as", "")) == "markdown",
        system_open=cookies.get("system") == "open",
    )


def is_public(request: HttpRequest) -> bool:
    return request.path_info.startswith(PUBLIC)


def display(request: HttpRequest) -> dict[str, Any]:
    """Context processor: what the frame of every page shows."""
    name = request.resolver_match.kwargs.get("project", "") if request.resolver_match else ""
    visible = visible_projects(request.user) if hasattr(request, "user") else {}
    return {
        "display": read_display(request),
        "public": is_public(request),
        "sharing": settings.SHARING,
        "project": visible.get(name),
        "projects": visible.values(),
        "previews_offered": settings.INPUT_PREVIEWS,
    }
