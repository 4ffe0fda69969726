"""Images and recordings out of a completion, served so that a browser can do nothing with them but show or play them."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse

from dashboard.inspection.media import data_uri, decode, describe, playable, sniff

SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


def media_response(request: HttpRequest, text: str) -> HttpResponse | None:
    """Base64 text, or a data URI, as its bytes under the type that they show themselves; None for anything else."""
    embedded = data_uri(text)
    encoded = embedded[1] if embedded else text
    data = decode(encoded)
    if not data or describe(encoded).fault:
        return None
    sniffed = sniff(data, len(data))
    if sniffed is None and embedded:
        return None
    content_type, data = (sniffed.type, data) if sniffed and sniffed.kind == "image" else playable(data)
    response = _part(request, data)
    response.headers["Content-Type"] = content_type
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Content-Encoding"] = "identity"  # compressed, a range would be one of other bytes
    response.headers["Content-Disposition"] = f'inline; filename="media.{_suffix(content_type)}"'
    return response


def _part(request: HttpRequest, data: bytes) -> HttpResponse:
    """The range that a player asked for (RFC 9110: one of bytes), else everything."""
    wanted = request.headers.get("Range", "")
    span = _span(wanted, len(data))
    if span is None:
        return HttpResponse(data)
    start, stop = span
    if start >= stop:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{len(data)}"})
    headers = {"Content-Range": f"bytes {start}-{stop - 1}/{len(data)}"}
    return HttpResponse(data[start:stop], status=206, headers=headers)


def _span(wanted: str, length: int) -> tuple[int, int] | None:
    """First byte and the one behind the last; None where the header asks for no single range."""
    match = re.fullmatch(r"bytes=([0-9]{0,18})-([0-9]{0,18})", wanted.strip())
    if not match or not (match[1] or match[2]):
        return None
    if not match[1]:
        return max(0, length - int(match[2])), length
    stop = min(int(match[2]) + 1, length) if match[2] else length
    return (int(match[1]), stop) if not match[2] or int(match[2]) >= int(match[1]) else None


def _suffix(content_type: str) -> str:
    return content_type.split("/")[1].removeprefix("x-")
