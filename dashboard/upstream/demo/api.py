"""The stored-completions API as one pure function: a store and a request in, an answer out.

It follows what recorded traffic shows rather than what the reference says; where no recording exists,
the docstring of the function that decides says so.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from urllib.parse import parse_qsl, unquote

from dashboard.upstream.demo.encoding import encode
from dashboard.upstream.demo.store import Row, Store

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
_ROUTE = re.compile(r"(?:/v1)?/chat/completions(?:/(?P<id>[^/]+)(?P<messages>/messages)?)?")
_METADATA = re.compile(r"metadata\[(.*)\]", re.DOTALL)
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the caller; header names are lower case, content-length included."""

    status: int
    headers: dict[str, str]
    body: bytes


class _Rejection(Exception):
    """A request that gets an error body; holds the status and the fields of that body."""

    def __init__(self, status: int, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}


@dataclass(frozen=True, slots=True)
class _Query:
    """The query string of a list call, read and checked."""

    limit: int
    order: str | None
    after: str | None = None
    model: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)


def answer(store: Store, method: str, path: str, query: str) -> Answer:
    """Answer one request; query is the raw query string, the `/v1` before the path is optional.

    Errors are answers too, in the shape `{"error": {message, type, param, code}}`: 400 for a bad `limit` or
    `order`, 404 for an unknown route, id or cursor, 405 for any method but GET.
    """
    try:
        status, body = 200, _dispatch(store, method, path, query)
    except _Rejection as rejection:
        status, body = rejection.status, encode({"error": rejection.error})
    return _answer(status, body, f"{method} {path}?{query}")


def unauthorized(key: str) -> Answer:
    """The 401 for a key the server does not know; like the real one it echoes the masked key."""
    masked = f"{key[:3]}{'*' * 8}{key[-4:]}" if len(key) > 12 else "*" * len(key)
    message = f"Incorrect API key provided: {masked}."
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": "invalid_api_key"}
    return _answer(401, encode({"error": error}), message)


def _answer(status: int, body: bytes, request: str) -> Answer:
    """Add the headers; id and duration come from the request, so that equal requests have equal answers."""
    digest = blake2b(request.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    headers = {
        "content-type": "application/json",
        "content-length": str(len(body)),
        "x-request-id": f"req_{digest.hex()}",
        "openai-processing-ms": str(80 + digest[0]),
        "openai-version": "2020-10-01",
    }
    if status == 405:
        headers["allow"] = "GET"
    return Answer(status, headers, body)


def _dispatch(store: Store, method: str, path: str, query: str) -> bytes:
    route = _ROUTE.fullmatch(path)
    if route is None:
        raise _Rejection(404, f"Invalid URL ({method} {path})")
    if method != "GET":
        raise _Rejection(405, f"Not allowed to {method} on {path}.", code="method_not_supported")
    if route["id"] is None:
        return _list_completions(store, _read_query(query))
    row = _find(store, unquote(route["id"]))
    if route["messages"]:
        return _list_messages(row, _read_query(query))
    return row.read()


def _find(store: Store, completion_id: str) -> Row:
    row = store.by_id.get(completion_id)
    if row is None:
        raise _Rejection(404, f"Completion {completion_id} not found", param="completion_id", code="not_found")
    return row


def _read_query(query: str) -> _Query:
    """Read the parameters the API knows; unknown ones are ignored, of a repeated one the last counts."""
    values = parse_qsl(query, keep_blank_values=True)
    known = dict(values)
    return _Query(
        limit=_read_limit(known.get("limit")),
        order=_read_order(known.get("order")),
        after=known.get("after"),
        model=known.get("model"),
        metadata={found[1]: value for name, value in values if (found := _METADATA.fullmatch(name))},
    )


def _read_limit(text: str | None) -> int:
    """The page size, 1 to 100. No recording shows a bad one; wording and codes are those of sibling routes."""
    if text is None:
        return DEFAULT_LIMIT
    if not _INTEGER.fullmatch(text):
        message = "Invalid type for 'limit': expected an integer, but got a string instead."
        raise _Rejection(400, message, param="limit", code="invalid_type")
    limit = int(text)
    if limit < 1:
        message = f"Invalid 'limit': integer below minimum value. Expected a value >= 1, but got {limit} instead."
        raise _Rejection(400, message, param="limit", code="integer_below_min_value")
    if limit > MAX_LIMIT:
        message = (
            f"Invalid 'limit': integer above maximum value. Expected a value <= {MAX_LIMIT}, but got {limit} instead."
        )
        raise _Rejection(400, message, param="limit", code="integer_above_max_value")
    return limit


def _read_order(text: str | None) -> str | None:
    if text not in (None, "asc", "desc"):
        message = f"Invalid value: '{text}'. Supported values are: 'asc' and 'desc'."
        raise _Rejection(400, message, param="order", code="invalid_value")
    return text


def _list_completions(store: Store, query: _Query) -> bytes:
    """One page, newest first unless `order=asc` (the reference says asc, 52 of 52 recordings say desc)."""
    oldest_first = query.order == "asc"
    rows: Iterable[Row] = reversed(store.rows) if oldest_first else store.rows
    if query.after is not None:
        rows = _beyond(store, query.after, rows, oldest_first=oldest_first)
    found = [row for row in rows if _matches(row, query)]
    page = found[: query.limit]
    return _page([row.id for row in page], [row.read() for row in page], has_more=len(found) > len(page))


def _beyond(store: Store, after: str, rows: Iterable[Row], *, oldest_first: bool) -> Iterable[Row]:
    """The rows strictly beyond the SECOND of the cursor row.

    Rows tied with the last row of a page are lost, exactly as recorded. The cursor row need not match the filter.
    An unknown cursor is in no recording: it is a 404 here, as on stdapi.ai (ogx answers 400).
    """
    cursor = store.by_id.get(after)
    if cursor is None:
        raise _Rejection(404, f"Completion {after} not found", param="after", code="not_found")
    if oldest_first:
        return (row for row in rows if row.created > cursor.created)
    return (row for row in rows if row.created < cursor.created)


def _matches(row: Row, query: _Query) -> bool:
    """Exact and case-sensitive: model against the dated snapshot, every metadata pair against the row's own."""
    if query.model is not None and row.model != query.model:
        return False
    return all(row.metadata.get(key) == value for key, value in query.metadata.items())


def _list_messages(row: Row, query: _Query) -> bytes:
    """One page of the request's messages, oldest first unless `order=desc`; their ids are `<completion>-<n>`."""
    positions = list(range(len(row.messages)))
    if query.order == "desc":
        positions.reverse()
    if query.after is not None:
        positions = positions[_position_after(row, query.after, positions) :]
    page = positions[: query.limit]
    ids = [f"{row.id}-{position}" for position in page]
    return _page(ids, [row.messages[position] for position in page], has_more=len(positions) > len(page))


def _position_after(row: Row, after: str, positions: list[int]) -> int:
    """Where a message page begins. An unknown cursor is in no recording: 404 as for completions."""
    for index, position in enumerate(positions):
        if f"{row.id}-{position}" == after:
            return index + 1
    raise _Rejection(404, f"Message {after} not found", param="after", code="not_found")


def _page(ids: Sequence[str], items: Sequence[bytes], *, has_more: bool) -> bytes:
    """The list envelope; `first_id` and `last_id` are null on an empty page."""
    end = {"first_id": ids[0] if ids else None, "last_id": ids[-1] if ids else None, "has_more": has_more}
    return b'{"object":"list","data":[' + b",".join(items) + b"]," + encode(end)[1:]
