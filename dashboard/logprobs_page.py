"""What the logprobs page shows of one completion, ready for its templates; its tokens are written once and kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import Http404
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from dashboard.html.kept import kept_html
from dashboard.inspection.answer_tokens import AnswerTokens, answer_tokens, odd_logprobs
from dashboard.token_page import one_token, overview, table
from dashboard.token_query import TokenQuery
from dashboard.upstream.records import Completion
from dashboard.upstream.tokens import LISTS, tokens


def page(
    found: Completion, query: TokenQuery, faults: list[str], around: Mapping[str, Any]
) -> tuple[str, dict[str, Any], int]:
    """Template, context and status. `around` is what the kept part depends on beside the query."""
    lists = answer_tokens(found)
    shown = chosen(lists, query)
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
        context["tokens_html"] = kept_html(f"{found.digest} {query.url}", lambda: _tokens_html(shown, query, around))
    template = "completion/logprobs_table.html" if shown and query.table else "completion/logprobs.html"
    return template, context, 400 if faults else 404 if missing else 200


def token(value_at: Callable[[str], Any], query: TokenQuery, place: int) -> dict[str, Any]:
    """One token for the inspector. `value_at` has the value at a pointer; it raises LookupError where there is none."""
    at = f"/completion/choices/{query.choice}/logprobs/{query.field or 'content'}"
    try:
        entries: Any = value_at(at)
    except LookupError:
        entries = None
    if not isinstance(entries, LISTS) or not 0 <= place < len(entries):
        raise Http404("There is no such token.")
    shown = AnswerTokens(query.choice or 0, "", query.field, at, entries)
    return {"base": query.base, "token_query": query} | one_token(shown, place, query)


def chosen(lists: list[AnswerTokens], query: TokenQuery) -> AnswerTokens | None:
    """The first list that the address may mean."""
    fitting = [one for one in lists if query.choice in (None, one.choice) and query.field in ("", one.field)]
    return fitting[0] if fitting else None


def _tokens_html(shown: AnswerTokens, query: TokenQuery, around: Mapping[str, Any]) -> SafeString:
    context = {**around, "token_query": query, "base": query.base}
    return render_to_string("completion/_tokens.html", context | overview(shown, tokens(shown.entries), query))


def _missing(found: Completion, shown: AnswerTokens | None, query: TokenQuery) -> list[str]:
    """What the address names and the completion does not have, in words."""
    count = len(found.choices)
    if query.choice is not None and query.choice >= count:
        return [f"There is no choice {query.choice}: this completion has {count}, counted from 0."]
    if shown and query.t is not None and query.t >= len(shown.entries):
        return [f"There is no token {query.t}: this answer has {len(shown.entries):,}, counted from 0."]
    return []
