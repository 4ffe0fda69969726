"""The list of stored completions, its input previews, and its JSON twin."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from dashboard import clock
from dashboard.access import visible_projects
from dashboard.capabilities import METADATA_FILTER, MODEL_FILTER, filters_ignored, learn
from dashboard.display import Display, read_display
from dashboard.failures import failure_context, with_retry_after
from dashboard.forms import ListForm, ListQuery, Loaded, is_canonical, parse_list
from dashboard.htmx import keep_target, push_url, replace_url, wants_fragment
from dashboard.inputs import input_previews
from dashboard.inspection.filter_check import ignored_filters
from dashboard.inspection.visible import visible
from dashboard.listing import Foot, active_filters, count_words, foot, links
from dashboard.panel import load_panel
from dashboard.projects import Project, get_project
from dashboard.rows import INPUTS_AT_ONCE, RowMaker, inputs_url
from dashboard.upstream.errors import UpstreamError
from dashboard.upstream.records import ID
from dashboard.upstream.watchdog import Deadline
from dashboard.window import Window, list_page, load_window


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    visible = visible_projects(request.user)
    if not visible:
        return render(request, "no_project.html", status=403)
    return redirect(ListQuery(next(iter(visible))).url)


@require_safe
def listing(request: HttpRequest, project: str) -> HttpResponse:
    upstream = get_project(project)
    form, query = parse_list(project, request.GET)
    fragment = wants_fragment(request)
    if form.errors:
        return _bad_form(request, upstream, form, query)
    if fragment and (loaded := Loaded.parse(request.GET)):
        return _more_rows(request, upstream, query, loaded)
    if not fragment and not is_canonical(query, request.GET):
        return redirect(query.url)
    context, deadline = _frame(upstream, form, query), Deadline()
    try:
        window = load_window(upstream.client, query, deadline)
    except UpstreamError as error:
        return _failed_list(request, query, context, error)
    if window.failure:
        context |= failure_context(request, window.failure)
        query = query.with_pages(len(window.pages))
    context |= _rows(upstream, read_display(request), query, window, Loaded())
    if query.peek and not fragment:
        context |= load_panel(request, upstream, query, deadline)
    response = render(request, f"completions/{'_changed' if fragment else 'list'}.html", context)
    return push_url(response, query.url) if fragment else response


@require_safe
def inputs(request: HttpRequest, project: str) -> HttpResponse:
    """The input cells of a batch of rows, each swapped into its own place."""
    upstream = get_project(project)
    ids = [one for one in request.GET.getlist("id") if ID.fullmatch(one)][:INPUTS_AT_ONCE]
    previews = input_previews(upstream, ids)
    texts = [(one, previews.texts.get(one, "")) for one in ids if one not in previews.waiting]
    context: dict[str, Any] = {"inputs": texts}
    if previews.waiting:
        context |= {"again_id": previews.waiting[0], "again_url": inputs_url(project, previews.waiting)}
    return render(request, "completions/_inputs.html", context)


@require_safe
def listing_json(request: HttpRequest, project: str) -> HttpResponse:
    upstream = get_project(project)
    form, query = parse_list(project, request.GET)
    if form.errors:
        sentences = [str(sentence) for field in form.errors.values() for sentence in field]
        return JsonResponse({"error": {"message": " ".join(sentences)}}, status=400)
    page = list_page(upstream.client, query, query.after, Deadline())
    return HttpResponse(page.body, content_type="application/json")


def _more_rows(request: HttpRequest, upstream: Project, query: ListQuery, loaded: Loaded) -> HttpResponse:
    """Load more: the next page of rows, as the ones above are shown, and the address under which all come back."""
    grown = replace(query, after=loaded.start)
    display = replace(read_display(request), zone=clock.zone_named(loaded.zone), inputs=loaded.inputs)
    try:
        window = load_window(upstream.client, query.starting_after(query.after), Deadline())
    except UpstreamError as error:
        again = Foot(f"{loaded.rows} loaded.", query.starting_after(query.after).url, request.get_full_path())
        context = links(grown) | {"foot": again, "display": display} | failure_context(request, error)
        return with_retry_after(render(request, "completions/_rows.html", context, status=error.status), error)
    context = links(grown) | {"appended": True} | _rows(upstream, display, grown, window, loaded)
    return replace_url(render(request, "completions/_appended.html", context), grown.url)


def _failed_list(request: HttpRequest, query: ListQuery, context: dict[str, Any], error: UpstreamError) -> HttpResponse:
    context |= failure_context(request, error) | {"again": query.url, "count_words": "Nothing loaded"}
    if not wants_fragment(request):
        return with_retry_after(render(request, "completions/list.html", context, status=error.status), error)
    response = render(request, "completions/_changed.html", context, status=error.status)
    return with_retry_after(push_url(response, query.url), error)


def _bad_form(request: HttpRequest, upstream: Project, form: ListForm, query: ListQuery) -> HttpResponse:
    """Nothing is asked upstream. What was typed stays in the fields, and on a fragment the rows stay too."""
    context = _frame(upstream, form, query) | {"count_words": "Nothing loaded"}
    if wants_fragment(request):
        return keep_target(render(request, "completions/_filters_again.html", context, status=400))
    return render(request, "completions/list.html", context, status=400)


def _frame(project: Project, form: ListForm, query: ListQuery) -> dict[str, Any]:
    """What the list page shows whether or not there are rows."""
    valid = replace(query, metadata=()) if "metadata_key" in form.errors else query
    return {
        "valid_url": valid.url,
        "form": form,
        "pair_sent": not form.data.keys().isdisjoint({"metadata_key", "metadata_value"}),
        "kept_pairs": query.with_model("").pairs(),
        "active": active_filters(query),
        "filters_ignored": "" if query.filtered else filters_ignored(project),
        **links(query),
    }


def _rows(project: Project, display: Display, query: ListQuery, window: Window, loaded: Loaded) -> dict[str, Any]:
    days = RowMaker(query, display.zone, display.inputs).days(window.rows, loaded)
    return {
        "display": display,
        "days": days,
        "foot": foot(query, window, days, loaded, display),
        "count_words": count_words(loaded.rows + len(window.rows), query),
        "rows_loaded": loaded.rows + len(window.rows),
        "models": _offered({row.model for row in window.rows}),
        "metadata_keys": _offered({key for row in window.rows for key in row.metadata}),
        "notices": [*window.notices, *_ignored_filters(project, query, window, appended=bool(loaded.rows))],
    }


def _ignored_filters(project: Project, query: ListQuery, window: Window, *, appended: bool) -> list[str]:
    """Said on this page, and remembered for the next reader of the form."""
    of_model = ignored_filters(window.rows, query.model, (), appended)
    of_metadata = ignored_filters(window.rows, "", query.metadata, appended)
    if window.rows and query.model:
        learn(project, MODEL_FILTER, offered=not of_model)
    if window.rows and query.metadata:
        learn(project, METADATA_FILTER, offered=not of_metadata)
    return of_model + of_metadata


def _offered(values: set[str]) -> list[str]:
    """Suggestions for a field: what holds hidden characters could not be told from what does not."""
    return sorted(value for value in values if value and visible(value) == value)
