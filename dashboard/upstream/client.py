"""The three calls of the stored-completions API that this product makes; all of them GET.

Reference: https://platform.openai.com/docs/api-reference/chat/list
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from copy import copy
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote

from requests.adapters import BaseAdapter

from dashboard.upstream.decode import decode
from dashboard.upstream.errors import CursorGone, NoSuchRoute, NotFound, NotJson, UpstreamError, error_class
from dashboard.upstream.gate import Gate
from dashboard.upstream.large import decode_completion
from dashboard.upstream.records import (
    ID,
    Completion,
    Message,
    Page,
    completion_page,
    message_page,
    retrieved,
    text,
)
from dashboard.upstream.repeat import pause_before_repeat
from dashboard.upstream.tally import note_failure, note_request_id
from dashboard.upstream.transport import MEGABYTE, Answer, KeyAuth, Transport, Way
from dashboard.upstream.watchdog import Deadline

Record = TypeVar("Record")
Query = list[tuple[str, str]]

LARGEST_LIST = 25 * MEGABYTE
LARGEST_COMPLETION = 64 * MEGABYTE
LONGEST_DETAIL = 300
LONGEST_MESSAGE = 10_000
"""Of the upstream's own text: so much is searched for the key before it is cut to `LONGEST_DETAIL`."""


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
        gate: Gate | None = None,
    ) -> None:
        """Without a `gate` calls are neither bounded nor held back."""
        headers = {"OpenAI-Organization": organization, "OpenAI-Project": project}
        self._redact = _redactor(key)
        self._key_variable = key_variable
        self._gate = gate
        self._transport = Transport(
            base_url,
            auth=KeyAuth(key, key_header),
            headers={name: value for name, value in headers.items() if value},
            fixed_query=fixed_query,
            adapter=adapter,
        )

    def behind(self, gate: Gate) -> Client:
        """The same client with places of its own."""
        twin = copy(self)
        twin._gate = gate
        return twin

    def ungated(self) -> Client:
        """The same client for what is bounded by its caller, and whose failures say nothing about the pages."""
        twin = copy(self)
        twin._gate = None
        return twin

    def way(self) -> Way:
        """The outgoing proxy and the certificates in use; nothing is asked for that."""
        return self._transport.way()

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
        return self._fetch(
            completion_page,
            "/chat/completions",
            query,
            deadline=deadline,
            missing=CursorGone if after else NoSuchRoute,
            named=after,
        )

    def retrieve(self, completion_id: str, *, deadline: Deadline | None = None) -> Completion:
        """One completion, with the exact bytes received as its `body`."""
        path = _path(completion_id)
        return self._fetch(
            retrieved,
            path,
            [],
            read=decode_completion,
            largest=LARGEST_COMPLETION,
            deadline=deadline,
            missing=NotFound,
            named=completion_id,
        )

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
        path = f"{_path(completion_id)}/messages"
        try:
            return self._fetch(
                message_page, path, query, largest=largest, deadline=deadline, missing=NotFound, named=completion_id
            )
        except NotFound as error:
            if error.code or completion_id in error.detail:
                raise
            unrouted = self._told(NoSuchRoute(error.detail, upstream_status=404, request_id=error.request_id), path)
        raise unrouted

    def _fetch(self, make: Callable[[Any, bytes], Record], path: str, query: Query, **options: Any) -> Record:
        """Raises where no frame holds more than may be said."""
        call = partial(self._repeated, make, path, query, **options)
        outcome = self._gate.through(call) if self._gate else call()
        if isinstance(outcome, UpstreamError):
            note_request_id(outcome.request_id)
            note_failure(outcome)
            raise outcome
        return outcome

    def _repeated(
        self,
        make: Callable[[Any, bytes], Record],
        path: str,
        query: Query,
        *,
        deadline: Deadline | None,
        **options: Any,
    ) -> Record | UpstreamError:
        """One call, and where it fails in a way that may pass by itself, one more."""
        deadline = deadline or Deadline()
        outcome = self._outcome(make, path, query, deadline=deadline, **options)
        pause = pause_before_repeat(outcome, deadline) if isinstance(outcome, UpstreamError) else None
        if pause is None:
            return outcome
        time.sleep(pause)
        return self._outcome(make, path, query, deadline=deadline, **options)

    def _outcome(
        self,
        make: Callable[[Any, bytes], Record],
        path: str,
        query: Query,
        *,
        read: Callable[[bytes], Any] = decode,
        largest: int = LARGEST_LIST,
        deadline: Deadline,
        missing: type[UpstreamError],
        named: str,
    ) -> Record | UpstreamError:
        """`missing` is what a 404 means here, `named` the id or the cursor that may be the missing one."""
        try:
            answer = self._transport.get(path, query, largest=largest, deadline=deadline)
        except UpstreamError as error:
            return self._told(error, path)
        note_request_id(self._redact(answer.request_id))
        if answer.status != 200:
            return self._told(_failure(answer, missing, named), path)
        try:
            return make(read(answer.body), answer.body)
        except UpstreamError as error:
            return self._told(_unusable(error, answer), path)

    def _told(self, error: UpstreamError, path: str) -> UpstreamError:
        """A new error with what may be said of this one: cut, without the key, and without its traceback."""
        return type(error)(
            self._redact(error.detail[:LONGEST_MESSAGE])[:LONGEST_DETAIL],
            code=self._redact(error.code[:LONGEST_MESSAGE])[:80],
            upstream_status=error.upstream_status,
            request_id=self._redact(error.request_id),
            retry_after=error.retry_after,
            endpoint=f"GET {self._transport.base_url}{path}",
            key_variable=self._key_variable,
        )


def _path(completion_id: str) -> str:
    """The path of one completion. The URL converter checked the id already; a breach there stops here."""
    if not ID.fullmatch(completion_id):
        raise NotFound("The id holds characters that no completion id has.")
    return f"/chat/completions/{quote(completion_id, safe='')}"


def _failure(answer: Answer, missing: type[UpstreamError], named: str) -> UpstreamError:
    code, message = _error_of(answer)
    kind = missing if _says_missing(answer.status, message, named) else error_class(answer.status, code)
    return kind(
        message,
        code=code,
        upstream_status=answer.status,
        request_id=answer.request_id,
        retry_after=answer.retry_after,
    )


def _unusable(error: UpstreamError, answer: Answer) -> UpstreamError:
    detail = error.detail
    if isinstance(error, NotJson) and "json" not in answer.content_type:
        detail = f"{detail} It calls itself {answer.content_type or 'nothing'}."
    return type(error)(detail, upstream_status=answer.status, request_id=answer.request_id)


def _says_missing(status: int, message: str, named: str) -> bool:
    """404; ogx answers 400 for an id or a cursor that it does not have, and names it."""
    if status == 400 and named and named in message:
        return bool(re.search(r"not found|no such|unknown", message, re.IGNORECASE))
    return status == 404


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
    error = document.get("error") or document
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
