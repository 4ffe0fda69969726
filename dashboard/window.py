"""The loaded window of a list: as many pages of the API as the address asks for, within one deadline."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.forms import ListQuery
from dashboard.upstream.client import Client
from dashboard.upstream.errors import UpstreamError
from dashboard.upstream.records import Completion, Page
from dashboard.upstream.watchdog import Deadline

Rows = tuple[Completion, ...]


@dataclass(frozen=True)
class Window:
    """`pages` holds the rows page by page. `next_after` is the cursor to go on from, None at the end.

    `failure` is what stopped a later page; the rows before it stay. `notices` are sentences for the reader.
    """

    pages: tuple[Rows, ...]
    next_after: str | None
    notices: tuple[str, ...] = ()
    failure: UpstreamError | None = None

    @property
    def rows(self) -> Rows:
        return tuple(row for page in self.pages for row in page)


def load_window(client: Client, query: ListQuery, deadline: Deadline) -> Window:
    """Raises UpstreamError when not even the first page came."""
    pages: list[Rows] = []
    after, seen, notices = query.after, {query.after}, list[str]()
    for _ in range(query.pages):
        try:
            page = list_page(client, query, after, deadline)
        except UpstreamError as failure:
            if not pages:
                raise
            return Window(tuple(pages), after, tuple(notices), failure)
        rows, next_after, notice = _taken(page, query, seen)
        pages.append(rows)
        notices += [notice] if notice else []
        if next_after is None:
            return Window(tuple(pages), None, tuple(notices))
        after = next_after
        seen.add(after)
        seen.update(row.id for row in rows)
    return Window(tuple(pages), after, tuple(notices))


def list_page(client: Client, query: ListQuery, after: str, deadline: Deadline) -> Page[Completion]:
    """One page of the API for this query, going on after the cursor."""
    return client.list(
        model=query.model,
        metadata=query.metadata,
        order=query.order,
        limit=query.limit,
        after=after,
        deadline=deadline,
    )


def _taken(page: Page[Completion], query: ListQuery, seen: set[str]) -> tuple[Rows, str | None, str]:
    """What of a page is new, the cursor that follows it, and a sentence about what was odd."""
    rows = tuple(row for row in page.items if not row.id or row.id not in seen)
    if len(rows) > query.limit:
        rows = rows[: query.limit]
        return rows, rows[-1].id, f"The API sent {len(page.items)} rows where {query.limit} were asked for."
    if not page.has_more:
        return rows, None, ""
    if not rows:
        return (
            rows,
            None,
            (
                "The API says that there is more, but sent the same rows again."
                if page.items
                else "The API says that there is more, but sent no rows."
            ),
        )
    if page.next_after is None or page.next_after in seen:
        return rows, None, "The API says that there is more, but gave no new cursor to go on from."
    return rows, page.next_after, ""
