"""HTML made in Python; the only place that marks strings safe. Everything that goes in is escaped here.

A list row is written here and not in a template because of its cost: 50 rows of 8 cells take a template
seven milliseconds, and this one.
"""

from __future__ import annotations

from html import escape

from django.utils.safestring import SafeString, mark_safe

from dashboard.inspection.visible import visible
from dashboard.rows import Chip, Row


def row_html(row: Row, *, inputs: bool, focus: bool) -> SafeString:
    """One `<tr>` of the list; with `focus` it is where the keyboard goes after *load more*."""
    model = _text(row.model)
    cells = [
        f'<td role="cell" class="c-time">{_time(row)}</td>',
        f'<td role="cell" class="c-in">{_input(row)}</td>' if inputs else "",
        f'<td role="cell" class="c-out">{_output(row, model, focus)}</td>',
        f'<td role="cell" class="c-fin">{_finish(row)}</td>',
        f'<td role="cell" class="c-model mono soft" title="{model}">{model}</td>',
        f'<td role="cell" class="c-tok r num soft">{row.tokens_in}</td>',
        f'<td role="cell" class="c-tok r num">{row.tokens_out}</td>',
        f'<td role="cell" class="c-meta"><div class="pairs">{_chips(row)}</div></td>',
    ]
    # Only what has an address has a DOM id: all other ids, and rows without one, may be there twice.
    dom_id = f' id="row-{_text(row.id)}"' if row.url else ""
    return mark_safe(f'<tr class="row" role="row"{dom_id}>{"".join(cells)}</tr>')  # noqa: S308


def _text(value: str) -> str:
    return escape(visible(value))


def _loader(row: Row) -> str:
    """The first waiting input fetches those of its batch when it comes into view; in a hidden column, never."""
    if not row.inputs_url:
        return ""
    return f' hx-get="{escape(row.inputs_url)}" hx-trigger="intersect once" hx-swap="none" data-quiet'


def _time(row: Row) -> str:
    if not row.when:
        return '<span class="muted" title="The API gives no usable creation time">no time</span>'
    return f'<time datetime="{row.iso}" title="{escape(row.title)}">{row.when}</time>'


def _input(row: Row) -> str:
    return f'<span class="wait"{_loader(row)}></span>' if row.input is None else _text(row.input)


def _output(row: Row, model: str, focus: bool) -> str:
    marks = "".join(f'<span class="kind {escape(mark.kind)}">{_text(mark.label)}</span>' for mark in row.marks)
    said = _text(row.output) if row.output or row.marks else '<span class="muted">no content</span>'
    line = f'{marks}{said}<span class="sr"> {_text(row.finish)}, {model}</span>'
    if not row.url:
        return f'<span class="main" title="The id cannot stand in an address: {_text(row.id)}">{line}</span>'
    return f'<a class="main" href="{escape(row.url)}"{" data-focus" if focus else ""}>{line}</a>'


def _finish(row: Row) -> str:
    if not row.finish:
        return '<span class="muted">not set</span>'
    return f'<span class="badge {row.badge}">{_text(row.finish)}</span>'


def _chips(row: Row) -> str:
    chips = "".join(map(_chip, row.chips))
    more = f'<span class="muted num" title="{_text(row.more_title)}">+{row.more_chips}</span>'
    return chips + more if row.more_chips else chips


def _chip(chip: Chip) -> str:
    key, value = _text(chip.key), _text(chip.value)
    return f'<a class="chip" href="{escape(chip.url)}"><i>{key}=</i>{value}</a>'
