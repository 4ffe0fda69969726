"""What can go wrong upstream: one small tree, and one table from HTTP status to exception.

Each class carries what a page needs to say: `status` is the status *we* answer, `headline` and
`advice` are sentences for people, `retryable` tells whether trying again can help, `about_key` whether it matters
where the key comes from. Nothing here ever holds a header, a key, or upstream HTML.
"""

from __future__ import annotations

from typing import ClassVar


class UpstreamError(Exception):
    """The upstream did not give a usable answer.

    `detail` is the upstream's own message (redacted and cut) or our description of the fault, `code` its
    error code, `upstream_status` its HTTP status when there was one, `request_id` its `x-request-id`,
    `retry_after` seconds to wait when it named them, `endpoint` what was asked for, `key_variable` the
    environment variable that the key came from.
    """

    status: ClassVar[int] = 502
    headline: ClassVar[str] = "The API gave an unexpected answer"
    advice: ClassVar[str] = "Check the base URL. If it is right, ask whoever runs the API."
    retryable: ClassVar[bool] = True
    about_key: ClassVar[bool] = False
    is_ours: ClassVar[bool] = False
    """Whether the dashboard itself held the call back."""

    def __init__(
        self,
        detail: str = "",
        *,
        code: str = "",
        upstream_status: int | None = None,
        request_id: str = "",
        retry_after: float | None = None,
        endpoint: str = "",
        key_variable: str = "",
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code
        self.upstream_status = upstream_status
        self.request_id = request_id
        self.retry_after = retry_after
        self.endpoint = endpoint
        self.key_variable = key_variable


class Unreachable(UpstreamError):
    """No connection: name not found, refused, reset before an answer, certificate refused."""

    headline = "The API cannot be reached"
    advice = "Check the base URL and the network between this machine and the API."


class TlsFailed(Unreachable):
    """A certificate that is not accepted, or no TLS where https was to be spoken."""

    headline = "The connection to the API cannot be trusted"
    advice = "Nothing was sent. Check the base URL, the clock of this machine, and the certificates that it trusts."
    retryable = False


class NotHttp(Unreachable):
    """Bytes that are no HTTP, or headers beyond what is taken."""

    headline = "The API did not speak HTTP"
    advice = "Something else may listen at this address. Check the base URL."


class BrokenOff(UpstreamError):
    """The connection ended, or the encoding broke, in the middle of the answer."""

    headline = "The answer broke off"
    advice = "Nothing of it is shown, because half an answer looks like a whole one. Try again."


class WronglyEncoded(BrokenOff):
    """A Content-Encoding that was not asked for, and cannot be undone."""

    headline = "The answer cannot be decoded"
    advice = "A proxy may stand between this machine and the API. Check the base URL."


class TimedOut(UpstreamError):
    """No whole answer within the connect, read or total deadline; or 408 / 504 from upstream."""

    status = 504
    headline = "The API did not answer in time"
    advice = "It may be busy. Try again, or ask for fewer rows at once."


class Redirected(UpstreamError):
    """Any 3xx but 304. `requests` would follow it, and take the key along on the same host."""

    headline = "The API answered with a redirect"
    advice = "Redirects are not followed, so that the key goes nowhere else. Check the base URL."
    retryable = False


class NotJson(UpstreamError):
    """A 200 whose body is empty, not UTF-8, or not a JSON document."""

    headline = "The answer was not JSON"
    advice = "A proxy or a sign-in page may stand between this machine and the API. Check the base URL."


class CutShort(NotJson):
    """A 200 whose body is empty, or JSON that ends before its end."""

    headline = "The answer was not whole"
    advice = "Nothing of it is shown. Try again."


class WrongShape(UpstreamError):
    """A 200 with a JSON document that is no list of completions, or no completion."""

    headline = "The answer had an unexpected shape"
    advice = "The server may not offer stored completions at this address. Check the base URL."


class TooLarge(UpstreamError):
    """The decoded body passed the size cap of its call."""

    headline = "The answer is too large"
    advice = (
        "A list gets smaller with a lower page size. One completion of this size has to be fetched from the API itself."
    )
    retryable = False


class Refused(UpstreamError):
    """400 or 422: the API refuses the request itself."""

    status = 400
    headline = "The API refused the request"
    advice = "Change or remove what it names, then try again."
    retryable = False


class RequestTooLarge(UpstreamError):
    """413, 414 or 431: what we sent is longer than something on the way allows."""

    headline = "The API refused the request as too large"
    advice = "Something between this machine and the API allows shorter addresses only. Use fewer or shorter filters."
    retryable = False


class KeyRejected(UpstreamError):
    """401: a wrong key, or a key without the scope for stored completions (also 401, `code: null`)."""

    headline = "The API refused the key"
    advice = (
        "Check that the key is active, that it may read stored completions, and that it belongs to the "
        "project you want to see. Then start the dashboard again."
    )
    retryable = False
    about_key = True


class ProxyRefused(Unreachable):
    """The outgoing proxy refuses, cannot be reached, or (407) wants to know who we are."""

    advice = "Check the address of the outgoing proxy, with the user name and password in it."


class NotAllowed(UpstreamError):
    """403: a missing permission, or a country that is not served."""

    headline = "The API does not allow this"
    advice = "The key lacks a permission, or the API is not offered from this region. Ask the administrator."
    retryable = False
    about_key = True


class NotFound(UpstreamError):
    """404 for one completion: never stored, deleted, expired, another project's, or younger than about 6 s."""

    status = 404
    headline = "The API has no such completion"
    advice = (
        "It was never stored, was deleted, has expired (the API keeps completions about 30 days), or belongs "
        "to another project. A new one can take a few seconds to appear."
    )


class NoSuchRoute(UpstreamError):
    """404 or 405 where the route itself should exist."""

    headline = "The API does not offer this route"
    advice = "Check the base URL. Some servers and some keys do not offer stored completions."
    retryable = False


class CursorGone(UpstreamError):
    """404, or 400 on some servers, for a list that was to go on after a completion the API does not know."""

    status = 404
    headline = "The API does not know this place in the list"
    advice = "The completion it stands for was deleted or has expired. Go back to the beginning of the list."
    retryable = False


class RateLimited(UpstreamError):
    """429 without a billing code; `retry_after` where the API names a time."""

    status = 503
    headline = "The API limits our requests"
    advice = "It counts the requests of this key, whichever program makes them. Wait a little."


class OutOfCredit(UpstreamError):
    """429 with a billing code: waiting does not help."""

    status = 503
    headline = "The API account has no credit left"
    advice = "Ask whoever pays for the account. Trying again does not help."
    retryable = False


class Overloaded(UpstreamError):
    """503 or 529."""

    status = 503
    headline = "The API is overloaded"
    advice = "The fault is on its side. Wait a little."


class ServerFault(UpstreamError):
    """Any other 5xx, and 409."""

    headline = "The API failed"
    advice = "The fault is on its side. Try again in a moment."


class Paused(UpstreamError):
    """Our own: the API failed several times in a row and is left alone for a moment; nothing was sent."""

    status = 503
    headline = "The API has failed several times"
    advice = "It is left alone for a moment, so that it can recover. What is open stays as it is."
    is_ours = True


class Busy(UpstreamError):
    """Our own: every place for a call to the API is taken by one that waits for its answer; nothing was sent."""

    status = 503
    headline = "The dashboard is waiting for the API"
    advice = "Other requests wait for its answers, and no more are made at the same time. Try again in a moment."
    is_ours = True


BY_STATUS: dict[int, type[UpstreamError]] = {
    400: Refused,
    401: KeyRejected,
    403: NotAllowed,
    404: NotFound,
    405: NoSuchRoute,
    407: ProxyRefused,
    408: TimedOut,
    409: ServerFault,
    413: RequestTooLarge,
    414: RequestTooLarge,
    422: Refused,
    429: RateLimited,
    431: RequestTooLarge,
    500: ServerFault,
    501: ServerFault,
    502: ServerFault,
    503: Overloaded,
    504: TimedOut,
    520: ServerFault,
    529: Overloaded,
}

NO_CREDIT_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})


def error_class(status: int, code: str = "") -> type[UpstreamError]:
    """The exception for an upstream HTTP status and its error code; never for 200, nor for a redirect."""
    if status == 429 and code in NO_CREDIT_CODES:
        return OutOfCredit
    if status in BY_STATUS:
        return BY_STATUS[status]
    return ServerFault if status >= 500 else UpstreamError
