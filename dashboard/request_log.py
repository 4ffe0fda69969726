"""One line in the log for each request. It names the route and never the address, whose parts are content."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse

from dashboard.log_lines import REQUEST_ID
from dashboard.middleware import PROBES
from dashboard.upstream.tally import Tally, counting

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})

Response = HttpResponse | StreamingHttpResponse
View = Callable[[HttpRequest], Response]

logger = logging.getLogger("dashboard.requests")


def request_log(get_response: View) -> View:
    """The outermost middleware: whatever answers, there is a line, and the answer names its id.

    An answer that is sent in pieces is logged at its end, with the upstream calls that were made meanwhile.
    """

    def middleware(request: HttpRequest) -> Response:
        began = time.monotonic()
        request.META[REQUEST_ID] = secrets.token_hex(8)
        with counting() as tally:
            response = get_response(request)
        response.headers["X-Request-ID"] = request.META[REQUEST_ID]
        if isinstance(response, StreamingHttpResponse):
            _log_at_its_end(request, response, tally, began)
        else:
            _log(request, response, tally, began, len(response.content))
        return response

    return middleware


def _log_at_its_end(request: HttpRequest, response: StreamingHttpResponse, tally: Tally, began: float) -> None:
    sent = 0

    def counted(pieces: Iterator[bytes]) -> Iterator[bytes]:
        nonlocal sent
        with counting(tally):
            for piece in pieces:
                sent += len(piece)
                yield piece

    if isinstance(response, FileResponse) and response.file_to_stream:
        sent = int(response.headers["Content-Length"])  # it goes to the socket without passing here
    else:
        response.streaming_content = counted(iter(response))
    # The list by which Django closes what an answer has opened; the last of it is called when all was sent.
    response._resource_closers.append(  # type: ignore[attr-defined]
        lambda: _log(request, response, tally, began, sent)
    )


def _log(request: HttpRequest, response: Response, tally: Tally, began: float, sent: int) -> None:
    fields: dict[str, Any] = {
        "request_id": request.META[REQUEST_ID],
        "route": _route(request),
        "method": request.method if request.method in METHODS else "(other)",
        "status": response.status_code,
        "ms": round((time.monotonic() - began) * 1000, 1),
        "bytes": sent,
        "upstream_calls": tally.calls,
        "upstream_ms": round(tally.seconds * 1000, 1),
        "upstream_bytes": tally.received,
        "upstream_kind": tally.kind,
        "upstream_request_ids": tally.request_ids,
    }
    logger.log(_level(request, response.status_code), "request", extra={"fields": fields})


def _route(request: HttpRequest) -> str:
    """The pattern of urls.py. Probes and static files are answered before one is looked for."""
    if request.resolver_match:
        return f"/{request.resolver_match.route}"
    if request.path in PROBES:
        return request.path
    return f"{settings.STATIC_URL}…" if request.path.startswith(settings.STATIC_URL) else "(no route)"


def _level(request: HttpRequest, status: int) -> int:
    """A failure of ours is an error, one of the API a warning; what probes and pages load beside is for debugging."""
    if status >= 500:
        return logging.ERROR if status == 500 else logging.WARNING
    beside = request.path in PROBES or request.path.startswith(settings.STATIC_URL)
    return logging.DEBUG if beside else logging.INFO
