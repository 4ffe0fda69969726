"""Fragment or page; the only reader of HX-* request headers, and the writer of the HX-* answers we use."""

from __future__ import annotations

from typing import TypeVar, cast

from django.http import HttpRequest, HttpResponse
from django_htmx.http import HttpResponseClientRefresh, push_url, replace_url, reswap, retarget
from django_htmx.middleware import HtmxDetails

Response = TypeVar("Response", bound=HttpResponse)

__all__ = [
    "current_path",
    "go_to",
    "is_htmx",
    "keep_target",
    "push_url",
    "reload_page",
    "replace_url",
    "to_toasts",
    "wants_fragment",
]


def wants_fragment(request: HttpRequest) -> bool:
    """Whole pages go to browsers that navigate, and to htmx when it navigates or restores history for them."""
    details = cast(HtmxDetails, request.htmx)  # type: ignore[attr-defined]
    return bool(details) and not details.boosted and not details.history_restore_request


def to_toasts(response: Response) -> Response:
    """For an error that has no place of its own on the page."""
    return reswap(retarget(response, "#toasts"), "beforeend")


def keep_target(response: Response) -> Response:
    """What the request aimed at stays as it is; only out-of-band parts of the answer are taken."""
    return reswap(response, "none")


def reload_page() -> HttpResponse:
    """The browser loads the page that it is on once more."""
    return HttpResponseClientRefresh()


def is_htmx(request: HttpRequest) -> bool:
    return bool(cast(HtmxDetails, request.htmx))  # type: ignore[attr-defined]


def current_path(request: HttpRequest) -> str:
    """The address of the page that htmx is on, without its host; `/` where it is of another site."""
    try:
        return cast(HtmxDetails, request.htmx).current_url_abs_path or "/"  # type: ignore[attr-defined]
    except ValueError:  # it cannot be read as an address
        return "/"


def go_to(url: str, status: int) -> HttpResponse:
    """htmx leaves the page for this address."""
    return HttpResponse(status=status, headers={"HX-Redirect": url})
