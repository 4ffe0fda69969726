"""The table of `make bench`: one measured figure a line, beside that of the bare upstream and beside its budget."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

HEAD = "| | bare upstream | dashboard | ratio | budget |\n|---|---|---|---|---|"


@dataclass(frozen=True)
class Row:
    """`bare` is None where there is nothing to compare with; `unit` is that of both figures."""

    what: str
    ours: float
    unit: str
    bare: float | None = None
    budget: str = ""


def print_rows(rows: Iterable[Row]) -> None:
    """Each as soon as it is there."""
    for row in rows:
        bare = "" if row.bare is None else f"{_number(row.bare)} {row.unit}"
        ratio = "" if row.bare is None else _number(row.ours / row.bare)
        print(f"| {row.what} | {bare} | {_number(row.ours)} {row.unit} | {ratio} | {row.budget} |", flush=True)


def _number(value: float) -> str:
    return (
        f"{value:,.0f}"
        if value >= 100
        else f"{value:.1f}"
        if value >= 10
        else f"{value:.2f}"
        if value >= 1
        else f"{value:.2g}"
    )
