"""One GET over one `requests.Session`, bounded in time and size; the only place that turns a fault into an error.

`requests` has no total timeout: dripped headers, a dripped body and endless `100 Continue` outlive its
connect and read timeouts. So a watchdog shuts the socket when the deadline has passed. Errors are raised
by `Transport.get`, outside every frame that holds the key, and without the exception that caused them.
"""

from __future__ import annotations

import http.client
import re
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import quote, urlencode

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from dashboard.upstream.errors import (
    BrokenOff,
    NotHttp,
    ProxyRefused,
    Redirected,
    TimedOut,
    TlsFailed,
    TooLarge,
    Unreachable,
    UpstreamError,
    WronglyEncoded,
)
from dashboard.upstream.tally import note_call
from dashboard.upstream.watchdog import Deadline, WatchedPool, WatchedTlsPool, watchdog

CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0
MEGABYTE = 1_000_000
LARGEST_ERROR = MEGABYTE
"""The body of an answer other than 200; what a longer one says is not read."""
LONGEST_WAIT = 120.0
"""Seconds. A Retry-After beyond it is taken for this."""
WATCHED_POOLS = {"http": WatchedPool, "https": WatchedTlsPool}
DECODABLE = re.compile(r"(identity|(x-)?gzip|deflate|[, ])*")
_CHUNK = 65_536


class KeyAuth(AuthBase):
    """Puts the key, if there is one, into one header. An `auth` object also keeps `~/.netrc` out of the request."""

    def __init__(self, key: str, header: str = "Authorization") -> None:
        self._value = f"Bearer {key}" if key and header == "Authorization" else key
        self._header = header

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._value:
            request.headers[self._header] = self._value
        return request

    def __repr__(self) -> str:
        return f"KeyAuth({self._header})"


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """A whole answer: the decoded body is exactly what the server sent after Content-Encoding.

    It has no repr, because error reports print the variables of frames, and a 401 can repeat the key.
    """

    status: int
    content_type: str
    body: bytes
    request_id: str
    retry_after: float | None


@dataclass(frozen=True, slots=True)
class Way:
    """How calls leave this machine: host and port of the outgoing proxy, and the path of the certificates that are
    trusted instead of the public ones; both are empty when there is none."""

    proxy: str
    certificates: str


class WatchedAdapter(HTTPAdapter):
    """The adapter of requests over pools whose connections report to the watchdog; it never retries."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = WATCHED_POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        if isinstance(manager, urllib3.ProxyManager):  # a SOCKS proxy is reached by pools of its own
            manager.pool_classes_by_scheme = WATCHED_POOLS
        return manager


class OneAnswerSession(requests.Session):
    """Even when told not to follow a redirect, requests prepares for it: reads its whole body, however large it
    is, and looks for credentials of the new host. Here no answer leads anywhere."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


class Transport:
    """GET below one base URL. `session` is shared by threads: it keeps no cookies and no other state."""

    def __init__(
        self,
        base_url: str,
        *,
        auth: AuthBase,
        headers: dict[str, str],
        fixed_query: tuple[tuple[str, str], ...] = (),
        adapter: requests.adapters.BaseAdapter | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._fixed_query = fixed_query
        self._session = OneAnswerSession()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.auth = auth
        self._session.headers.update({"Accept": "application/json", "Accept-Encoding": "gzip", **headers})
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, WatchedAdapter(pool_maxsize=32))
        if adapter is not None:
            self._session.mount(self.base_url, adapter)

    def way(self) -> Way:
        """As the environment says at this moment; it may change before the next call."""
        found = self._session.merge_environment_settings(self.base_url, {}, None, None, None)
        proxy = requests.utils.select_proxy(self.base_url, found["proxies"]) or ""
        return Way(_host_of(proxy), found["verify"] if isinstance(found["verify"], str) else "")

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
        began = time.monotonic()
        outcome = self._exchange(url, largest, deadline)
        note_call(time.monotonic() - began, len(outcome.body) if isinstance(outcome, Answer) else 0)
        if isinstance(outcome, UpstreamError):
            raise outcome
        return outcome

    def _exchange(self, url: str, largest: int, deadline: Deadline) -> Answer | UpstreamError:
        if not (left := deadline.left()):
            return TimedOut(f"Nothing was left of the {deadline.seconds:.2g} seconds.")
        timeouts = (min(CONNECT_SECONDS, left), min(READ_SECONDS, left))
        try:
            with (
                watchdog(left) as call,
                self._session.get(url, timeout=timeouts, stream=True, allow_redirects=False) as response,
            ):
                outcome = _receive(response, largest)
                # A shut socket looks like the end of the headers, or of a body without a length.
                return _timed_out(deadline) if call.over else outcome
        except (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            OSError,
            ValueError,
        ) as error:
            return fault(error, deadline)


