"""What the dashboard must answer in each case: statuses, words, upstream requests. By the ids of the shared catalogue.

Words are those that a reader can see, with white space collapsed. Where a count of requests is None, none is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tests.faults import behaviours
from tests.faults.behaviours import PLAIN_STATUSES
from tests.faults.shapes import SHAPES, Shape, body_of

LIST = "completions/"
OPENED = "completions/chatcmpl-1/"
PANEL = f"{OPENED}panel/"
TABS = tuple(f"{OPENED}{tab}" for tab in ("json/", "logprobs/", "code/", "conversation.md"))

BETTER = {
    "no-key": (200, "without any key the dashboard shows demo data instead of an error"),
    "key-non-ascii": (0, "a key that cannot be sent stops the start with one sentence, before anybody is served"),
    "client-gone": (0, "nobody is left to be answered; what counts is that the slot is free again"),
    "html-ctype-json-body": (200, "a body that is JSON is read whatever its content type says"),
    "deep-nesting": (200, "what is nested too deeply is shown as its text, and costs nothing else"),
}
"""Where we answer another status than the shared catalogue, on purpose: the status (0 for none) and the reason."""


@dataclass(frozen=True)
class Step:
    """One request to the dashboard, below its project. `requests` are those that it may cost upstream."""

    path: str
    status: int
    words: tuple[str, ...] = ()
    htmx: bool = False
    requests: int | None = None
    absent: tuple[str, ...] = ()
    body: bytes | None = None
    retry_after: tuple[int, int] | None = None


@dataclass(frozen=True)
class Case:
    """`together`: the steps go at once, since each takes long. `alone`: no other case meanwhile.

    `memory` is how many MB the workers may grow by, `recovers` whether it is healthy again within 12 seconds of its
    upstream.
    """

    id: str
    steps: tuple[Step, ...]
    together: bool = False
    alone: bool = False
    memory: int = 64
    recovers: bool = True

    @property
    def status(self) -> int:
        return self.steps[0].status


def once(retried: bool | None) -> int | None:
    """Requests of one call; None where the policy leaves it open."""
    return None if retried is None else 2 if retried else 1


def on_list(
    case: str,
    status: int,
    *words: str,
    retried: bool | None = False,
    absent: tuple[str, ...] = (),
    retry_after: tuple[int, int] | None = None,
    alone: bool = False,
    recovers: bool = True,
) -> Case:
    """The list as a page and as a fragment."""
    step = Step(LIST, status, words, requests=once(retried), absent=(*NEVER, *absent), retry_after=retry_after)
    fragment = replace(step, htmx=True, requests=None)
    return Case(case, (step, fragment), alone=alone, recovers=recovers)


def slow(case: str, status: int = 504, *words: str) -> Case:
    return replace(on_list(case, status, *(words or ("did not answer in time",)), retried=None), together=True)


NEVER = ("<script>alert", "<h1>nginx", "Sign in here", "root:x:")

UNREACHABLE = "The API cannot be reached"
UNTRUSTED = "The connection to the API cannot be trusted"
UNDECODABLE = "The answer cannot be decoded"
NOT_WHOLE = "The answer was not whole"
BROKEN_OFF = "The answer broke off"
CUT = "ended before the answer did"
NOT_HTTP = "What came back was not HTTP"
NOT_JSON = "The answer was not JSON"
SHAPE = "The answer had an unexpected shape"
TOO_LARGE = "The answer is too large"
FAILED = "The API failed"
LIMITED = "The API limits our requests"
OVERLOADED = "The API is overloaded"

TRANSPORT = [
    on_list("dns-nxdomain", 502, UNREACHABLE, "name could not be found", "dns-nxdomain.invalid", retried=None),
    on_list("dns-later", 502, UNREACHABLE, "name could not be found", retried=None),
    slow("dns-slow"),
    on_list("dns-first-address-refused", 200, "Answer 1"),
    on_list("connect-refused", 502, UNREACHABLE, "connection was refused", retried=None),
    slow("connect-blackhole"),
    slow("connect-blackhole-many"),
    on_list("empty-reply", 502, UNREACHABLE, "closed the connection without an answer", retried=True),
    on_list("reset-before-headers", 502, UNREACHABLE, "was reset", retried=True),
    on_list("reset-mid-headers", 502, UNREACHABLE, "was reset", retried=None),
    on_list("reset-mid-body", 502, BROKEN_OFF, CUT, retried=True),
    on_list("truncated-content-length", 502, BROKEN_OFF, CUT, retried=True),
    on_list("content-length-lie-large", 502, BROKEN_OFF, CUT, retried=True),
    on_list("truncated-chunks", 502, BROKEN_OFF, CUT, retried=True),
    on_list("chunks-without-end", 502, BROKEN_OFF, CUT, retried=True),
    on_list("chunk-size-damaged", 502, BROKEN_OFF, retried=None),
    on_list("garbage-bytes", 502, NOT_HTTP),
    on_list("no-status-line", 502, NOT_HTTP),
    on_list("status-line-damaged", 502, NOT_HTTP),
    on_list("huge-header", 502, NOT_HTTP),
    on_list("300-headers", 502, NOT_HTTP),
    slow("1xx-flood"),
    Case("stale-keepalive", tuple(Step(LIST, 200, ("Answer 1",)) for _ in range(4))),
    Case(
        "stale-keepalive-race",
        tuple(Step(LIST, 200, ("Answer 1",)) for _ in range(6)),
    ),
    on_list("headers-only", 502, NOT_WHOLE, "was empty", retried=None),
    on_list("proxy-407", 502, UNREACHABLE, "outgoing proxy", retried=None),
    on_list("proxy-407-tls", 502, UNREACHABLE, "proxy refused the request", retried=None),
    on_list("proxy-403-tls", 502, UNREACHABLE, "proxy refused the request", retried=None),
    slow("proxy-hangs"),
]
TLS = [
    on_list("tls-wrong-host", 502, UNTRUSTED, "certificate is for another host name", retried=None),
    on_list("tls-wrong-address", 502, UNTRUSTED, "TLS certificate", retried=None),
    on_list("tls-expired", 502, UNTRUSTED, "certificate has expired", retried=None),
    on_list("tls-not-yet-valid", 502, UNTRUSTED, "certificate is not valid yet", retried=None),
    on_list("tls-self-signed", 502, UNTRUSTED, "signed by itself", retried=None),
    on_list("tls-unknown-authority", 502, UNTRUSTED, "authority that is not trusted", retried=None),
    on_list("tls-sound", 200, "Answer 1"),
    on_list("tls-old-version", 502, UNTRUSTED, "TLS handshake failed", retried=None),
    # Whether the alert is read before the connection ends is a matter of chance.
    on_list("tls-wants-certificate", 502, retried=None),
    slow("tls-handshake-hang"),
    slow("tls-handshake-drip"),
    on_list("tls-handshake-reset", 502, UNREACHABLE, "was reset", retried=None),
    on_list("tls-handshake-closed", 502, retried=None),
    on_list("tls-handshake-garbage", 502, retried=None),
    on_list("tls-handshake-refused", 502, UNTRUSTED, "TLS handshake failed", retried=None),
    on_list("plain-http-on-tls", 502, UNTRUSTED, "TLS handshake failed", retried=None),
]
SLOW = [
    slow("drip-headers"),
    slow("drip-body"),
    slow("drip-chunks"),
    slow("drip-error-body"),
    slow("silent"),
    slow("slow-headers-then-nothing"),
    slow("slow-but-ok", 200, "Answer 1"),
    on_list("drip-redirect-body", 502, "answered with a redirect"),
    Case("slow-pages", (Step(f"{LIST}?pages=4", 200, ("Answer 1", "Answer 4", "could not be loaded")),), together=True),
]
SIZE = [
    on_list("gzip-bomb", 502, TOO_LARGE, "larger than 25 MB", "lower page size", alone=True),
    on_list("gzip-bomb-nested", 502, TOO_LARGE, alone=True),
    on_list("deflate-bomb", 502, TOO_LARGE, alone=True),
    on_list("bad-gzip", 502, BROKEN_OFF, "compression was damaged", retried=True),
    on_list("cut-gzip", 502, retried=None),
    on_list("gzip-unannounced", 502, NOT_JSON, "not valid UTF-8"),
    on_list("brotli-unasked", 502, UNDECODABLE, "compressed as br, which was not asked for"),
    on_list("zstd-unasked", 502, UNDECODABLE, "compressed as zstd, which was not asked for"),
    on_list("page-50MB", 502, TOO_LARGE, "larger than 25 MB", "lower page size", alone=True),
    on_list("no-length-endless", 502, TOO_LARGE, alone=True),
    on_list("chunked-endless", 502, TOO_LARGE, alone=True),
    on_list("error-body-endless", 502, FAILED, "answered 500", retried=None, alone=True),
    on_list("content-length-lie-small", 502, NOT_WHOLE, retried=True),
    Case(
        "message-10MB",
        (
            Step(LIST, 200, ("A long answer", "Answer 2")),
            Step(OPENED, 200, ("A long answer", "9,999,990 chars")),
            Step(PANEL, 200, ("A long answer",), htmx=True),
            Step(f"{OPENED}json/", 200),
        ),
        alone=True,
        memory=160,  # the body, its text, the value in it and what is kept of it for ten minutes are 10 MB each
    ),
]


def headline(status: int) -> tuple[int, str]:
    """What a bare upstream status becomes on the list."""
    return {
        400: (400, "The API refused the request"),
        422: (400, "The API refused the request"),
        401: (502, "The API refused the key"),
        403: (502, "The API does not allow this"),
        404: (502, "The API does not offer this route"),
        405: (502, "The API does not offer this route"),
        407: (502, UNREACHABLE),
        408: (504, "did not answer in time"),
        504: (504, "did not answer in time"),
        409: (502, FAILED),
        413: (502, "refused the request as too large"),
        414: (502, "refused the request as too large"),
        431: (502, "refused the request as too large"),
        503: (503, OVERLOADED),
        529: (503, OVERLOADED),
    }.get(status, (502, FAILED if status >= 500 else "unexpected answer"))


RETRIED = {408, 409, 500, 502, 520}


def of_status(status: int) -> Case:
    ours, words = headline(status)
    said = () if status in {204, 304} else (f"This is status {status}.", f"req_{status}")
    answered = "" if status == 204 else f"answered {status}"
    return on_list(f"status-{status}", ours, words, answered, *said, retried=status in RETRIED)


NOT_THERE = ("The API has no such completion", "It was deleted", "another project")
STATUS = [
    *(of_status(status) for status in PLAIN_STATUSES if status not in {404, 429}),
    Case(
        "status-429",
        (
            Step(LIST, 503, (LIMITED, "answered 429", "This is status 429.", "req_429"), requests=1),
            Step(LIST, 503, (LIMITED, "It was not asked again"), htmx=True, requests=0, retry_after=(1, 5)),
        ),
    ),
    Case(
        "status-404",
        (Step(OPENED, 404, NOT_THERE, requests=1), Step(PANEL, 404, NOT_THERE[:1], htmx=True)),
    ),
    Case("status-404-completion", (Step(OPENED, 404, (*NOT_THERE, "chatcmpl-1")), Step(f"{OPENED[:-1]}.json", 404))),
    on_list("status-101", 502, "unexpected answer", "answered 101", retried=None),
    on_list("206-partial", 502, "unexpected answer", "answered 206"),
    on_list("status-404-list", 502, "does not offer this route", "Check the base URL"),
    on_list("status-404-html", 502, "does not offer this route", "answered 404"),
    on_list("status-401-scope", 502, "refused the key", "insufficient permissions", "OPENAI_API_KEY"),
    on_list("status-401-echo", 502, "refused the key", "Incorrect API key provided"),
    on_list("html-echo", 502, NOT_JSON),
    on_list("status-403-region", 502, "does not allow this", "not supported"),
    on_list("status-500-html", 502, FAILED, "answered 500", retried=True),
    on_list("status-400-script", 400, "refused the request", "<script>alert(1)</script> is no model"),
    on_list("status-400-long", 400, "The reason is long."),
    on_list("status-400-text", 400, "only a text"),
    on_list("status-422-fastapi", 400, "not an integer"),
    on_list("status-400-empty", 400, "answered 400"),
    on_list("status-500-list", 502, FAILED, retried=True),
    on_list("status-500-then-200", 200, "Answer 1", retried=True),
    on_list("status-503-then-200", 200, "Answer 1", retried=True),
    on_list("status-503-seconds", 503, OVERLOADED, retry_after=(6, 6)),
    on_list("status-503-short", 503, OVERLOADED, retried=True),
]

LATER = (4, 5)
"""Where no usable time is named: the default of the cool-down."""
UNUSABLE = {
    "past-date": True,
    "zero": True,
    "nothing": False,
    "garbage": False,
    "negative": False,
    "nan": False,
    "infinite": False,
    "odd-digits": False,
}
"""Whether each of them is repeated at once."""
LIMITS = [
    on_list("429-seconds", 503, LIMITED, "in 7 s", retry_after=(5, 7)),
    on_list("429-http-date", 503, LIMITED, retry_after=(6, 10)),
    on_list("429-ms", 503, LIMITED, retry_after=(1, 2)),
    on_list("429-hours", 503, LIMITED, retry_after=(100, 120), recovers=False),
    on_list("429-quota", 503, "no credit left"),
    *(on_list(f"429-{what}", 503, LIMITED, retried=retried, retry_after=LATER) for what, retried in UNUSABLE.items()),
    *(on_list(case, 200, "Answer 1", retried=True) for case in ("429-short", "429-past-date-then-200", "429-ms-short")),
]
REDIRECTED = ("The API answered with a redirect", "Redirects are not followed")
REDIRECTS = [
    on_list(case, 502, *REDIRECTED, alone="bomb" in case)
    for case in [*sorted(behaviours.redirects(0)), "redirect-http-downgrade"]
]
READ = "Answer 2"
BODY = [
    on_list("html-200", 502, NOT_JSON, "text/html", "proxy"),
    on_list("html-ctype-json-body", 200, READ),
    on_list("json-without-ctype", 200, READ),
    on_list("sse-200", 502, NOT_JSON, "text/event-stream"),
    on_list("xml-200", 502, NOT_JSON, "application/xml"),
    on_list("json-lines", 502, NOT_JSON, "Extra data", retried=None),
    on_list("error-in-200", 502, SHAPE, "The <b>engine</b> is off"),
    on_list("error-text-in-200", 502, SHAPE, "The engine is off"),
    on_list("error-null-in-200", 200, READ),
    on_list("empty-200", 502, NOT_WHOLE, "was empty", retried=True),
    on_list("blank-200", 502, NOT_WHOLE, "was empty", retried=None),
    on_list("json-cut-short", 502, NOT_WHOLE, retried=True),
    on_list("json-with-tail", 502, NOT_JSON, retried=None),
    on_list("invalid-utf8", 502, NOT_JSON, "not valid UTF-8"),
    on_list("utf16", 502, NOT_JSON, "not valid UTF-8"),
    on_list("latin-1", 502, NOT_JSON, "not valid UTF-8"),
    on_list("utf8-bom", 200, READ),
    on_list("nul-bytes", 502, NOT_JSON, retried=None),
    on_list("top-level-wrong", 502, SHAPE),
    on_list("top-level-list", 502, SHAPE),
    on_list("top-level-number", 502, SHAPE),
    on_list("top-level-text", 502, SHAPE),
    on_list("top-level-true", 502, SHAPE),
    on_list("empty-object", 502, SHAPE),
    on_list("unclosed-nesting", 502, NOT_JSON, retried=None),
]


def of_row(case: str, body: bytes | None, words: Iterable[str] = (), row_words: Iterable[str] = ()) -> Case:
    """A damaged row costs nothing but itself: not in the list, not on its page, nor on any of its tabs."""
    steps = [
        Step(LIST, 200, ("Answer 2", *row_words), absent=NEVER, requests=1),
        Step(LIST, 200, ("Answer 2",), htmx=True, absent=NEVER),
        Step(OPENED, 200, tuple(words), absent=NEVER),
        Step(PANEL, 200, htmx=True, absent=NEVER),
        *(Step(path, 200, absent=NEVER if path.endswith("/") else ()) for path in TABS),
        Step("inputs/?id=chatcmpl-1", 200, htmx=True),
    ]
    if body is not None:
        steps.append(Step(f"{OPENED[:-1]}.json", 200, body=body))
    return Case(case, tuple(steps))


ROWS = [of_row(case, row.encode()) for case, row in behaviours.ODD_ROWS.items()]


def of_shape(case: str, shape: Shape) -> Case:
    if isinstance(shape.row, dict) and ("id" in shape.row or "choices" in shape.row):
        return of_row(case, body_of(shape), shape.words, shape.row_words)
    whole = of_row(case, None, (), shape.row_words)
    alone = (Step(OPENED, 502, (SHAPE,)), Step(PANEL, 502, (SHAPE,), htmx=True))
    return replace(whole, steps=whole.steps[:2] + alone)


def over_pages(case: str, *words: str, requests: int, pages: int = 5, absent: tuple[str, ...] = NEVER) -> Case:
    step = Step(f"{LIST}?pages={pages}", 200, words, requests=requests, absent=absent)
    return Case(case, (step, replace(step, htmx=True)))


END = "End of the list as the API gives it"
MORE = "The API reports more"
STOPS = "The API says that there is more, but"
PAGINATION = [
    over_pages("has_more-empty", f"{STOPS} sent no rows", requests=1),
    on_list("last_id-wrong", 200, "Answer 1", "Answer 2", MORE),
    on_list("last_id-missing", 200, "Answer 1", "Answer 2", MORE),
    on_list("last_id-hostile", 200, "Answer 1", MORE, absent=("../../x",)),
    on_list("last_id-number", 200, "Answer 1", MORE),
    on_list("first_id-empty", 200, "Answer 1", END),
    over_pages("cursor-stuck", "Answer 1", f"{STOPS} sent the same rows again", requests=2),
    over_pages("cursor-cycle", "Answer 1", "Answer 4", f"{STOPS} sent the same rows again", requests=3),
    over_pages("duplicate-ids", "Answer 3", "3 loaded", requests=2),
    on_list("duplicate-ids-one-page", 200, "Answer 1", "Answer 2", "same id as above"),
    on_list("over-limit", 200, "The API sent 500 rows where 50 were asked for", "50 loaded"),
    on_list("under-limit", 200, "1 loaded", MORE),
    on_list("has_more-wrong-type", 200, "Answer 2", END),
    on_list("has_more-number", 200, "Answer 2", END),
    on_list("has_more-null", 200, "Answer 2", END),
    on_list("has_more-missing", 200, "Answer 2", END),
    on_list("order-wrong", 200, "Answer 3", "Answer 1"),
    *(
        Case(
            case,
            (
                Step(LIST, 200, ("Answer 2", MORE)),
                Step(
                    f"{LIST}?after=chatcmpl-2", 404, ("does not know this place in the list", "Back to the beginning")
                ),
                Step(f"{LIST}?after=chatcmpl-2&pages=2&loaded=2", 404, ("Back to the newest",), htmx=True),
            ),
        )
        for case in ("unstable", "unstable-400")
    ),
    Case(
        "later-page-fails",
        (
            Step(f"{LIST}?pages=3", 200, ("Answer 2", "could not be loaded", "It broke"), requests=3),
            Step(f"{LIST}?after=chatcmpl-2&pages=2&loaded=2", 502, ("It broke", "Try again"), htmx=True),
        ),
    ),
    over_pages("endless-pages", "500 loaded", "an address holds 10 pages", requests=10, pages=10),
    on_list("data-null", 200, "No stored completions yet"),
    on_list("data-missing", 502, SHAPE, "no list of data"),
    on_list("data-object", 502, SHAPE, "no list of data"),
    on_list("data-text", 502, SHAPE, "no list of data"),
    on_list("data-odd-rows", 200, READ),
    on_list("object-missing", 200, "Answer 1"),
]
MESSAGES = [
    Case(
        "shape-messages-5000",
        (
            Step(OPENED, 200, ("Answer 1", "of 4,985 messages between")),
            Step(f"{OPENED}messages/?from=100&to=5000", 200, htmx=True),
        ),
        alone=True,
    ),
    Case("shape-messages-stuck", (Step(OPENED, 200, ("Answer 1", "gave no way to go on"), requests=3),)),
]
NETRC = [on_list("netrc-present", 200, "Answer 1")]

CASES: dict[str, Case] = {
    case.id: case
    for case in [
        *(*TRANSPORT, *TLS, *SLOW, *SIZE, *STATUS, *LIMITS, *REDIRECTS, *BODY, *ROWS, *PAGINATION, *MESSAGES, *NETRC),
        *(of_shape(case, shape) for case, shape in SHAPES.items()),
    ]
}
ELSEWHERE = {"client-gone": 0, "many-hang": 503, "429-storm": 503, "no-key": 200, "key-non-ascii": 0}
"""Cases that are more than a few requests, and the status that they end in: see `crowds.py` and the start-up tests."""
