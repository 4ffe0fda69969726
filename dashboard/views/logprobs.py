"""The logprobs of a completion: coloured text, a table of all tokens, its CSV, and one token for the inspector."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from dashboard.completion_frame import frame, opened_from
from dashboard.conversation import kept_completion, load_completion, value_at
from dashboard.html.kept import kept_html
from dashboard.htmx import wants_fragment
from dashboard.inspection.answer_tokens import AnswerTokens, answer_tokens, odd_logprobs
from dashboard.projects import get_project
from dashboard.token_csv import csv_pieces
from dashboard.token_page import one_token, overview, table
from dashboard.token_query import TokenQuery, parse_tokens
from dashboard.upstream.records import Completion
from dashboard.upstream.tokens import LISTS, tokens
from dashboard.upstream.watchdog import Deadline

KEPT_SECONDS = 600
"""By the browser: a stored token never changes."""


@require_safe
def logprobs(request: HttpRequest, project: str, completion_id: str) -> HttpResponse:
    listed = opened_from(request, project)
    query, faults = parse_tokens(listed, completion_id, request.GET)
    load = load_completion if _is_reload(request) else kept_completion
    found = load(get_project(project), completion_id, Deadline())
    lists = answer_tokens(found)
    shown = _chosen(lists, query)
    missing = _missing(found, shown, query)
    query = query.with_(choice=shown.choice if shown else None, t=None if missing else query.t)
    context = {
        "token_query": query,
        "lists": lists,
        "list_links": [(one, query.of(one.choice, one.field)) for one in lists],
        "shown": shown,
        "link": query.link,
        "odd": odd_logprobs(found),
        "notes": [*faults, *missing],
    }
    if shown and query.table:
        context |= table(tokens(shown.entries), query)
    elif shown:
        context["tokens_html"] = kept_html(f"{found.digest} {query.url}", lambda: _tokens_html(shown, query))
    return render(
        request,
        "completion/logprobs_table.html" if shown and query.table else "completion/logprobs.html",
        frame(request, listed, found, completion_id, "logprobs/") | context,
        status=400 if faults else 404 if missing else 200,
    )


@require_safe
def tokens_csv(request: HttpRequest, project: str, completion_id: str) -> StreamingHttpResponse:
    query, _ = parse_tokens(opened_from(request, project), completion_id, request.GET)
    found = kept_completion(get_project(project), completion_id, Deadline())
    shown = _chosen(answer_tokens(found), query)
    if shown is None:
        raise Http404("There are no logprobs to write down.")
    response = StreamingHttpResponse(csv_pieces(tokens(shown.entries)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{completion_id}-tokens-{shown.choice}-{shown.field}.csv"'
    return response


@require_safe
def token(request: HttpRequest, project: str, completion_id: str, choice: int, place: int) -> HttpResponse:
    listed = opened_from(request, project)
    query = parse_tokens(listed, completion_id, request.GET)[0].with_(choice=choice, t=place)
    if not wants_fragment(request):
        return redirect(query.url)
    shown = _kept(project, completion_id, query)
    context = {"base": f"{listed.path}{completion_id}/", "token_query": query} | one_token(shown, place, query)
    response = render(request, "completion/_token.html", context)
    patch_cache_control(response, private=True, max_age=KEPT_SECONDS)
    return response


def _is_reload(request: HttpRequest) -> bool:
    """Whether the reader asks for the page once more, with the browser or with a link to where they are."""
    return request.headers.get("Cache-Control", "") in ("max-age=0", "no-cache")


def _tokens_html(shown: AnswerTokens, query: TokenQuery) -> SafeString:
    context = {"token_query": query, "base": f"{query.listed.path}{query.completion_id}/"}
    return render_to_string("completion/_tokens.html", context | overview(shown, tokens(shown.entries), query))


def _chosen(lists: list[AnswerTokens], query: TokenQuery) -> AnswerTokens | None:
    """The first list that the address may mean."""
    fitting = [one for one in lists if query.choice in (None, one.choice) and query.field in ("", one.field)]
    return fitting[0] if fitting else None


def _missing(found: Completion, shown: AnswerTokens | None, query: TokenQuery) -> list[str]:
    """What the address names and the completion does not have, in words."""
    count = len(found.choices)
    if query.choice is not None and query.choice >= count:
        return [f"There is no choice {query.choice}: this completion has {count}, counted from 0."]
    if shown and query.t is not None and query.t >= len(shown.entries):
        return [f"There is no token {query.t}: this answer has {len(shown.entries):,}, counted from 0."]
    return []


def _kept(project: str, completion_id: str, query: TokenQuery) -> AnswerTokens:
    """Of the document that the page was made of, so that a token costs milliseconds."""
    at = f"/completion/choices/{query.choice}/logprobs/{query.field or 'content'}"
    try:
        entries: Any = value_at(get_project(project), completion_id, at, Deadline())
    except LookupError:
        entries = None
    if not isinstance(entries, LISTS) or not 0 <= (query.t or 0) < len(entries):
        raise Http404("There is no such token.")
    return AnswerTokens(query.choice or 0, "", query.field, at, entries)
