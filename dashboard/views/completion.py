"""One stored completion at its permanent address, and its JSON twins with the bytes as received."""

from __future__ import annotations

import time

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard import clock
from dashboard.conversation import load_conversation
from dashboard.display import read_display
from dashboard.forms import ListQuery
from dashboard.inspection.properties import declared_tools, identity, other_blocks, parameters, usage_rows
from dashboard.inspection.transcript import (
    FINISH_WORDS,
    choice_blocks,
    logprob_count,
    message_blocks,
)
from dashboard.projects import get_project
from dashboard.rows import BADGES
from dashboard.upstream.records import ID, Choice, Completion
from dashboard.upstream.watchdog import Deadline

ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})


@require_safe
def completion(request: HttpRequest, project: str, completion_id: str) -> HttpResponse:
    conversation = load_conversation(get_project(project), completion_id, Deadline())
    found = conversation.completion
    query = ListQuery(project)
    context = {
        "completion": found,
        "id": completion_id,
        "path": request.path,
        "list_url": query.url,
        "json_url": f"{query.path}{completion_id}.json",
        "messages_url": f"{query.path}{completion_id}/messages.json",
        "conversation": conversation,
        "messages": [(one, _role_class(one.role), message_blocks(one)) for one in conversation.messages],
        "choices": [_choice(one) for one in found.choices],
        "tools": declared_tools(found),
        "usage": usage_rows(found),
        "chips": [(key, value, query.with_metadata(key, value).url) for key, value in found.metadata.items()],
        "parameters": parameters(found),
        "identity": identity(found),
        "others": other_blocks(found),
    }
    return render(request, "completion/page.html", context | _times(request, found))


@require_safe
def completion_json(request: HttpRequest, project: str, completion_id: str) -> HttpResponse:
    found = get_project(project).client.retrieve(completion_id)
    return HttpResponse(found.body, content_type="application/json")


@require_safe
def messages_json(request: HttpRequest, project: str, completion_id: str) -> HttpResponse:
    after = request.GET.get("after", "")
    if after and not ID.fullmatch(after):
        return JsonResponse({"error": {"message": "The cursor “after” must be the id of a message."}}, status=400)
    page = get_project(project).client.messages(completion_id, after=after)
    return HttpResponse(page.body, content_type="application/json")


def _role_class(role: str) -> str:
    """A role comes from outside: as a class it is one of ours, or none."""
    return role if role in ROLES else ""


def _choice(choice: Choice) -> dict[str, object]:
    return {
        "index": choice.index,
        "message": choice.message,
        "blocks": choice_blocks(choice),
        "finish": choice.finish_reason,
        "badge": BADGES.get(choice.finish_reason, ""),
        "finish_words": FINISH_WORDS.get(choice.finish_reason, ""),
        "logprobs": logprob_count(choice.raw),
    }


def _times(request: HttpRequest, found: Completion) -> dict[str, str]:
    if found.created is None:
        return {}
    when = clock.moment(found.created, read_display(request).zone)
    return {
        "iso": when.isoformat(),
        "short_time": clock.short(when),
        "full_time": clock.full(when),
        "utc_time": clock.utc(when),
        "ago": clock.ago(found.created, time.time()),
    }
