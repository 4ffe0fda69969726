"""One-line formatters for templates."""

import math
import time
from bisect import bisect_left
from typing import Any

from django import template
from django.utils.safestring import SafeString

from dashboard import clock
from dashboard.html import code, rows, tokens, tree, words
from dashboard.inspection.blocks import Text, Words
from dashboard.inspection.json_tree import Node
from dashboard.inspection.measures import MEASURES
from dashboard.inspection.sizes import size
from dashboard.inspection.visible import visible
from dashboard.integrity import integrity
from dashboard.rows import BADGES, Row

ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})

DEEPEST_INDENT = 8

register = template.Library()

register.simple_tag(integrity)
register.filter("visible", visible)
register.filter("size", size)


@register.filter
def number(value: Any) -> str:
    """`12,345`; anything that is no number as it is."""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


@register.filter
def percent(share: float | None, digits: int = 2) -> str:
    """A probability from 0 to 1 as `31.20%`. What is nearly none or all is not rounded to it."""
    if share is None:
        return "not known"
    least = 10**-digits
    if 0 < share * 100 < least:
        return f"<{least:.{digits}f}%"
    if 100 - least < share * 100 < 100:
        return f">{100 - least:.{digits}f}%"
    return f"{share * 100:.{digits}f}%" if 0 < share < 1 else f"{share:.0%}"


@register.filter
def bits(value: float | None, digits: int = 2) -> str:
    return "not known" if value is None else f"{value:,.{digits}f}"


@register.filter
def of_total(count: int, total: int) -> str:
    """The share that a count is of a total, in whole percents."""
    return percent(count / total, 0) if total else ""


@register.filter
def perplexity(value: float) -> str:
    return f"{value:,.2f}" if value < 1e6 else "over 1,000,000"


@register.filter
def step_class(share: float | None) -> str:
    """The colour of a probability, as in the text of the tokens."""
    if share is None:
        return ""
    return f"b{bisect_left(MEASURES['p'].steps, -math.log2(share) - 1e-6)}" if share else "b4"


@register.filter
def svg_width(share: float | None) -> str:
    """Of the filled part of a bar."""
    return f"{(share or 0) * 100:.1f}%"


@register.filter
def indent(depth: int) -> int:
    return min(depth, DEEPEST_INDENT)


@register.filter
def json_class(kind: str) -> str:
    return tree.CLASSES.get(kind, "")


@register.simple_tag
def heat_text(heat: tokens.Heat) -> SafeString:
    return tokens.heat_html(heat)


@register.simple_tag(takes_context=True)
def list_row(context: template.Context, row: Row) -> SafeString:
    first = context["forloop"]["first"] and context["forloop"]["parentloop"]["first"]
    peeked = bool(context["query"].peek) and context["query"].peek == row.id
    return rows.row_html(
        row, inputs=context["display"].inputs, focus=bool(first and context.get("appended")), on=peeked
    )


# What is long or nested on a completion page. `base` is the address of the completion; a shared one may have no JSON.


@register.simple_tag(takes_context=True)
def message_text(context: template.Context, block: Text) -> SafeString:
    """As Markdown where the reader chose so; citations stand in plain text only."""
    if room := context.get("as_markdown"):
        return words.markdown_html(block.words, context["base"], room)
    if block.cited:
        return words.cited_html(block.words, block.cited, context["entry"].anchor, context["base"])
    return words.words_html(block.words, context["base"])


@register.simple_tag(takes_context=True)
def plain_text(context: template.Context, text: Words) -> SafeString:
    return words.words_html(text, context["base"])


@register.simple_tag(takes_context=True)
def text_chunks(context: template.Context, text: str, at: str, start: int) -> SafeString:
    return words.chunks_html(text, at, start, context["base"])


@register.simple_tag(takes_context=True)
def json_tree(context: template.Context, node: Node) -> SafeString:
    return tree.tree_html(node, None if context.get("json_closed") else context["base"])


@register.simple_tag(takes_context=True)
def expiry(context: template.Context, expires_at: int) -> str:
    return clock.expiry(expires_at, time.time(), context["display"].zone)


@register.filter
def badge(finish_reason: str) -> str:
    """The class of a finish reason; none for those that nobody knows."""
    return BADGES.get(finish_reason, "")


@register.filter
def outcome(found: str) -> str:
    """The class of what the doctor found: as that of a finish reason, by what it means for the reader."""
    return {"ok": "stop", "note": "length", "fault": "filter"}.get(found, "")


@register.filter
def role_class(role: str) -> str:
    """A role comes from outside: as a class it is one of ours, or none."""
    return role if role in ROLES else ""


@register.simple_tag
def highlighted(written: str, language: str) -> SafeString:
    return code.code_html(written, language)
