"""Token usage as bars: a total, the parts that make it up, and what does not add up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.upstream.records import text

NAMES = {"cached_tokens": "cached", "cache_write_tokens": "cache write", "reasoning_tokens": "reasoning"}
COLOURS = {"cached": "1", "not cached": "2", "reasoning": "3", "text": "4"}
REST = {"prompt": "not cached", "completion": "text"}
"""What is left of a total when its parts are taken away."""
INSIDE_OTHERS = frozenset({"text_tokens", "image_tokens"})
"""Details of the prompt that count what is cached or not once more, by kind."""
GAP = 0.5
"""Between the parts of a bar, in hundredths of its width."""


@dataclass(frozen=True, slots=True)
class Part:
    """`value` is None for null, text where it is no whole number. `x` and `width` are hundredths of the bar."""

    label: str
    value: int | str | None
    percent: str = ""
    colour: str = ""
    x: str = ""
    width: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One total with its details. Without `drawn` there are numbers only, and `fault` may say why."""

    label: str
    total: int | str | None
    parts: tuple[Part, ...]
    words: str
    fault: str = ""

    @property
    def drawn(self) -> bool:
        return any(part.width for part in self.parts)


@dataclass(frozen=True, slots=True)
class Usage:
    """`others` are the total of both, and counts that nobody knows yet."""

    bars: tuple[Bar, ...]
    others: tuple[Part, ...]


def usage_bars(raw: Mapping[str, Any]) -> Usage:
    """The `usage` of a completion as received. What is missing is left out, and so are details of nothing."""
    bars = tuple(_bar(raw, name) for name in REST if {f"{name}_tokens", f"{name}_tokens_details"} & raw.keys())
    known = {f"{name}_tokens{end}" for name in REST for end in ("", "_details")}
    labels = {"total_tokens": "Total"}
    others = [Part(labels.get(name, name), _count(value)) for name, value in raw.items() if name not in known]
    return Usage(bars, tuple(others))


def _bar(raw: Mapping[str, Any], name: str) -> Bar:
    total = _count(raw.get(f"{name}_tokens"))
    parts = list(_details(raw.get(f"{name}_tokens_details")))
    counted = [part for part in parts if type(part.value) is int and part.colour]
    if type(total) is not int or total <= 0 or not all(type(part.value) is int and part.value >= 0 for part in counted):
        return Bar(name.capitalize(), total, tuple(parts), "")
    rest = total - sum(part.value for part in counted if type(part.value) is int)
    if rest < 0:
        return Bar(name.capitalize(), total, tuple(parts), "", "The details add up to more than the total.")
    again = Part(REST[name], rest)  # some servers count the rest themselves: one line is enough
    if rest:
        counted.append(Part(REST[name], rest, colour=COLOURS[REST[name]]))
    drawn = tuple(_placed(counted, total))
    uncounted = tuple(part for part in parts if not (type(part.value) is int and part.colour) and part != again)
    said = ", ".join(f"{part.value:,} {part.label}" for part in drawn)
    return Bar(name.capitalize(), total, drawn + uncounted, f"{name.capitalize()}: {total:,} tokens, {said}")


def _details(details: Any) -> Iterator[Part]:
    """Zero is not worth a line. What counts the same tokens by another measure has no colour, and no place in a bar."""
    if not isinstance(details, dict):
        if details is not None:
            yield Part("details", text(details))
        return
    for name, value in details.items():
        if value == 0 and type(value) is int:
            continue
        label = NAMES.get(name, name.removesuffix("_tokens").replace("_", " "))
        whole = type(value) is int and name not in INSIDE_OTHERS and name != "cache_write_tokens"
        yield Part(label, _count(value), colour=COLOURS.get(label, "0") if whole else "")


def _placed(parts: list[Part], total: int) -> Iterator[Part]:
    at = 0.0
    for place, part in enumerate(parts, 1):
        share = 100 * part.value / total if type(part.value) is int else 0.0
        yield Part(
            part.label,
            part.value,
            _percent(share),
            part.colour,
            f"{at:.2f}",
            f"{max(share - GAP * (place < len(parts)), 0.4):.2f}",
        )
        at += share


def _percent(share: float) -> str:
    """Nothing and everything are said of nothing and everything only."""
    if 0 < share < 1:
        return "<1%"
    return ">99%" if 99.5 <= share < 100 else f"{share:.0f}%"


def _count(value: Any) -> int | str | None:
    return value if value is None or type(value) is int else text(value)
