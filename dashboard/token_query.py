"""Which tokens of a completion are shown, and how: the query string of the logprobs page, parsed and written back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from dashboard.inspection.measures import HIGHEST, MEASURES, UNCERTAIN, Measure

CONTENT, REFUSAL = "content", "refusal"
POSITION, LEAST_LIKELY = "", "p"


@dataclass(frozen=True)
class TokenQuery:
    """`choice` is the place of a choice in its list, `t` the place of the chosen token, `start` of the first one shown.

    `base` is the address of the completion, `opened` what the address keeps of the list that it was opened from. From
    `level` on a token of the measure `by` counts as uncertain. `table` lists all tokens, `sort` says in which order.
    """

    base: str
    opened: tuple[tuple[str, str], ...] = ()
    choice: int | None = None
    field: str = ""
    by: str = "p"
    level: int = UNCERTAIN
    t: int | None = None
    start: int = 0
    table: bool = False
    sort: str = POSITION

    @property
    def measure(self) -> Measure:
        return MEASURES[self.by]

    @property
    def url(self) -> str:
        return self._address("logprobs/", self.pairs())

    @property
    def selecting(self) -> str:
        """What, followed by the place of a token, leads from this page to the one with that token selected."""
        return self.with_(t=None, table=False, start=0, sort=POSITION)._ending_in("t")

    @property
    def stretching(self) -> str:
        """What, followed by the place of a token, is the address of the part that begins there."""
        return self.with_(t=None, start=0)._ending_in("from")

    @property
    def link(self) -> str:
        """The canonical address of the token that is selected, without the list that it was opened from."""
        alone = TokenQuery(self.base, (), self.choice, self.field, t=self.t)
        return alone.url + ("" if self.t is None else f"#t{self.t}")

    @property
    def unselected_url(self) -> str:
        return self.with_(t=None).url

    @property
    def table_url(self) -> str:
        return self.with_(t=None, start=0, table=True).url

    @property
    def text_url(self) -> str:
        return self.with_(start=0, table=False, sort=POSITION).url

    @property
    def in_order_url(self) -> str:
        return self.with_(start=0, sort=POSITION).url

    @property
    def least_likely_url(self) -> str:
        return self.with_(start=0, sort=LEAST_LIKELY).url

    @property
    def measures(self) -> list[tuple[Measure, str]]:
        """All of them, with the address of the same page by each. The threshold belongs to the measure."""
        return [(one, self.with_(by=one.name, level=UNCERTAIN).url) for one in MEASURES.values()]

    @property
    def beyond(self) -> str:
        """What counts as uncertain, in words."""
        return self.measure.beyond[self.level - 1]

    @property
    def form_pairs(self) -> list[tuple[str, str]]:
        """What a form that sets the level keeps of the address."""
        return [*self.opened, *self.with_(level=UNCERTAIN).pairs()]

    @property
    def token_url(self) -> str:
        """The address of one token, with `{t}` in the place of its number."""
        path = f"{self.base}tokens/{self.choice or 0}/{{t}}/"
        shown = self.with_(choice=None, t=None, start=0, table=False, sort=POSITION).pairs()
        return path + (f"?{urlencode(shown)}" if shown else "")

    @property
    def csv_url(self) -> str:
        shown = replace(self, by="p", level=UNCERTAIN, t=None, start=0, table=False, sort=POSITION)
        return self._address("logprobs/tokens.csv", shown.pairs())

    def of(self, choice: int, field: str) -> str:
        """The same page of another list of tokens."""
        shown = self.with_(choice=choice, field="" if field == CONTENT else field, t=None, start=0)
        return shown.url

    def _address(self, part: str, pairs: list[tuple[str, str]]) -> str:
        every = [*self.opened, *pairs]
        return f"{self.base}{part}" + (f"?{urlencode(every)}" if every else "")

    def _ending_in(self, name: str) -> str:
        """Relative, as a page may hold hundreds of them."""
        _, _, shown = self.url.partition("?")
        return f"?{shown}{'&' if shown else ''}{name}="

    def pairs(self) -> list[tuple[str, str]]:
        """Defaults are left out; `t` comes last."""
        every = [
            ("choice", self.choice or 0, 0),
            ("field", self.field, ""),
            ("by", self.by, "p"),
            ("level", self.level, UNCERTAIN),
            ("from", self.start, 0),
            ("table", int(self.table), 0),
            ("sort", self.sort, POSITION),
            ("t", self.t, None),
        ]
        return [(name, str(value)) for name, value, default in every if value != default]

    def with_(self, **changes: Any) -> TokenQuery:
        return replace(self, **changes)


_WHOLE = "a whole number"
_KNOWN: dict[str, tuple[str, str]] = {
    "choice": (r"[0-9]{1,9}", _WHOLE),
    "field": (f"{CONTENT}|{REFUSAL}", f"{CONTENT} or {REFUSAL}"),
    "by": ("|".join(MEASURES), ", ".join(MEASURES)),
    "level": (f"[1-{HIGHEST}]", f"a whole number from 1 to {HIGHEST}"),
    "from": (r"[0-9]{1,9}", _WHOLE),
    "table": ("[01]", "0 or 1"),
    "sort": (LEAST_LIKELY, LEAST_LIKELY),
    "t": (r"[0-9]{1,9}", _WHOLE),
}


def parse_tokens(base: str, opened: Iterable[tuple[str, str]], data: QueryDict) -> tuple[TokenQuery, list[str]]:
    """The query of what is valid, and a sentence for everything that is not."""
    given = {name: value for name in _KNOWN if (value := data.get(name, ""))}
    valid = {name: value for name, value in given.items() if re.fullmatch(_KNOWN[name][0], value, re.ASCII)}
    faults = [f"“{name}” in the address must be {_KNOWN[name][1]}." for name in given if name not in valid]
    query = TokenQuery(
        base,
        tuple(opened),
        choice=int(valid["choice"]) if "choice" in valid else None,
        field=valid.get("field", ""),
        by=valid.get("by", "p"),
        level=int(valid.get("level", UNCERTAIN)),
        t=int(valid["t"]) if "t" in valid else None,
        start=int(valid.get("from", 0)),
        table=valid.get("table") == "1",
        sort=valid.get("sort", POSITION),
    )
    return query, faults
