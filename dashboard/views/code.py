"""A completion as code: fetch it, and run its request again."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard.completion_frame import frame, opened_from
from dashboard.conversation import load_conversation
from dashboard.inspection.snippets import LANGUAGES, Upstream, fetch_snippet, run_snippet
from dashboard.projects import Project, get_project
from dashboard.upstream.watchdog import Deadline


@require_safe
def code(request: HttpRequest, project: str, completion_id: str) -> HttpResponse:
    query = opened_from(request, project)
    upstream = get_project(project)
    conversation = load_conversation(upstream, completion_id, Deadline())
    found, address = conversation.completion, _address(upstream)
    context = {
        "fetch": [(one, fetch_snippet(one, address, completion_id)) for one in LANGUAGES],
        "run": [(one, run_snippet(one, address, found, conversation.messages, short=True)) for one in LANGUAGES],
        "note": conversation.inputs.note,
    }
    return render(request, "completion/code.html", frame(request, query, found, completion_id, "code/") | context)


@require_safe
def run(request: HttpRequest, project: str, completion_id: str, suffix: str) -> HttpResponse:
    """The whole request as a file, with all messages and tools."""
    language = next((one for one in LANGUAGES if one.suffix == suffix), None)
    if language is None:
        raise Http404("There is no such language here.")
    upstream = get_project(project)
    conversation = load_conversation(upstream, completion_id, Deadline())
    written = run_snippet(language, _address(upstream), conversation.completion, conversation.messages, short=False)
    if conversation.inputs.note:
        written = f"{language.comment} {conversation.inputs.note}\n{written}"
    headers = {"Content-Disposition": f'attachment; filename="{completion_id}.{suffix}"'}
    return HttpResponse(written, content_type="text/plain; charset=utf-8", headers=headers)


def _address(upstream: Project) -> Upstream:
    return Upstream(upstream.base_url, upstream.fixed_query, upstream.key_header)