def _host_of(proxy: str) -> str:
    """Whatever stands before the last @ may be a password, even one with a slash in it."""
    return _printable(proxy.rpartition("@")[2].rpartition("://")[2].partition("/")[0])


def _receive(response: requests.Response, largest: int) -> Answer | UpstreamError:
    status, headers = response.status_code, response.headers
    request_id = _printable(headers.get("x-request-id", ""))
    if 300 <= status < 400 and status != 304:
        return Redirected(upstream_status=status, request_id=request_id)
    encoding = _printable(headers.get("content-encoding", "")).lower()
    if status == 200 and not DECODABLE.fullmatch(encoding):
        return WronglyEncoded(f"It is compressed as {encoding}, which was not asked for.", request_id=request_id)
    body = _read(response, largest if status == 200 else LARGEST_ERROR)
    if body is None and status == 200:
        detail = f"It is larger than {largest // MEGABYTE} MB."
        return TooLarge(detail, upstream_status=status, request_id=request_id)
    return Answer(
        status=status,
        content_type=_printable(headers.get("content-type", "")),
        body=body or b"",
        request_id=request_id,
        retry_after=_retry_after(headers),
    )


def _read(response: requests.Response, largest: int) -> bytes | None:
    """The decoded body; None when there is more of it than that."""
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > largest:
            return None
    return bytes(body)


def _printable(value: str) -> str:
    return re.sub(r"[^\x20-\x7e]", "", value)[:200]


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait: milliseconds, seconds or a date, whichever is there; 0 for a date that is over, None for none."""
    milliseconds, value = _number(headers.get("retry-after-ms", "")), headers.get("retry-after", "")
    seconds = _number(value) if milliseconds is None else milliseconds / 1000
    seconds = _until(value) if seconds is None else seconds
    return None if seconds is None else min(max(seconds, 0.0), LONGEST_WAIT)


def _number(value: str) -> float | None:
    return float(value) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value) else None


def _until(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp() - time.time()
    except (ValueError, OverflowError):
        return None


# What went wrong, found by the innermost cause: requests wraps urllib3, which wraps the socket.


def fault(error: BaseException, deadline: Deadline) -> UpstreamError:
    """The error to raise for an exception of requests. Nothing of the exception's own text gets into it."""
    if not deadline.left() or _any_cause(error, _TIMEOUTS):
        return _timed_out(deadline)
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return BrokenOff("Its compression was damaged.")
    if isinstance(error, requests.exceptions.ChunkedEncodingError) or _any_cause(error, ssl.SSLEOFError):
        return BrokenOff("The connection ended before the answer did.")
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return TlsFailed(_CERTIFICATES.get(cause.verify_code, "Its TLS certificate was not accepted."))
    for kind, (made, sentence) in _CAUSES.items():
        if _any_cause(error, kind):
            return made(sentence)
    return Unreachable("The connection failed.")


# Not TimeoutError of urllib3, which a refused connection is too.
_TIMEOUTS = (requests.Timeout, urllib3.exceptions.ReadTimeoutError, TimeoutError)
# In this order, since a later one may be the cause of an earlier one, or its base class.
_CAUSES: dict[type[BaseException], tuple[type[Unreachable], str]] = {
    requests.exceptions.ProxyError: (ProxyRefused, "The outgoing proxy refused the request, or cannot be reached."),
    urllib3.exceptions.NameResolutionError: (Unreachable, "Its name could not be found."),
    requests.exceptions.SSLError: (TlsFailed, "The TLS handshake failed: it may not speak https here."),
    ConnectionRefusedError: (Unreachable, "The connection was refused."),
    http.client.RemoteDisconnected: (Unreachable, "It closed the connection without an answer."),
    ConnectionResetError: (Unreachable, "The connection was reset."),
    http.client.HTTPException: (NotHttp, "What came back was not HTTP."),
}
# Numbers of OpenSSL: X509_V_ERR_…
_CERTIFICATES = {
    9: "Its TLS certificate is not valid yet.",
    10: "Its TLS certificate has expired.",
    18: "Its TLS certificate is signed by itself, and not trusted here.",
    19: "Its TLS certificate comes from an authority that is not trusted here.",
    20: "Its TLS certificate comes from an authority that is not trusted here.",
    62: "Its TLS certificate is for another host name.",
    64: "Its TLS certificate is for another address.",
}


def _timed_out(deadline: Deadline) -> TimedOut:
    return TimedOut(f"No whole answer within {deadline.seconds - deadline.left():.2g} seconds.")


def _any_cause(error: BaseException, kinds: type[BaseException] | tuple[type[BaseException], ...]) -> bool:
    return any(isinstance(cause, kinds) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception, what it was raised from, and what urllib3 put into `reason` or the arguments."""
    seen: set[int] = set()
    waiting: list[Any] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
