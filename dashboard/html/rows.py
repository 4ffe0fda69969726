"""A row of the list. It is written here and not in a template because of its cost: 50 rows of 8 cells take a template
seven milliseconds, and this one.
"""

from __future__ import annotations

from html import escape

from django.utils.safestring import SafeString, mark_safe

from dashboard.html.escaped import escaped
from dashboard.rows import Chip, Row


def row_html(row: Row, *, inputs: bool, focus: bool, on: bool = False) -> SafeString:
    """One `<tr>` of the list; with `focus` it is where the keyboard goes after *load more*, with `on` the panel shows it."""
    model = escaped(row.model)
    cells = [
        f'<td role="cell" class="c-time">{_time(row)}</td>',
        f'<td role="cell" class="c-in">{_input(row)}</td>' if inputs else "",
        f'<td role="cell" class="c-out">{_output(row, model, focus, on)}</td>',
        f'<td role="cell" class="c-fin">{_finish(row)}</td>',
        f'<td role="cell" class="c-model mono soft" title="{model}">{model}</td>',
        f'<td role="cell" class="c-tok r num soft">{row.tokens_in}</td>',
        f'<td role="cell" class="c-tok r num">{row.tokens_out}</td>',
        f'<td role="cell" class="c-meta"><div class="pairs">{_chips(row)}</div></td>',
    ]
    # Only what has an address has a DOM id, and the first row alone where an id is there twice.
    dom_id = f' id="row-{escaped(row.id)}"' if row.url and not row.repeated else ""
    return mark_safe(f'<tr class="row{" on" if on else ""}" role="row"{dom_id}>{"".join(cells)}</tr>')  # noqa: S308


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
    return f'<span class="wait"{_loader(row)}></span>' if row.input is None else escaped(row.input)


def _output(row: Row, model: str, focus: bool, on: bool) -> str:
    marks = "".join(f'<span class="kind {escape(mark.kind)}">{escaped(mark.label)}</span>' for mark in row.marks)
    said = escaped(row.output) if row.output or row.marks else '<span class="muted">no content</span>'
    line = f'{marks}{said}<span class="sr"> {escaped(row.finish)}, {model}</span>'
    if not row.url:
        return f'<span class="main" title="The id cannot stand in an address: {escaped(row.id)}">{line}</span>'
    attributes = (" data-focus" if focus else "") + (' aria-current="true"' if on else "")
    return f'<a class="main" href="{escape(row.url)}"{attributes}>{line}</a>'


def _finish(row: Row) -> str:
    if not row.finish:
        return '<span class="muted">not set</span>'
    return f'<span class="badge {row.badge}">{escaped(row.finish)}</span>'


def _chips(row: Row) -> str:
    chips = "".join(map(_chip, row.chips))
    more = f'<span class="muted num" title="{escaped(row.more_title)}">+{row.more_chips}</span>'
    return chips + more if row.more_chips else chips


def _chip(chip: Chip) -> str:
    key, value = escaped(chip.key), escaped(chip.value)
    return f'<a class="chip" href="{escape(chip.url)}"><i>{key}=</i>{value}</a>'
