"""The site with views that fail, each with a secret in its hands."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path

from dashboard.upstream.client import Client
from dashboard.upstream.demo.adapter import BASE_URL, DemoAdapter
from dashboard.urls import handler500
from dashboard.urls import urlpatterns as site

CANARY = "sk-CANARY-0123456789abcdefghijklmnopqrstuvwxyz"


def fails(request: HttpRequest, named: str) -> HttpResponse:
    upstream = {"bearer": CANARY}
    try:
        raise LookupError(f"nothing for {upstream}")
    except LookupError as error:
        raise ValueError(f"{CANARY} cannot be sent") from error


def streams(request: HttpRequest) -> StreamingHttpResponse:
    """Asks the API while it is being sent."""

    def pieces() -> Iterator[bytes]:
        yield b"first "
        Client(BASE_URL, adapter=DemoAdapter()).list(order="desc", limit=1)
        yield b"second"

    return StreamingHttpResponse(pieces(), content_type="text/plain")


__all__ = ["handler500", "urlpatterns"]
urlpatterns = [path("fails/<str:named>/", fails), path("streams/", streams), *site]
