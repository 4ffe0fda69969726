"""One completion with its input messages: two upstream calls, and more only when the messages are paged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboard.capabilities import MESSAGES as MESSAGES_ROUTE
from dashboard.capabilities import learn, offers
from dashboard.documents import COMPLETION, MESSAGES, recall, recall_completion, remember_completion, remember_messages
from dashboard.inspection.json_tree import resolve
from dashboard.projects import Project
from dashboard.upstream.errors import NoSuchRoute, UpstreamError
from dashboard.upstream.records import Completion, Message, Page
from dashboard.upstream.transport import MEGABYTE
from dashboard.upstream.watchdog import Deadline

LARGEST = 64 * MEGABYTE
"""Of all message pages together."""
NO_ROUTE = "This server does not offer input messages, so that only the output can be shown."


@dataclass(frozen=True)
class Inputs:
    """Input messages. `note` says in a sentence why some are missing; `failure` is the error behind it, where there was one."""

    messages: tuple[Message, ...]
    note: str = ""
    failure: UpstreamError | None = None


@dataclass(frozen=True)
class Conversation:
    completion: Completion
    inputs: Inputs

    @property
    def messages(self) -> tuple[Message, ...]:
        return self.inputs.messages


def load_conversation(project: Project, completion_id: str, deadline: Deadline) -> Conversation:
    """Raises UpstreamError when the completion itself cannot be had; missing messages cost only themselves."""
    completion = load_completion(project, completion_id, deadline)
    if completion.input_messages is not None:
        return Conversation(completion, Inputs(completion.input_messages))
    inputs = load_inputs(project, completion_id, deadline)
    if not inputs.note and are_answers(completion, inputs.messages):
        inputs = Inputs(inputs.messages, "This server lists the answer where the input should be.")
    return Conversation(completion, inputs)


def load_completion(project: Project, completion_id: str, deadline: Deadline) -> Completion:
    """Raises UpstreamError."""
    completion = project.client.retrieve(completion_id, deadline=deadline)
    remember_completion(project, completion_id, completion)
    return completion


def kept_completion(project: Project, completion_id: str, deadline: Deadline) -> Completion:
    """From a page of the last minutes, without the bytes; otherwise asked for. For what never changes in a completion.

    Raises UpstreamError.
    """
    return recall_completion(project, completion_id) or load_completion(project, completion_id, deadline)


def load_inputs(project: Project, completion_id: str, deadline: Deadline) -> Inputs:
    """All pages of the input messages, as far as they can be had."""
    if not offers(project, MESSAGES_ROUTE):
        return Inputs((), NO_ROUTE)
    pages: list[Page[Message]] = []
    note, failure = "", None
    try:
        note = _collect(project, completion_id, deadline, pages)
    except NoSuchRoute:
        learn(project, MESSAGES_ROUTE, offered=False)
        return Inputs((), NO_ROUTE)
    except UpstreamError as error:
        note, failure = "Input messages are missing here.", error
    if not failure:
        remember_messages(project, completion_id, [page.body for page in pages])
    return Inputs(tuple(message for page in pages for message in page.items), note, failure)


def are_answers(completion: Completion, messages: tuple[Message, ...]) -> bool:
    """Seen of openai-api-server-via-codex: its messages are those of the choices, and no input at all."""
    answers = [_said(choice.message) for choice in completion.choices]
    return bool(messages) and all(one.role == "assistant" and _said(one) in answers for one in messages)


def _said(message: Message) -> tuple[str | None, tuple[str, ...]]:
    return message.content, tuple(call.arguments for call in message.tool_calls)


def _collect(project: Project, completion_id: str, deadline: Deadline, pages: list[Page[Message]]) -> str:
    """Appends all pages in order; the answer says why it stopped early, if it did."""
    after, seen, received = "", set[str](), 0
    while True:
        page = project.client.messages(completion_id, after=after, deadline=deadline)
        pages.append(page)
        received += len(page.body)
        if not page.has_more:
            return ""
        if not page.items or page.next_after is None or page.next_after in seen:
            return "The API says that there are more messages, but gave no way to go on."
        if received > LARGEST:
            count = sum(len(one.items) for one in pages)
            return f"The messages after the first {count} are left out, as they are too large."
        after = page.next_after
        seen.add(after)


def value_at(project: Project, completion_id: str, at: str, deadline: Deadline) -> Any:
    """The value at a pointer into `{"completion": …, "messages": […]}`: kept from the page, or asked for again.

    Raises LookupError when there is none, and UpstreamError.
    """
    name = at.split("/")[1] if at.startswith("/") else ""
    if name not in (COMPLETION, MESSAGES):
        raise LookupError(at)
    value = recall(project, completion_id, name)
    if value is None:
        value = _fresh_document(project, completion_id, name, deadline)
    return resolve(value, at.removeprefix(f"/{name}"))


def _fresh_document(project: Project, completion_id: str, name: str, deadline: Deadline) -> Any:
    if name == COMPLETION:
        return load_completion(project, completion_id, deadline).raw
    inputs = load_inputs(project, completion_id, deadline)
    if inputs.failure:
        raise inputs.failure
    return [message.raw for message in inputs.messages]
