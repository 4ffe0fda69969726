"""The transcript of one stored completion at its permanent address, and its JSON twins with the bytes as received."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from dashboard.completion_frame import frame, opened_from
from dashboard.conversation import Conversation, load_conversation
from dashboard.display import read_display
from dashboard.forms import ListQuery, number
from dashboard.html.words import MarkdownRoom
from dashboard.htmx import reload_page, wants_fragment
from dashboard.inspection.conversation_markdown import conversation_markdown
from dashboard.inspection.declared_tools import declared_tools
from dashboard.inspection.middle import Gap, gap_after, stretches
from dashboard.inspection.properties import other_blocks
from dashboard.inspection.transcript import Entry, Transcript, compared_confidence, transcript
from dashboard.not_there import wait_for
from dashboard.projects import get_project
from dashboard.upstream.errors import UpstreamError
from dashboard.upstream.records import ID
from dashboard.upstream.watchdog import Deadline


@require_safe
def completion(request: HttpRequest, project: str, completion_id: str) -> HttpResponse:
    query = opened_from(request, project)
    conversation = load_conversation(get_project(project), completion_id, Deadline())
    found = conversation.completion
    shown = stretches(len(conversation.messages), number(request.GET, "from"))
    printed = _transcript(request, conversation, shown)
    context = {
        "conversation": conversation,
        "stretches": [(_entries(printed, one), gap_after(one, shown)) for one in shown],
        "outputs": printed.outputs,
        "compared": compared_confidence(printed.outputs),
        "choices_left_out": printed.choices_left_out,
        "tools": declared_tools(found, printed.called),
        "others": other_blocks(found),
        "as_markdown": MarkdownRoom() if read_display(request).markdown else None,
        "text_url": query.completion_url(completion_id, more=[("as", "text")]),
        "markdown_url": query.completion_url(completion_id, more=[("as", "markdown")]),
        "tool_choice": found.raw.get("tool_choice") if isinstance(found.raw.get("tool_choice"), str) else "",
    }
    return render(request, "completion/page.html", frame(request, query, found, completion_id, "") | context)


@require_safe
def messages(request: HttpRequest, project: str, completion_id: str) -> HttpResponse:
    """The next messages of a gap, and what is left of it."""
    query = opened_from(request, project)
    start, stop = number(request.GET, "from"), number(request.GET, "to")
    if not wants_fragment(request):
        return redirect(f"{query.completion_url(completion_id)}?from={start or 0}#message-{start or 0}")
    if start is None or stop is None:
        return HttpResponseBadRequest("Which messages? The address names none.", content_type="text/plain")
    conversation = load_conversation(get_project(project), completion_id, Deadline())
    stop = min(stop, len(conversation.messages))
    shown = range(start, min(start + Gap(start, stop).step, stop)) if start < stop else range(0)
    context = {
        "base": f"{query.path}{completion_id}/",
        "entries": _transcript(request, conversation, [shown]).inputs,
        "gap": Gap(shown.stop, stop) if 0 < shown.stop < stop else None,
        "as_markdown": MarkdownRoom() if read_display(request).markdown else None,
    }
    return render(request, "completion/_messages.html", context)


@require_safe
def markdown(request: HttpRequest, project: str, completion_id: str) -> HttpResponse:
    conversation = load_conversation(get_project(project), completion_id, Deadline())
    written = conversation_markdown(conversation.completion, conversation.messages)
    return HttpResponse(written, content_type="text/markdown; charset=utf-8")


@require_safe
def there(request: HttpRequest, project: str, completion_id: str) -> HttpResponse:
    """Asked by the page of a completion that was not there: that page again once it is, else when to ask next."""
    try:
        get_project(project).client.retrieve(completion_id)
    except UpstreamError:
        made = number(request.GET, "attempt") or 0
        base = f"{ListQuery(project).path}{completion_id}/"
        context = {"base": base, "attempts_made": made, "wait": wait_for(completion_id, made)}
        return render(request, "completion/_not_yet.html", context)
    return reload_page()


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


def _transcript(request: HttpRequest, conversation: Conversation, shown: Iterable[range]) -> Transcript:
    places = [place for one in shown for place in one]
    return transcript(
        conversation.completion, conversation.messages, places, system_open=read_display(request).system_open
    )


def _entries(printed: Transcript, stretch: range) -> list[Entry]:
    return [entry for entry in printed.inputs if entry.place in stretch]
