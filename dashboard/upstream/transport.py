"""One GET over one `requests.Session`, bounded in time and size; the only place that turns a fault into an error.

`requests` has no total timeout: dripped headers, a dripped body and endless `100 Continue` outlive its
connect and read timeouts. So a watchdog shuts the socket when the deadline has passed. Errors are raised
by `Transport.get`, outside every frame that holds the key, and without the exception that caused them.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import quote, urlencode

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from dashboard.upstream.errors import (
    BrokenOff,
    Redirected,
    TimedOut,
    TooLarge,
    Unreachable,
    UpstreamError,
)
from dashboard.upstream.watchdog import Deadline, WatchedPool, WatchedTlsPool, watchdog

CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0
MEGABYTE = 1_000_000
_CHUNK = 65_536


class KeyAuth(AuthBase):
    """Puts the key into one header. As an `auth` object it also keeps `~/.netrc` out of the request."""

    def __init__(self, key: str, header: str = "Authorization") -> None:
        self._value = f"Bearer {key}" if header == "Authorization" else key
        self._header = header

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers[self._header] = self._value
        return request

    def __repr__(self) -> str:
        return f"KeyAuth({self._header})"


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: the decoded body is exactly what the server sent after Content-Encoding."""

    status: int
    content_type: str
    body: bytes
    request_id: str
    retry_after: float | None
    seconds: float


class WatchedAdapter(HTTPAdapter):
    """The adapter of requests over pools whose connections report to the watchdog; it never retries."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {
            "http": WatchedPool,
            "https": WatchedTlsPool,
        }


class Transport:
    """GET below one base URL. `session` is shared by threads: it keeps no cookies and no other state."""

    def __init__(
        self,
        base_url: str,
        *,
        auth: AuthBase | None,
        headers: dict[str, str],
        fixed_query: tuple[tuple[str, str], ...] = (),
        adapter: requests.adapters.BaseAdapter | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._fixed_query = fixed_query
        self._session = requests.Session()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.auth = auth
        self._session.headers.update({"Accept": "application/json", "Accept-Encoding": "gzip", **headers})
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, WatchedAdapter(pool_maxsize=32))
        if adapter is not None:
            self._session.mount(self.base_url, adapter)

    def get(
        self,
        path: str,
        query: list[tuple[str, str]],
        *,
        largest: int,
        deadline: Deadline,
    ) -> Answer:
        """The answer, whatever its status (redirects excepted). `largest` is in bytes, decoded.

        Raises Unreachable, TimedOut, BrokenOff, TooLarge or Redirected.
        """
        # The query is part of the address from here on, since requests drops `params` of a scheme it does not know.
        url = f"{self.base_url}{path}?{urlencode([*self._fixed_query, *query], quote_via=quote)}"
        outcome = self._exchange(url, largest, deadline)
        if isinstance(outcome, UpstreamError):
            raise outcome
        return outcome

    def _exchange(self, url: str, largest: int, deadline: Deadline) -> Answer | UpstreamError:
        started = time.monotonic()
        if not (left := deadline.left()):
            return TimedOut(f"Nothing was left of the {deadline.seconds:.0f} seconds.")
        timeouts = (min(CONNECT_SECONDS, left), min(READ_SECONDS, left))
        try:
            with (
                watchdog(left),
                self._session.get(
                    url,
                    timeout=timeouts,
                    stream=True,
                    allow_redirects=False,
                ) as response,
            ):
                body = _read(response, largest)
                return body if isinstance(body, UpstreamError) else _answer(response, body, started)
        except (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            OSError,
            ValueError,
        ) as error:
            return _fault(error, deadline)


def _answer(response: requests.Response, body: bytes, started: float) -> Answer | UpstreamError:
    headers = response.headers
    request_id = _printable(headers.get("x-request-id", ""))
    if 300 <= response.status_code < 400 and response.status_code != 304:
        return Redirected(upstream_status=response.status_code, request_id=request_id)
    return Answer(
        status=response.status_code,
        content_type=_printable(headers.get("content-type", "")),
        body=body,
        request_id=request_id,
        retry_after=_seconds(headers.get("retry-after", "")),
        seconds=time.monotonic() - started,
    )


def _read(response: requests.Response, largest: int) -> bytes | UpstreamError:
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > largest:
            return TooLarge(
                f"It is larger than {largest // MEGABYTE} MB.",
                upstream_status=response.status_code,
            )
    return bytes(body)


def _printable(value: str) -> str:
    return re.sub(r"[^\x20-\x7e]", "", value)[:200]


def _seconds(value: str) -> float | None:
    """Whole seconds of a Retry-After header; other forms count as absent."""
    return min(float(value), 120.0) if value.isascii() and value.isdigit() else None


# What went wrong, found by the innermost cause: requests wraps urllib3, which wraps the socket.


def _fault(error: BaseException, deadline: Deadline) -> UpstreamError:
    if not deadline.left() or _any_cause(error, _is_timeout):
        return TimedOut(f"No whole answer within {deadline.seconds - deadline.left():.0f} seconds.")
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return BrokenOff("Its compression was damaged.")
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return BrokenOff("The connection ended before the answer did.")
    for cause, sentence in _CAUSES.items():
        if _any_cause(error, lambda one, cause=cause: isinstance(one, cause)):  # type: ignore[misc]
            return Unreachable(sentence)
    return Unreachable("The connection failed, or what came back was not HTTP.")


_CAUSES: dict[type[BaseException], str] = {
    urllib3.exceptions.NameResolutionError: "Its name could not be found.",
    requests.exceptions.ProxyError: "The outgoing proxy refused the request.",
    requests.exceptions.SSLError: "Its TLS certificate or handshake was not accepted.",
    ConnectionRefusedError: "The connection was refused.",
    ConnectionResetError: "The connection was reset.",
}


def _is_timeout(error: BaseException) -> bool:
    return isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError | TimeoutError)


def _any_cause(error: BaseException | None, matches: Callable[[BaseException], bool]) -> bool:
    return any(matches(cause) for cause in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The exception, what it was raised from, and what urllib3 put into `reason` or the arguments."""
    seen: set[int] = set()
    waiting: list[Any] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [
                one.__cause__,
                one.__context__,
                getattr(one, "reason", None),
                *one.args,
            ]
