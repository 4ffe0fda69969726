"""Completions -> the day groups and rows of the list, ready for a template that only writes them down."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from urllib.parse import urlencode

from dashboard import clock
from dashboard.forms import ListQuery, Loaded
from dashboard.inspection.summary import Mark, input_line, summarise
from dashboard.upstream.records import Completion

INPUTS_AT_ONCE = 50
CHIPS = 2
"""Metadata pairs shown in a row; the others are counted."""
REPEATED = Mark("repeated", "same id as above")
BADGES = {"stop": "stop", "length": "length", "tool_calls": "tool", "function_call": "tool", "content_filter": "filter"}


@dataclass(frozen=True, slots=True)
class Chip:
    key: str
    value: str
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list. `url` is empty where the id cannot stand in an address.

    `input` is None as long as it is not known; `when` is empty where the creation time is no moment.
    `repeated` says that a row above has the same id: both are shown, and the first one is found by it.
    """

    id: str
    repeated: bool
    url: str
    when: str
    iso: str
    title: str
    marks: tuple[Mark, ...]
    output: str
    input: str | None
    finish: str
    badge: str
    model: str
    tokens_in: str
    tokens_out: str
    chips: tuple[Chip, ...]
    more_chips: int
    more_title: str
    inputs_url: str
    """On the first row of a batch: where the missing inputs of the batch come from."""


@dataclass(frozen=True)
class Day:
    """Rows of one day in a row. `continued` means that its header stands above them already."""

    iso: str
    name: str
    written: str
    rows: list[Row]
    continued: bool
    count: int


class RowMaker:
    """Makes the rows of one answer. `fetch_inputs` tells whether missing inputs are to be fetched afterwards."""

    def __init__(self, query: ListQuery, zone: clock.Zone, fetch_inputs: bool) -> None:
        self._query = query
        self._zone = zone
        self._fetch_inputs = fetch_inputs
        self._now = time.time()
        self._chips: dict[tuple[str, str], Chip] = {}

    @cached_property
    def _today(self) -> date:
        return clock.moment(int(self._now), self._zone).date()

    def days(self, completions: Sequence[Completion], loaded: Loaded) -> list[Day]:
        """In the order given; a day begins again when the order of the upstream says so."""
        batches = self._batches(completions)
        above: set[str] = set()
        made = []
        for one in completions:
            repeated = one.addressable and one.id in above
            made.append((self._day_of(one), self._row(one, "" if repeated else batches.get(one.id, ""), repeated)))
            above.add(one.id)
        days: list[Day] = []
        for day, pairs in groupby(made, key=lambda pair: pair[0]):
            rows = [row for _, row in pairs]
            iso = day.isoformat() if day else ""
            name, written = clock.day_name(day, self._today) if day else ("No date", "")
            continued = bool(loaded.rows) and not days and loaded.day == iso
            days.append(Day(iso, name, written, rows, continued, len(rows) + (loaded.day_rows if continued else 0)))
        return days

    def _day_of(self, completion: Completion) -> date | None:
        return None if completion.created is None else clock.moment(completion.created, self._zone).date()

    def _batches(self, completions: Sequence[Completion]) -> dict[str, str]:
        """Address of the inputs of a batch, by the id of its first row."""
        if not self._fetch_inputs:
            return {}
        ids = list(dict.fromkeys(one.id for one in completions if one.addressable and one.input_messages is None))
        batches = [ids[start : start + INPUTS_AT_ONCE] for start in range(0, len(ids), INPUTS_AT_ONCE)]
        return {batch[0]: inputs_url(self._query.project, batch) for batch in batches}

    def _row(self, completion: Completion, inputs_url: str, repeated: bool) -> Row:
        summary = summarise(completion)
        finish = " · ".join(summary.finish_reasons)
        pairs = list(completion.metadata.items())
        when, iso, title = self._times(completion.created)
        return Row(
            id=completion.id,
            repeated=repeated,
            url=self._query.completion_url(completion.id) if completion.addressable else "",
            when=when,
            iso=iso,
            title=title,
            marks=(*summary.marks, REPEATED) if repeated else summary.marks,
            output=summary.output,
            input="" if repeated else self._input(completion),
            inputs_url=inputs_url,
            finish=finish,
            badge=BADGES.get(summary.finish_reasons[0], "") if summary.finish_reasons else "",
            model=completion.model,
            tokens_in=_count(completion.usage.prompt),
            tokens_out=_count(completion.usage.completion),
            chips=tuple(self._chip(key, value) for key, value in pairs[:CHIPS]),
            more_chips=max(0, len(pairs) - CHIPS),
            more_title=", ".join(f"{key}={value}" for key, value in pairs[CHIPS:]),
        )

    def _input(self, completion: Completion) -> str | None:
        if completion.input_messages is not None:
            return input_line(completion.input_messages) or "no messages"
        return None if self._fetch_inputs and completion.addressable else ""

    def _chip(self, key: str, value: str) -> Chip:
        if (key, value) not in self._chips:
            self._chips[key, value] = Chip(key, value, self._query.with_metadata(key, value).url)
        return self._chips[key, value]

    def _times(self, created: int | None) -> tuple[str, str, str]:
        if created is None:
            return "", "", ""
        when = clock.moment(created, self._zone)
        title = f"{clock.full(when)} · {clock.ago(created, self._now)}"
        return clock.time_of_day(when), when.isoformat(), title


def inputs_url(project: str, ids: Sequence[str]) -> str:
    """Where the input previews of these completions come from."""
    return f"/{project}/inputs/?{urlencode({'id': ids}, doseq=True)}"


def _count(tokens: int | None) -> str:
    return "" if tokens is None else f"{tokens:,}"
