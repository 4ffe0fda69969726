"""Does the list do what is asked of it: page size, cursor, filters, order?"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.doctor.findings import Verdict
from dashboard.doctor.patient import SAMPLE, Pairs, Patient
from dashboard.inspection.filter_check import ignored_filters
from dashboard.upstream.errors import NoSuchRoute, Refused
from dashboard.upstream.records import Completion, Page

NOBODYS = "doctor-asks-for-what-nobody-has"
EMPTY = (
    "Nothing is stored yet, or nothing that this key may see. Calls are stored when they are made with store=True; "
    "they appear after some seconds and are kept about 30 days."
)
EMPTY_ADVICE = "Make one call with store=True, in the project that the key belongs to, and try again."

Filter = tuple[str, Pairs]
"""Model and metadata; one of them is empty."""


def listed(patient: Patient, page: Page[Completion]) -> Verdict:
    """The newest rows, which all later checks are about."""
    patient.rows = page.items
    if not page.items:
        return Verdict("note", EMPTY, EMPTY_ADVICE)
    if not any(row.addressable for row in page.items):
        return Verdict("note", "None of its rows has an id that can stand in an address, so that none can be opened.")
    more = "and says that there are more" if page.has_more else "and that is all"
    return Verdict("ok", f"It came with {_rows(len(page.items))}, {more}.")


def limit(patient: Patient) -> Verdict:
    if len(patient.rows) < 2:
        return Verdict("skipped", "At least two stored completions are needed for it.")
    patient.asked = asked = min(len(patient.rows), SAMPLE) // 2
    patient.beginning = page = patient.list(limit=asked)
    came = f"{_rows(len(page.items))} came"
    if len(page.items) > asked:
        advice = "The dashboard shows as many as were asked for, and goes on after them."
        return Verdict("note", f"The page size is ignored: {came} where {asked} were asked for.", advice)
    if len(page.items) < asked:
        return Verdict("note", f"Only {came} where {asked} were asked for, though the list before had more.")
    return Verdict("ok", f"{came}, as asked for.")


def next_page(patient: Patient) -> Verdict:
    page, asked = patient.beginning, patient.asked
    if page is None or not page.items:
        return Verdict("skipped", "There is no page to go on from.")
    rows = page.items[:asked]
    if len(page.items) > asked:
        cursor: str | None = rows[-1].id
    elif not page.has_more:
        return Verdict(
            "fault", f"The API says that nothing follows these {_rows(asked)}, though it listed more before."
        )
    else:
        cursor = page.next_after
    if not cursor:
        return Verdict("fault", "The API says that there is more, but gives no cursor to go on from.")
    return _went_on(patient.rows, rows, patient.list(after=cursor).items)


def _went_on(newest: Sequence[Completion], page: Sequence[Completion], came: Sequence[Completion]) -> Verdict:
    """`newest` goes further than `page` does: what of it should have come after that page?"""
    before = {row.id for row in page if row.id}
    if again := sum(row.id in before for row in came):
        words = f"The cursor is ignored: {_rows(again)} of the page before came once more."
        return Verdict("fault", words, "Only the first page can be read here; 100 rows a page show the most.")
    known = before | {row.id for row in came}
    lost = [row for row in newest if row.id not in known]
    if not lost:
        return Verdict("ok", f"It goes on with {_rows(len(came))} that were not there before.")
    if all(row.created == page[-1].created for row in lost):
        words = f"{_rows(len(lost))} of the second in which the page before ends {_are(lost)} left out."
        return Verdict("note", words, "OpenAI does the same. A page size of 100 makes fewer such places.")
    words = f"After the cursor {_rows(len(lost))} {_are(lost)} missing that the list before had."
    return Verdict("note" if came else "fault", words)


def model_filter(patient: Patient) -> Verdict:
    candidates: list[Filter] = [(row.model, ()) for row in patient.rows if row.model]
    return _filtered(patient, candidates, (NOBODYS, ()), "model")


def metadata_filter(patient: Patient) -> Verdict:
    candidates: list[Filter] = [("", (pair,)) for row in patient.rows for pair in row.metadata.items()]
    return _filtered(patient, candidates, ("", ((NOBODYS, NOBODYS),)), "pair of metadata")


def _filtered(patient: Patient, candidates: Sequence[Filter], nobodys: Filter, kind: str) -> Verdict:
    """Asks for what some rows have, best for what others lack; where all have it, for what nobody has, too.

    The values stay unsaid: metadata may tell as much as the content of a completion.
    """
    if not patient.rows:
        return Verdict("skipped", "A stored completion is needed for it.")
    telling = [one for one in candidates if ignored_filters(patient.rows, *one)]
    has = "" if candidates else f" No row that was loaded has a {kind}."
    if asked := next(iter([*telling, *candidates]), None):
        rows = patient.list(model=asked[0], metadata=asked[1]).items
        if ignored_filters(rows, *asked):
            return _ignored("Rows came that do not match", kind)
        if not rows:
            words = f"Nothing came for the {kind} of a row that the list shows."
            return Verdict("note", words, "The server may compare with another spelling than the one it shows.")
        if telling:
            return Verdict("ok", f"Asked for one {kind}, it sent {_rows(len(rows))}, and all of them match.")
    if _came_for(patient, nobodys):
        return _ignored(f"Rows came for a {kind} that nobody has", kind, has)
    return Verdict("ok", f"Nothing came for a {kind} that nobody has.{has}")


def _came_for(patient: Patient, nobodys: Filter) -> bool:
    """A server may as well refuse what it does not know."""
    try:
        return bool(patient.list(model=nobodys[0], metadata=nobodys[1]).items)
    except (Refused, NoSuchRoute):
        return False


def _ignored(words: str, kind: str, more: str = "") -> Verdict:
    return Verdict(
        "note",
        f"The filter is ignored: {words[0].lower()}{words[1:]}.{more}",
        f"The list shows all rows when it is filtered by a {kind}, and says so above them.",
    )


def order(patient: Patient) -> Verdict:
    newest = [row.created for row in patient.rows if row.created is not None]
    if len(set(newest)) < 2:
        return Verdict("skipped", "Completions of two different moments are needed for it.")
    oldest = [row.created for row in patient.list(order="asc").items if row.created is not None]
    right = {"desc": newest == sorted(newest, reverse=True), "asc": _ascends(oldest, newest)}
    wrong = [name for name in right if not right[name]]
    if wrong:
        words = f"The order is ignored: order={' and order='.join(wrong)} did not come so."
        return Verdict("note", words, "The newest completions may stand anywhere in the list.")
    return Verdict("ok", "Newest first and oldest first both come as asked for.")


def _ascends(oldest: Sequence[int], newest: Sequence[int]) -> bool:
    return bool(oldest) and list(oldest) == sorted(oldest) and oldest[0] <= min(newest)


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _are(rows: Sequence[Completion]) -> str:
    return "is" if len(rows) == 1 else "are"


LIST_CHECKS = {
    "limit": limit,
    "next page": next_page,
    "model filter": model_filter,
    "metadata filter": metadata_filter,
    "order": order,
}
