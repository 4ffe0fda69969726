"""The transcript of one stored completion at its permanent address, and its JSON twins with the bytes as received."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from dashboard.completion_frame import frame, opened_from
from dashboard.conversation import load_conversation
from dashboard.display import read_display
from dashboard.forms import ListQuery, number
from dashboard.htmx import reload_page, wants_fragment
from dashboard.inspection.conversation_markdown import conversation_markdown
from dashboard.not_there import wait_for
from dashboard.projects import get_project
from dashboard.transcript_page import stretch, whole
from dashboard.upstream.errors import UpstreamError
from dashboard.upstream.records import ID
from dashboard.upstream.watchdog import Deadline


@require_safe
def completion(request: HttpRequest, project: str, completion_id: str) -> HttpResponse:
    query = opened_from(request, project)
    conversation = load_conversation(get_project(project), completion_id, Deadline())
    context = whole(conversation, number(request.GET, "from"), read_display(request)) | {
        "text_url": query.completion_url(completion_id, more=[("as", "text")]),
        "markdown_url": query.completion_url(completion_id, more=[("as", "markdown")]),
    }
    around = frame(request, query, conversation.completion, completion_id, "")
    return render(request, "completion/page.html", around | context)


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
    context = {"base": f"{query.path}{completion_id}/"} | stretch(conversation, start, stop, read_display(request))
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
