"""Query string -> one frozen query object, and back into a query string. Every list link is built here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from dashboard.upstream.records import ID

NEWEST, OLDEST = "desc", "asc"
PAGE_SIZE = 50
PAGE_SIZES = (20, 50, 100)
MOST_ROWS, MOST_PAGES = 100, 10
LIMIT_FAULT = f"The page size “limit” must be a whole number from 1 to {MOST_ROWS}."
PAGES_FAULT = f"The number of pages must be a whole number from 1 to {MOST_PAGES}."
LONGEST_MODEL = 256
MOST_PAIRS, LONGEST_KEY, LONGEST_VALUE = 16, 64, 512
"""What the API accepts as metadata."""
NO_NULL = {"null_characters_not_allowed": "Metadata cannot hold null characters."}

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ListQuery:
    """What the list page shows. Its query string is the API's own, plus `pages`, how many pages are loaded, and `peek`."""

    project: str
    model: str = ""
    metadata: Pairs = ()
    order: str = NEWEST
    limit: int = PAGE_SIZE
    after: str = ""
    pages: int = 1
    peek: str = ""
    """Id of the completion that the side panel shows."""

    @property
    def filtered(self) -> bool:
        return bool(self.model or self.metadata)

    @property
    def first(self) -> str:
        """Which end of the list comes first, in a word."""
        return "newest" if self.order == NEWEST else "oldest"

    @property
    def path(self) -> str:
        return f"/{self.project}/completions/"

    @property
    def url(self) -> str:
        """The canonical address: fixed order, defaults and empties left out."""
        pairs = self.pairs()
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.path

    @property
    def json_url(self) -> str:
        """The same page of the API as it was received."""
        pairs = replace(self, pages=1, peek="").pairs()
        return f"/{self.project}/completions.json" + (f"?{urlencode(pairs)}" if pairs else "")

    def completion_url(self, completion_id: str, part: str = "", more: Iterable[tuple[str, str]] = ()) -> str:
        """A completion as opened from this list: its filter and order say what is newer and older."""
        pairs = [*self.opened_pairs, *more]
        return f"{self.path}{completion_id}/{part}" + (f"?{urlencode(pairs)}" if pairs else "")

    @cached_property
    def opened_pairs(self) -> list[tuple[str, str]]:
        """What the address of a completion keeps of the list: the same for every row."""
        return self._anew(limit=PAGE_SIZE).pairs()

    def pairs(self) -> list[tuple[str, str]]:
        every = [
            ("model", self.model, ""),
            *((f"metadata[{key}]", value, None) for key, value in self.metadata),
            ("order", self.order, NEWEST),
            ("limit", str(self.limit), str(PAGE_SIZE)),
            ("after", self.after, ""),
            ("pages", str(self.pages), "1"),
            ("peek", self.peek, ""),
        ]
        return [(name, value) for name, value, default in every if value != default]

    def first_page(self) -> ListQuery:
        return self._anew()

    def starting_after(self, cursor: str) -> ListQuery:
        """The next window on its own, as a link without JavaScript opens it."""
        return replace(self, after=cursor, pages=1, peek="")

    def with_peek(self, completion_id: str) -> ListQuery:
        return replace(self, peek=completion_id)

    def with_pages(self, pages: int) -> ListQuery:
        return replace(self, pages=pages)

    def with_order(self, order: str) -> ListQuery:
        return self._anew(order=order)

    def with_limit(self, limit: int) -> ListQuery:
        return self._anew(limit=limit)

    def with_model(self, model: str) -> ListQuery:
        return self._anew(model=model)

    def with_metadata(self, key: str, value: str) -> ListQuery:
        return self._anew(metadata=_merged([*self.metadata, (key, value)]))

    def without_metadata(self, key: str) -> ListQuery:
        kept = tuple((other, value) for other, value in self.metadata if other != key)
        return self._anew(metadata=kept)

    def without_filters(self) -> ListQuery:
        return self._anew(model="", metadata=())

    def _anew(self, **changes: Any) -> ListQuery:
        """Another query starts at its first page."""
        return replace(self, after="", pages=1, peek="", **changes)


@dataclass(frozen=True)
class Loaded:
    """What *load more* says about the rows that are on the page already, so that counts and headers go on.

    `start` is the `after` that the window began with, `day` and `day_rows` belong to the last day header, `zone` and
    `inputs` are what the page was made with: cookies may have changed since.
    """

    rows: int = 0
    start: str = ""
    day: str = ""
    day_rows: int = 0
    zone: str = ""
    inputs: bool = True

    @classmethod
    def parse(cls, data: QueryDict) -> Loaded | None:
        """None when the request is no *load more*."""
        if "loaded" not in data:
            return None
        start = data.get("start", "")
        return cls(
            rows=number(data, "loaded") or 0,
            start=start if ID.fullmatch(start) else "",
            day=data.get("day", "")[:10],
            day_rows=number(data, "day_rows") or 0,
            zone=data.get("zone", ""),
            inputs=data.get("inputs") != "off",
        )

    def query_string(self) -> str:
        said = {"loaded": self.rows, "start": self.start, "day": self.day, "day_rows": self.day_rows, "zone": self.zone}
        return urlencode(said | ({} if self.inputs else {"inputs": "off"}))


