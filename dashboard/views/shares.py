"""What a share link shows: to whoever has it, and beforehand to who makes it. Both are the same pages.

A view here gets a `Shared`, in which everything is decided that may be seen; `public` and `preview` tell it from the
address.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from dashboard import audit
from dashboard.access import may_share, sharing_offered
from dashboard.client_address import client_address, network
from dashboard.display import PUBLIC, read_display
from dashboard.document_page import WHOLE, part_of, place
from dashboard.documents import MESSAGES
from dashboard.forms import number
from dashboard.html.tree import subtree_html
from dashboard.html.words import chunks_html
from dashboard.htmx import wants_fragment
from dashboard.inspection.json_tree import tree
from dashboard.inspection.shared_parts import Shown
from dashboard.logprobs_page import page as logprobs_page
from dashboard.logprobs_page import token as one_token
from dashboard.media_response import media_response
from dashboard.models import ShareLink, digest
from dashboard.projects import get_project, get_shared_project
from dashboard.share_links import count_view, find_link, has_ended, note_gone
from dashboard.share_page import JSON, LOGPROBS, around, frame
from dashboard.shared_completion import Shared, load_shared, shared_value
from dashboard.shared_memory import shared_memory
from dashboard.token_query import parse_tokens
from dashboard.transcript_page import stretch, whole
from dashboard.upstream.errors import NotFound, UpstreamError
from dashboard.upstream.records import text as as_text
from dashboard.upstream.watchdog import Deadline

View = Callable[..., HttpResponse]

PER_LINK, PER_ADDRESS = 60, 120
"""Pages a minute."""
MINUTE, HOUR = 60, 3600
PARTS_A_PAGE = 10
"""So many times that of what pages load beside: images, long texts, tokens."""
UNKNOWN = "There is no such link", "The address may be mistyped: it has to be the whole of what was sent."
ENDED = "This link has ended", "It has expired or was revoked. Ask whoever sent it for another one."
NOT_THERE = "No longer available", "What this link showed is kept for a limited time only, and that is over."
UNAVAILABLE = "This cannot be shown at the moment", "Try again in a moment."
TOO_MANY = "Too many requests", "Try again in a minute."


def public(view: View, *, is_page: bool) -> View:
    """At the address of a link. Whatever is wrong is said without a word about the dashboard behind it."""

    @login_not_required
    @csrf_exempt
    @wraps(view)
    def opened(request: HttpRequest, secret: str, **named: Any) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if not sharing_offered():
            return _said(request, UNKNOWN, 404)
        is_view = is_page and not wants_fragment(request)
        if wait := _seconds_to_wait(request, secret, 1 if is_view else PARTS_A_PAGE):
            return _said(request, TOO_MANY, 429, wait)
        link = find_link(secret)
        if link is None:
            return _said(request, UNKNOWN, 404)
        if has_ended(link):
            _note_once_an_hour(request, audit.SHARE_ENDED, link)
            return _said(request, ENDED, 410)
        response = _answer(request, link, lambda shared: view(request, shared, **named), f"{PUBLIC}{secret}/")
        if is_view and response.status_code == 200 and request.method == "GET":
            count_view(link)
            _note_once_an_hour(request, audit.SHARE_VIEWED, link)
        return response

    return opened


def preview(view: View, *, is_page: bool) -> View:
    """Below the page of the completion, for who may share it. Shown as to a reader, who has no cookies."""

    @require_safe
    @wraps(view)
    def opened(request: HttpRequest, project: str, completion_id: str, shown: Shown, **named: Any) -> HttpResponse:
        if not may_share(request.user, project):
            raise Http404("There is nothing to share here.")
        request.COOKIES = {}
        base = f"/{project}/completions/{completion_id}/share/preview/{shown}/"
        return view(request, Shared(get_project(project), completion_id, shown, base, is_preview=True), **named)

    return opened


def transcript(request: HttpRequest, shared: Shared) -> HttpResponse:
    conversation = load_shared(shared, Deadline())
    context = frame(request, shared, conversation.completion, "")
    context |= whole(conversation, number(request.GET, "from"), read_display(request))
    return render(request, "completion/page.html", context)


def messages(request: HttpRequest, shared: Shared) -> HttpResponse:
    if not shared.shown.input:
        raise Http404("The input is not shown.")
    start, stop = number(request.GET, "from") or 0, number(request.GET, "to") or 0
    if not wants_fragment(request):
        return redirect(f"{shared.base}?from={start}#message-{start}")
    conversation = load_shared(shared, Deadline())
    context = around(shared) | stretch(conversation, start, stop, read_display(request))
    return render(request, "completion/_messages.html", context)


def text(request: HttpRequest, shared: Shared) -> HttpResponse:
    """One string, exactly; anything else only where the JSON is shown."""
    at = request.GET.get("at", "")
    value = _value(shared, at)
    if not isinstance(value, str) and not shared.shown.json:
        raise Http404("The JSON is not shown.")
    value = as_text(value)
    if not wants_fragment(request):
        return HttpResponse(value, content_type="text/plain; charset=utf-8")
    return HttpResponse(chunks_html(value, at, number(request.GET, "from") or 0, shared.base))


def media(request: HttpRequest, shared: Shared) -> HttpResponse:
    value = _value(shared, request.GET.get("at", ""))
    response = media_response(request, value) if isinstance(value, str) else None
    if response is None:
        raise Http404("There is nothing at that place of the document that a browser may show.")
    return response


def json_tab(request: HttpRequest, shared: Shared) -> HttpResponse:
    if not shared.shown.json:
        raise Http404("The JSON is not shown.")
    at = request.GET.get("at", WHOLE)
    if wants_fragment(request):
        node = tree(_value(shared, at), at=at, start=number(request.GET, "from") or 0)
        return HttpResponse(subtree_html(node, shared.base))
    conversation = load_shared(shared, Deadline())
    context = frame(request, shared, conversation.completion, JSON) | place(
        shared.base, _value(shared, at), at, request.GET
    )
    context["note"] = conversation.inputs.note if part_of(at) == MESSAGES else ""
    return render(request, "completion/json.html", context)


def logprobs(request: HttpRequest, shared: Shared) -> HttpResponse:
    if not shared.shown.logprobs:
        raise Http404("The logprobs are not shown.")
    query, faults = parse_tokens(shared.base, [], request.GET)
    found = load_shared(shared, Deadline()).completion
    template, context, status = logprobs_page(found, query, faults, around(shared))
    return render(request, template, frame(request, shared, found, LOGPROBS) | context, status=status)


def token(request: HttpRequest, shared: Shared, choice: int, place: int) -> HttpResponse:
    query = parse_tokens(shared.base, [], request.GET)[0].with_(choice=choice, t=place)
    if not wants_fragment(request):
        return redirect(query.url)
    context = around(shared) | one_token(lambda at: _value(shared, at), query, place)
    return render(request, "completion/_token.html", context)


@login_not_required
@csrf_exempt
def nothing(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Every other address below that of a link."""
    return _said(request, UNKNOWN, 404)


