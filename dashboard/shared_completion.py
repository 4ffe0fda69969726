"""A completion as the readers of a share link get it: loaded through places of their own, and cut down before anything
else sees it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.core.cache import caches

from dashboard.conversation import (
    Conversation,
    Inputs,
    kept_completion,
    load_completion,
    load_conversation,
    load_inputs,
)
from dashboard.documents import COMPLETION, MESSAGES, recall, recall_completion
from dashboard.inspection.json_tree import resolve
from dashboard.inspection.shared_parts import Shown, shown_completion, shown_messages
from dashboard.projects import Project
from dashboard.upstream.errors import NotFound
from dashboard.upstream.records import Completion, completion, message_page
from dashboard.upstream.watchdog import Deadline

FRESH_SECONDS = 45
"""Within them pages of one completion are made of one answer of the API, however many people open the link."""
MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Shared:
    """`base` is the address that its parts are found under; `is_preview` where it is not that of a link yet."""

    project: Project
    completion_id: str
    shown: Shown
    base: str
    is_preview: bool = False


def load_shared(shared: Shared, deadline: Deadline) -> Conversation:
    """At most `FRESH_SECONDS` old. Raises UpstreamError, where the API has no such completion for as long without asking."""
    loaded = _fresh(shared, deadline)
    found = _cut_completion(loaded.completion, shared.shown)
    if found.input_messages is not None or not shared.shown.input:
        return Conversation(found, Inputs(found.input_messages or ()))
    messages = shown_messages(one.raw for one in loaded.messages)
    # Why the API could not give all of them is for the people who run this.
    return Conversation(found, Inputs(message_page({"data": messages}, b"").items, loaded.inputs.note))


def kept_shared(shared: Shared, deadline: Deadline) -> Completion:
    """Of a page of the last minutes where there is one, for what never changes in a completion. Raises UpstreamError."""
    return _cut_completion(kept_completion(shared.project, shared.completion_id, deadline), shared.shown)


def shared_value(shared: Shared, at: str, deadline: Deadline) -> Any:
    """As `conversation.value_at`, in the documents as they are shown.

    Raises LookupError where there is nothing at that place, and UpstreamError.
    """
    name = at.split("/")[1] if at.startswith("/") else ""
    if name == COMPLETION:
        return resolve(kept_shared(shared, deadline).raw, at.removeprefix(f"/{name}"))
    if name == MESSAGES and shared.shown.input:
        return resolve(_kept_messages(shared, deadline), at.removeprefix(f"/{name}"))
    raise LookupError(at)


def _fresh(shared: Shared, deadline: Deadline) -> Conversation:
    """What is remembered is the sentence about the messages, or that there is no such completion."""
    key = f"shared:{shared.project.fingerprint}:{shared.completion_id}:{shared.shown.input}"
    known = caches["content"].get(key)
    if known == MISSING:
        raise NotFound()
    if known is not None and (kept := _recalled(shared, known)):
        return kept
    try:
        loaded = _loaded(shared, deadline)
    except NotFound:
        caches["content"].set(key, MISSING, FRESH_SECONDS)
        raise
    if loaded.inputs.failure is None:
        caches["content"].set(key, loaded.inputs.note, FRESH_SECONDS)
    return loaded


def _loaded(shared: Shared, deadline: Deadline) -> Conversation:
    if shared.shown.input:
        return load_conversation(shared.project, shared.completion_id, deadline)
    return Conversation(load_completion(shared.project, shared.completion_id, deadline), Inputs(()))


def _recalled(shared: Shared, note: str) -> Conversation | None:
    found = recall_completion(shared.project, shared.completion_id)
    if found is None:
        return None
    if not shared.shown.input or found.input_messages is not None:
        return Conversation(found, Inputs(()))
    listed = recall(shared.project, shared.completion_id, MESSAGES)
    if listed is None and not note:
        return None
    return Conversation(found, Inputs(message_page({"data": listed}, b"").items, note))


def _kept_messages(shared: Shared, deadline: Deadline) -> list[dict[str, Any]]:
    kept = recall(shared.project, shared.completion_id, MESSAGES)
    if kept is not None:
        return shown_messages(one.raw for one in message_page({"data": kept}, b"").items)
    inputs = load_inputs(shared.project, shared.completion_id, deadline)
    if inputs.failure:
        raise inputs.failure
    return shown_messages(one.raw for one in inputs.messages)


def _cut_completion(found: Completion, shown: Shown) -> Completion:
    return replace(completion(shown_completion(found.raw, shown)), digest=found.digest)
