"""An upstream error in plain words: what came, what that usually means, and what to do about it.

The errors say what a page says. Whoever calls the doctor has asked for more, and may change the configuration.
"""

from __future__ import annotations

from dashboard.doctor.configured import key_source, variable
from dashboard.doctor.findings import Verdict
from dashboard.projects import Project
from dashboard.upstream.errors import (
    KeyRejected,
    NoSuchRoute,
    NotAllowed,
    NotJson,
    ProxyRefused,
    RateLimited,
    Redirected,
    Unreachable,
    UpstreamError,
    WrongShape,
)

REGION = "unsupported_country_region_territory"

# By a piece of the sentence with which the transport tells these faults apart.
ADVICE_ON_CONNECTIONS = {
    "name could not be found": "Check the host name in {base_url}, and whether this machine can resolve names.",
    "connection was refused": "Nothing listens there: check host and port in {base_url}, and that the server runs.",
    "outgoing proxy": "Check HTTPS_PROXY and HTTP_PROXY. A host that needs no proxy is named in NO_PROXY.",
    "has expired": "Whoever runs the server has to renew it. Check the clock of this machine, too.",
    "is not valid yet": "Check the clock of this machine, then ask whoever runs the server.",
    "signed by itself": "Put it into a file and name that file in REQUESTS_CA_BUNDLE.",
    "an authority that is not trusted": "Put the certificate of the authority into a file and name that file in "
    "REQUESTS_CA_BUNDLE. A proxy that opens TLS has such an authority.",
    "for another": "Use the name in {base_url} that the certificate was made for.",
    "may not speak https": "If the server speaks plain http there, {base_url} has to begin with http://.",
    "was not HTTP": "Something else listens there: check the port in {base_url}.",
    "without an answer": "If the server wants https there, {base_url} has to begin with https://.",
    "was reset": "If the server wants https there, {base_url} has to begin with https://. A firewall may be the reason.",
}


def explained(error: UpstreamError, project: Project) -> Verdict:
    """A fault with the headline of the error, what the API said itself, and what it means here."""
    words = [f"{error.headline}.", _answer(error), _meaning(error, project)]
    advice = _advice(error).format(
        base_url=variable(project, "BASE_URL"),
        key=variable(project, "API_KEY"),
    )
    return Verdict("fault", " ".join(word for word in words if word), advice)


def _answer(error: UpstreamError) -> str:
    """Status, code and text as they came; of a fault without a status, our own sentence."""
    if error.upstream_status is None:
        return error.detail
    code = f" ({error.code})" if error.code else ""
    text = f": {error.detail.rstrip('.')}" if error.detail else ""
    return f"It answered {error.upstream_status}{code}{text}."


def _meaning(error: UpstreamError, project: Project) -> str:
    match error:
        case KeyRejected(code=""):
            return (
                "No error code came with it: so OpenAI answers a key that is valid, but lacks the permission (scope) "
                f"for stored completions. {key_source(project)}"
            )
        case KeyRejected():
            return f"The key itself is not known there: mistyped, deleted, or of another server. {key_source(project)}"
        case NotAllowed(code=code) if code == REGION:
            return "The API is not offered in the country that this machine, or its proxy, calls from."
        case NotAllowed():
            return f"The key is known, but may not do this. {key_source(project)}"
        case NoSuchRoute(upstream_status=405):
            return "There is such an address, but not for reading: the server makes completions and keeps none."
        case NoSuchRoute():
            ending = (
                "" if project.base_url.rstrip("/").endswith("/v1") else " Most base URLs end in /v1, this one does not."
            )
            return f"Nothing is there: a wrong base URL, or a server without stored completions.{ending}"
        case RateLimited(retry_after=float(seconds)) if seconds:
            return f"It asks to wait {seconds:.0f} seconds. This is no lack of credit."
        case RateLimited():
            return "It names no time to wait. This is no lack of credit."
        case _:
            return ""


def _advice(error: UpstreamError) -> str:
    match error:
        case ProxyRefused(upstream_status=407):
            return error.advice
        case Unreachable(detail=detail):
            found = [advice for piece, advice in ADVICE_ON_CONNECTIONS.items() if piece in detail]
            return found[0] if found else error.advice
        case KeyRejected(code=""):
            return "Let the key of {key} read stored completions, or use one that may do everything. Then start again."
        case KeyRejected():
            return "Put a key that is active into {key}. Then start again."
        case NoSuchRoute(upstream_status=405):
            return "Check {base_url}. If it is right, this server has nothing that the dashboard could show."
        case NoSuchRoute() | NotJson() | WrongShape() | Redirected():
            return f"{error.advice} It stands in {{base_url}}."
        case _:
            return error.advice