def _answer(request: HttpRequest, link: ShareLink, view: Callable[[Shared], HttpResponse], base: str) -> HttpResponse:
    try:
        return view(Shared(get_shared_project(link.project), link.completion_id, link.shown, base))
    except NotFound:
        note_gone(link)
        return _said(request, NOT_THERE, 404)
    except UpstreamError as error:
        status = error.status if error.status in {503, 504} else 502
        return _said(request, UNAVAILABLE, status, math.ceil(error.retry_after or 0))
    except Http404:
        return _said(request, UNKNOWN, 404)


def _said(request: HttpRequest, words: tuple[str, str], status: int, wait: int = 0) -> HttpResponse:
    response = render(request, "_status.html", {"headline": words[0], "detail": words[1]}, status=status)
    if wait:
        response.headers["Retry-After"] = str(wait)
    return response


def _seconds_to_wait(request: HttpRequest, secret: str, times: int) -> int:
    """By address before the link is looked up, so that it bounds guesses, too."""
    kind = "page" if times == 1 else "part"
    by_address = f"share-{kind}:{network(client_address(request))}"
    return shared_memory.count(by_address, PER_ADDRESS * times, MINUTE) or shared_memory.count(
        f"share-{kind}:{digest(secret)}", PER_LINK * times, MINUTE
    )


def _note_once_an_hour(request: HttpRequest, action: str, link: ShareLink) -> None:
    """For each address, so that a link in a busy channel does not fill the audit."""
    if shared_memory.claim(f"{action}:{link.pk}:{network(client_address(request))}", HOUR):
        audit.record(request, action, project=link.project, completion_id=link.completion_id, share_link=link)


def _value(shared: Shared, at: str) -> Any:
    try:
        return shared_value(shared, at, Deadline())
    except LookupError:
        raise Http404("The document has no such place.") from None
