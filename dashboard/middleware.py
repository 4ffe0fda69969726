"""What every answer carries, who may ask, and upstream errors -> page, fragment or JSON."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseFileResponse

from dashboard.client_address import client_address
from dashboard.display import PUBLIC, is_public
from dashboard.failures import forbidden, upstream_failed
from dashboard.media_response import SANDBOX
from dashboard.upstream.errors import UpstreamError
from dashboard.views.health import healthz, readyz

View = Callable[[HttpRequest], HttpResponse]

PROBES: dict[str, View] = {"/healthz": healthz, "/readyz": readyz}
LOOPBACK_CLIENTS = frozenset({"127.0.0.1", "::1"})
LONGEST_QUERY = 200_000
DENIED_FEATURES = ", ".join(
    f"{feature}=()"
    for feature in ("camera", "clipboard-read", "geolocation", "microphone", "payment", "usb", "browsing-topics")
)


def head_without_body(get_response: View) -> View:
    """gunicorn sends what it is given, and the client would take that for the beginning of the next answer."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.method == "HEAD":
            setattr(response, "streaming_content" if response.streaming else "content", b"")
        return response

    return middleware


def privacy_headers(get_response: View) -> View:
    """Nothing is stored, indexed or embedded; the same address may answer with a page or a fragment.

    Outermost, so that it holds for whatever answers. Static files may be kept, since they are the same for all.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
        response.headers["Permissions-Policy"] = DENIED_FEATURES
        response.headers["X-Permitted-Cross-Domain-Policies"] = "none"
        if not isinstance(response, WhiteNoiseFileResponse):
            response.headers.setdefault("Cache-Control", "no-store, private")
            patch_vary_headers(response, ["Cookie", "HX-Request", "HX-History-Restore-Request"])
            response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response

    return middleware


def raw_answers(get_response: View) -> View:
    """What is no page may do nothing that a page does, wherever it is opened; a text says how it is written."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        content_type = response.headers.get("Content-Type", "")
        if content_type.partition(";")[0] != "text/html":
            response.headers.setdefault("Content-Security-Policy", SANDBOX)
        if content_type.startswith("text/") and ";" not in content_type:
            response.headers["Content-Type"] = f"{content_type}; charset=utf-8"
        return response

    return middleware


def health_of_any_host(get_response: View) -> View:
    """Before the check of the Host header, since a probe may know the server by another name."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return PROBES.get(request.path, get_response)(request)

    return middleware


def readers_are_nobody(get_response: View) -> View:
    """A share link is all that its readers have: no cookie counts, and no other site learns the address.

    From here on the request has a path without the secret, so that nothing that is written about it holds one. The
    views are chosen by `path_info`.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not is_public(request):
            return get_response(request)
        request.COOKIES = {}
        request.path = f"{PUBLIC}…"
        response = get_response(request)
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return middleware


def short_addresses_only(get_response: View) -> View:
    """gunicorn takes any length; 16 metadata pairs as long as they may be make 110,000 characters in emoji."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if len(request.META.get("QUERY_STRING", "")) > LONGEST_QUERY:
            return render(request, "400.html", status=400)
        return get_response(request)

    return middleware


def same_site_only(get_response: View) -> View:
    """What another site makes the browser send: no form of it is taken, and no fragment given. Beside the CSRF token."""

    def middleware(request: HttpRequest) -> HttpResponse:
        is_foreign = request.headers.get("Sec-Fetch-Site", "") in {"cross-site", "same-site"}
        if is_foreign and (request.method not in {"GET", "HEAD"} or "HX-Request" in request.headers):
            return render(request, "403_foreign.html", status=403)
        return get_response(request)

    return middleware


def loopback_clients_only(get_response: View) -> View:
    """Without a login, stored completions of a real project go to this machine alone."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if (
            not settings.LOGIN_REQUIRED
            and settings.API_PROJECTS
            and not LOOPBACK_CLIENTS.issuperset({request.META.get("REMOTE_ADDR"), client_address(request)})
        ):
            return forbidden(request)
        return get_response(request)

    return middleware


class UpstreamErrors:
    """Django hands exceptions of views to `process_exception`, which only a class can have."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return upstream_failed(request, exception) if isinstance(exception, UpstreamError) else None
