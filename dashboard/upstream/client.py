"""The three calls of the stored-completions API that this product makes; all of them GET.

Reference: https://platform.openai.com/docs/api-reference/chat/list
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from requests.adapters import BaseAdapter

from dashboard.upstream.decode import decode
from dashboard.upstream.errors import CursorGone, NoSuchRoute, NotFound, NotJson, UpstreamError, error_class
from dashboard.upstream.records import (
    ID,
    Completion,
    Message,
    Page,
    completion,
    completion_page,
    message_page,
    text,
)
from dashboard.upstream.transport import MEGABYTE, Answer, KeyAuth, Transport
from dashboard.upstream.watchdog import Deadline

Record = TypeVar("Record")
Query = list[tuple[str, str]]

LARGEST_LIST = 25 * MEGABYTE
LARGEST_COMPLETION = 64 * MEGABYTE
LONGEST_DETAIL = 300


class Client:
    """Speaks to one upstream with one key. Safe to share between threads.

    Every call takes the `deadline` it shares with the other calls of a dashboard request, and raises an
    `UpstreamError` when there is no usable answer.
    """

    def __init__(
        self,
        base_url: str,
        *,
        key: str = "",
        key_header: str = "Authorization",
        key_variable: str = "",
        organization: str = "",
        project: str = "",
        fixed_query: tuple[tuple[str, str], ...] = (),
        adapter: BaseAdapter | None = None,
    ) -> None:
        headers = {"OpenAI-Organization": organization, "OpenAI-Project": project}
        self._redact = _redactor(key)
        self._key_variable = key_variable
        self._transport = Transport(
            base_url,
            auth=KeyAuth(key, key_header) if key else None,
            headers={name: value for name, value in headers.items() if value},
            fixed_query=fixed_query,
            adapter=adapter,
        )

    def list(
        self,
        *,
        order: str,
        limit: int,
        model: str = "",
        metadata: Sequence[tuple[str, str]] = (),
        after: str = "",
        deadline: Deadline | None = None,
    ) -> Page[Completion]:
        """One page of stored completions; `order` is always sent, since servers differ in their default."""
        query = [("order", order), ("limit", str(limit))]
        query += [("model", model)] if model else []
        query += [(f"metadata[{key}]", value) for key, value in metadata]
        query += [("after", after)] if after else []
        answer = self._get("/chat/completions", query, LARGEST_LIST, deadline, CursorGone if after else NoSuchRoute)
        return self._record(completion_page, answer)

    def retrieve(self, completion_id: str, *, deadline: Deadline | None = None) -> Completion:
        """One completion, with the exact bytes received as its `body`."""
        answer = self._get(_path(completion_id), [], LARGEST_COMPLETION, deadline)
        return self._record(completion, answer)

    def messages(
        self,
        completion_id: str,
        *,
        order: str = "asc",
        limit: int = 100,
        after: str = "",
        deadline: Deadline | None = None,
        largest: int = LARGEST_LIST,
    ) -> Page[Message]:
        """One page of the input messages; the answer of the model is not among them.

        A 404 that names neither a code nor the id is that of a server without this route: NoSuchRoute.
        """
        query = [("order", order), ("limit", str(limit))]
        query += [("after", after)] if after else []
        try:
            answer = self._get(f"{_path(completion_id)}/messages", query, largest, deadline)
        except NotFound as error:
            if error.code or completion_id in error.detail:
                raise
            unrouted = NoSuchRoute(error.detail, upstream_status=404, request_id=error.request_id)
        else:
            return self._record(message_page, answer)
        raise self._located(unrouted, f"{_path(completion_id)}/messages")

    def _get(
        self,
        path: str,
        query: Query,
        largest: int,
        deadline: Deadline | None,
        missing: type[UpstreamError] = NotFound,
    ) -> Answer:
        try:
            answer = self._transport.get(path, query, largest=largest, deadline=deadline or Deadline())
        except UpstreamError as error:
            failure = error
        else:
            if answer.status == 200:
                return answer
            failure = self._failure(answer, missing)
        raise self._located(failure, path)

    def _failure(self, answer: Answer, missing: type[UpstreamError]) -> UpstreamError:
        code, message = _error_of(answer)
        kind = missing if _says_missing(answer.status, message, missing) else error_class(answer.status, code)
        return kind(
            self._redact(message)[:LONGEST_DETAIL],
            code=self._redact(code)[:80],
            upstream_status=answer.status,
            request_id=answer.request_id,
            retry_after=answer.retry_after,
        )

    def _record(self, make: Callable[[Any, bytes], Record], answer: Answer) -> Record:
        try:
            return make(decode(answer.body), answer.body)
        except UpstreamError as error:
            kind, detail = type(error), error.detail
        if kind is NotJson and "json" not in answer.content_type:
            detail = f"{detail} It calls itself {answer.content_type or 'nothing'}."
        failure = kind(self._redact(detail)[:LONGEST_DETAIL], upstream_status=200, request_id=answer.request_id)
        raise self._located(failure, "/chat/completions")

    def _located(self, error: UpstreamError, path: str) -> UpstreamError:
        error.endpoint = f"GET {self._transport.base_url}{path}"
        error.key_variable = self._key_variable
        return error


def _path(completion_id: str) -> str:
    """The path of one completion. The URL converter checked the id already; a breach there stops here."""
    if not ID.fullmatch(completion_id):
        raise NotFound("The id holds characters that no completion id has.")
    return f"/chat/completions/{quote(completion_id, safe='')}"


def _says_missing(status: int, message: str, missing: type[UpstreamError]) -> bool:
    """404; ogx answers 400 for an id or a cursor that it does not have."""
    unknown = re.search(r"not found|no such|unknown", message, re.IGNORECASE)
    return status == 404 or (status == 400 and missing is not NoSuchRoute and bool(unknown))


def _error_of(answer: Answer) -> tuple[str, str]:
    """Code and message of an error answer, in any of the shapes seen; both empty when it is no JSON object.

    `{"error": {message, code}}` (OpenAI), `{"error": "text"}`, `{"detail": …}` (FastAPI), a flat object.
    """
    try:
        document = decode(answer.body)
    except NotJson:
        return "", ""
    if not isinstance(document, dict):
        return "", ""
    error = document.get("error", document)
    if not isinstance(error, dict):
        return "", text(error)
    return text(error.get("code")), text(error.get("message") or error.get("detail"))


def _redactor(key: str) -> Callable[[str], str]:
    """A function that blanks every word holding more than four characters of the key, or a `sk-…` key."""
    pieces = {key[start : start + 5] for start in range(len(key) - 4)}

    def redact(sentence: str) -> str:
        return re.sub(r"\S+", lambda word: "[key]" if betrays(word.group()) else word.group(), sentence)

    def betrays(word: str) -> bool:
        return bool(re.search(r"sk-[\w*-]{4,}", word)) or any(piece in word for piece in pieces)

    return redact
