"""What the side panel shows of a completion: its end first, then what was last said to the model."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from dashboard.completion_frame import facts, short_id
from dashboard.conversation import Conversation, load_conversation
from dashboard.failures import failure_context
from dashboard.forms import ListQuery
from dashboard.inspection.summary import input_text
from dashboard.inspection.transcript import SYSTEM, transcript
from dashboard.projects import Project
from dashboard.upstream.errors import UpstreamError
from dashboard.upstream.records import Message
from dashboard.upstream.watchdog import Deadline

MOST_MESSAGES = 6


def load_panel(request: HttpRequest, project: Project, query: ListQuery, deadline: Deadline) -> dict[str, Any]:
    """The context of `_panel.html` for the completion that `query` peeks at; a failure is part of it."""
    completion_id = query.peek
    context: dict[str, Any] = {
        "panel": True,
        "panel_status": 200,
        "id": completion_id,
        "short_id": short_id(completion_id),
        "base": f"{query.path}{completion_id}/",
        "link": f"{query.path}{completion_id}/",
        "open_url": query.completion_url(completion_id),
        "close_url": query.with_peek("").url,
    }
    try:
        conversation = load_conversation(project, completion_id, deadline)
    except UpstreamError as error:
        return context | {"panel_status": error.status, "panel_failure": failure_context(request, error)}
    return context | facts(request, query, conversation.completion) | _said(conversation)


def _said(conversation: Conversation) -> dict[str, Any]:
    places = [place for place, one in enumerate(conversation.messages) if one.role not in SYSTEM]
    shown = places[-MOST_MESSAGES:]
    printed = transcript(conversation.completion, conversation.messages, (), system_open=False)
    return {
        "completion": conversation.completion,
        "outputs": printed.outputs,
        "choices_left_out": printed.choices_left_out,
        "count": len(conversation.messages),
        "note": conversation.inputs.note,
        "said": [_line(conversation.messages[place], place) for place in shown],
    }


def _line(message: Message, place: int) -> dict[str, Any]:
    return {
        "place": place,
        "role": message.role,
        "text": input_text(message),
        "calls": [one.name for one in message.tool_calls],
    }
