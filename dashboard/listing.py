"""What the list page says around its rows: counts, the foot with *load more*, chips, and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dashboard import clock
from dashboard.display import Display
from dashboard.forms import MOST_PAGES, NEWEST, OLDEST, PAGE_SIZES, ListQuery, Loaded
from dashboard.rows import Day
from dashboard.upstream.records import Completion
from dashboard.window import Window


@dataclass(frozen=True)
class ActiveFilter:
    """A chip: what it says, and the address without it."""

    key: str
    value: str
    without: str


@dataclass(frozen=True)
class Foot:
    """The end of the loaded rows. `url` opens the next window, `more_url` is the fragment that adds its rows here.

    Both are empty at the end of the list; `more_url` alone at the cap of pages that one address can hold.
    """

    words: str
    url: str = ""
    more_url: str = ""


def links(query: ListQuery) -> dict[str, Any]:
    """The addresses that every part of the list page leads to."""
    return {
        "query": query,
        "filter_words": filter_words(query),
        "first_url": query.first_page().url,
        "newest_url": query.with_order(NEWEST).url,
        "oldest_url": query.with_order(OLDEST).url,
        "cleared_url": query.without_filters().url,
        "size_links": [(size, query.with_limit(size).url) for size in PAGE_SIZES],
    }


def active_filters(query: ListQuery) -> list[ActiveFilter]:
    chips = [ActiveFilter(key, value, query.without_metadata(key).url) for key, value in query.metadata]
    if query.model:
        chips.insert(0, ActiveFilter("model", query.model, query.with_model("").url))
    return chips


def filter_words(query: ListQuery) -> str:
    """`model gpt-5.4 and env = prod`"""
    words = [f"model {query.model}"] if query.model else []
    return " and ".join(words + [f"{key} = {value}" for key, value in query.metadata])


def count_words(rows: int, query: ListQuery) -> str:
    if not rows:
        return "0 loaded"
    return f"{rows} loaded, {query.first} first"


def foot(query: ListQuery, window: Window, days: Sequence[Day], before: Loaded, display: Display) -> Foot:
    """`query` is the address that the page has once these rows are on it; `before` are the rows above them."""
    rows = before.rows + len(window.rows)
    said = f"{rows} loaded{_reach(window.rows, query, display.zone)}."
    if window.next_after is None:
        words = "End of the list as the API gives it." if not window.notices else ""
        return Foot(f"{said} {words}".strip())
    url = query.starting_after(window.next_after).url
    if query.pages >= MOST_PAGES:
        return Foot(f"{said} The API reports more; an address holds {MOST_PAGES} pages.", url)
    last = days[-1]
    loaded = Loaded(rows, query.after, last.iso, last.count, display.zone.key, display.inputs)
    grown = replace(query, after=window.next_after, pages=query.pages + 1)
    return Foot(f"{said} The API reports more.", url, f"{grown.url}&{loaded.query_string()}")


def _reach(rows: Sequence[Completion], query: ListQuery, zone: clock.Zone) -> str:
    moments = [row.created for row in rows if row.created is not None]
    if not moments:
        return ""
    when = clock.moment(moments[-1], zone)
    return f", {'back' if query.order == NEWEST else 'up'} to {when:%a} {when.day} {when:%b %H:%M}"
