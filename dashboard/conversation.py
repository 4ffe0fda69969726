"""One completion with its input messages: two upstream calls, and more only when the messages are paged."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.inputs import messages_offered, remember_no_messages
from dashboard.projects import Project
from dashboard.upstream.errors import NoSuchRoute, UpstreamError
from dashboard.upstream.records import Completion, Message
from dashboard.upstream.transport import MEGABYTE
from dashboard.upstream.watchdog import Deadline

LARGEST = 64 * MEGABYTE
"""Of all message pages together."""
NO_ROUTE = "This server does not offer input messages, so that only the output can be shown."


@dataclass(frozen=True)
class Conversation:
    """`note` says in a sentence why messages are missing; `failure` is the error behind it, where there was one."""

    completion: Completion
    messages: tuple[Message, ...]
    note: str = ""
    failure: UpstreamError | None = None


def load_conversation(project: Project, completion_id: str, deadline: Deadline) -> Conversation:
    """Raises UpstreamError when the completion itself cannot be had; missing messages cost only themselves."""
    completion = project.client.retrieve(completion_id, deadline=deadline)
    if completion.input_messages is not None:
        return Conversation(completion, completion.input_messages)
    if not messages_offered(project):
        return Conversation(completion, (), NO_ROUTE)
    messages: list[Message] = []
    try:
        note = _collect(project, completion_id, deadline, messages)
    except NoSuchRoute:
        remember_no_messages(project)
        return Conversation(completion, (), NO_ROUTE)
    except UpstreamError as failure:
        return Conversation(completion, tuple(messages), "Input messages are missing here.", failure)
    return Conversation(completion, tuple(messages), note or _answers_note(completion, messages))


def _answers_note(completion: Completion, messages: list[Message]) -> str:
    """Seen of openai-api-server-via-codex: its messages are those of the choices, and no input at all."""
    answers = [_said(choice.message) for choice in completion.choices]
    if messages and all(one.role == "assistant" and _said(one) in answers for one in messages):
        return "This server lists the answer where the input should be."
    return ""


def _said(message: Message) -> tuple[str | None, tuple[str, ...]]:
    return message.content, tuple(call.arguments for call in message.tool_calls)


def _collect(project: Project, completion_id: str, deadline: Deadline, messages: list[Message]) -> str:
    """Appends all pages in order; the answer says why it stopped early, if it did."""
    after, seen, received = "", set[str](), 0
    while True:
        page = project.client.messages(completion_id, after=after, deadline=deadline)
        messages += page.items
        received += len(page.body)
        if not page.has_more:
            return ""
        if not page.items or page.next_after is None or page.next_after in seen:
            return "The API says that there are more messages, but gave no way to go on."
        if received > LARGEST:
            return f"The messages after the first {len(messages)} are left out, as they are too large."
        after = page.next_after
        seen.add(after)
