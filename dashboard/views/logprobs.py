"""The logprobs of a completion: coloured text, a table of all tokens, its CSV, and one token for the inspector."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from dashboard.completion_frame import frame, opened_from
from dashboard.conversation import kept_completion, load_completion, value_at
from dashboard.forms import ListQuery
from dashboard.htmx import wants_fragment
from dashboard.inspection.answer_tokens import answer_tokens
from dashboard.logprobs_page import chosen, page
from dashboard.logprobs_page import token as one_token
from dashboard.projects import get_project
from dashboard.token_csv import csv_pieces
from dashboard.token_query import parse_tokens
from dashboard.upstream.tokens import tokens
from dashboard.upstream.watchdog import Deadline

KEPT_SECONDS = 600
"""By the browser: a stored token never changes."""


@require_safe
def logprobs(request: HttpRequest, project: str, completion_id: str) -> HttpResponse:
    listed = opened_from(request, project)
    query, faults = parse_tokens(_base(listed, completion_id), listed.opened_pairs, request.GET)
    load = load_completion if _is_reload(request) else kept_completion
    found = load(get_project(project), completion_id, Deadline())
    template, context, status = page(found, query, faults, {})
    return render(request, template, frame(request, listed, found, completion_id, "logprobs/") | context, status=status)


@require_safe
def tokens_csv(request: HttpRequest, project: str, completion_id: str) -> StreamingHttpResponse:
    query, _ = parse_tokens(_base(opened_from(request, project), completion_id), [], request.GET)
    found = kept_completion(get_project(project), completion_id, Deadline())
    shown = chosen(answer_tokens(found), query)
    if shown is None:
        raise Http404("There are no logprobs to write down.")
    response = StreamingHttpResponse(csv_pieces(tokens(shown.entries)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{completion_id}-tokens-{shown.choice}-{shown.field}.csv"'
    return response


@require_safe
def token(request: HttpRequest, project: str, completion_id: str, choice: int, place: int) -> HttpResponse:
    listed = opened_from(request, project)
    query = parse_tokens(_base(listed, completion_id), listed.opened_pairs, request.GET)[0]
    query = query.with_(choice=choice, t=place)
    if not wants_fragment(request):
        return redirect(query.url)
    context = one_token(lambda at: value_at(get_project(project), completion_id, at, Deadline()), query, place)
    response = render(request, "completion/_token.html", context)
    patch_cache_control(response, private=True, max_age=KEPT_SECONDS)
    return response


def _is_reload(request: HttpRequest) -> bool:
    """Whether the reader asks for the page once more, with the browser or with a link to where they are."""
    return request.headers.get("Cache-Control", "") in ("max-age=0", "no-cache")


def _base(listed: ListQuery, completion_id: str) -> str:
    return f"{listed.path}{completion_id}/"