class ListForm(forms.Form):
    """The single values of the list's query string. Metadata pairs have names of their own; see `parse_list`."""

    model = forms.CharField(
        required=False,
        max_length=LONGEST_MODEL,
        error_messages={
            "max_length": f"A model name has at most {LONGEST_MODEL} characters.",
            "null_characters_not_allowed": "A model name cannot hold null characters.",
        },
    )
    metadata_key = forms.CharField(required=False, strip=False, error_messages=NO_NULL)
    metadata_value = forms.CharField(required=False, strip=False, error_messages=NO_NULL)
    order = forms.ChoiceField(
        required=False,
        choices=[(NEWEST, "Newest"), (OLDEST, "Oldest")],
        error_messages={"invalid_choice": "The order is either desc (newest first) or asc (oldest first)."},
    )
    limit = forms.RegexField(
        r"\A[0-9]{1,9}\Z",
        required=False,
        error_messages={"invalid": LIMIT_FAULT},
    )
    after = forms.RegexField(
        rf"\A{ID.pattern}\Z",
        required=False,
        error_messages={"invalid": "The cursor “after” must be the id of a completion."},
    )
    pages = forms.RegexField(
        r"\A[0-9]{1,9}\Z",
        required=False,
        error_messages={"invalid": PAGES_FAULT},
    )

    peek = forms.RegexField(
        rf"\A{ID.pattern}\Z",
        required=False,
        error_messages={"invalid": "The panel “peek” shows a completion by its id."},
    )

    def __init__(self, data: QueryDict, given: Pairs) -> None:
        super().__init__(data)
        self.given = given

    def clean_limit(self) -> int:
        return _within(self.cleaned_data["limit"], PAGE_SIZE, MOST_ROWS, LIMIT_FAULT)

    def clean_pages(self) -> int:
        return _within(self.cleaned_data["pages"], 1, MOST_PAGES, PAGES_FAULT)

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("metadata_value") and not self.cleaned_data.get("metadata_key"):
            self.add_error("metadata_key", "A metadata value needs its key.")
        for sentence in _pair_faults(self.metadata()):
            self.add_error("metadata_key", sentence)
        return self.cleaned_data

    def metadata(self) -> Pairs:
        """The pairs of the address and, behind them, the one that was typed into the helper fields."""
        typed = (self.data.get("metadata_key", ""), self.data.get("metadata_value", ""))
        return _merged([*self.given, typed] if typed[0] else self.given)


def parse_list(project: str, data: QueryDict) -> tuple[ListForm, ListQuery]:
    """The validated form, and the query of its valid fields: of an invalid one, so that links still work."""
    form = ListForm(data, _pairs_in_names(data))
    form.is_valid()
    valid = {
        name: value
        for name in ("model", "order", "limit", "after", "pages", "peek")
        if (value := form.cleaned_data.get(name))
    }
    return form, ListQuery(project, metadata=form.metadata(), **valid)


def number(data: QueryDict, name: str) -> int | None:
    """A whole number from 0 of at most nine digits; None for anything else."""
    digits = data.get(name, "")
    return int(digits) if re.fullmatch(r"[0-9]{1,9}", digits) else None


def is_canonical(query: ListQuery, data: QueryDict) -> bool:
    """Whether the known parameters say exactly what `query.url` says; unknown ones are ignored."""
    known = [pair for pair in _listed(data) if pair[0] in ListForm.base_fields or _metadata_key(pair[0]) is not None]
    return sorted(known) == sorted(query.pairs())


def _listed(data: QueryDict) -> list[tuple[str, str]]:
    return [(name, value) for name, values in data.lists() for value in values]


def _metadata_key(name: str) -> str | None:
    match = re.fullmatch(r"metadata\[(.*)\]", name, re.DOTALL)
    return match.group(1) if match else None


def _pairs_in_names(data: QueryDict) -> Pairs:
    named = ((_metadata_key(name), value) for name, value in _listed(data))
    return _merged((key, value) for key, value in named if key is not None)


def _merged(pairs: Iterable[tuple[str, str]]) -> Pairs:
    """Sorted by key; of two values for one key the later one counts, as the API knows one value a key."""
    return tuple(sorted(dict(pairs).items()))


def _pair_faults(pairs: Pairs) -> list[str]:
    faults = []
    if len(pairs) > MOST_PAIRS:
        faults.append(f"The API accepts at most {MOST_PAIRS} metadata pairs; these are {len(pairs)}.")
    if any(not key for key, _ in pairs):
        faults.append("A metadata value needs its key.")
    if any(len(key) > LONGEST_KEY for key, _ in pairs):
        faults.append(f"A metadata key has at most {LONGEST_KEY} characters.")
    if any(len(value) > LONGEST_VALUE for _, value in pairs):
        faults.append(f"A metadata value has at most {LONGEST_VALUE} characters.")
    if any("\x00" in key + value for key, value in pairs):
        faults += NO_NULL.values()
    return faults


def _within(digits: str, default: int, highest: int, fault: str) -> int:
    if not digits:
        return default
    number = int(digits)
    if not 1 <= number <= highest:
        raise ValidationError(fault)
    return number
