"""One-line formatters for templates."""

import time
from typing import Any

from django import template
from django.utils.safestring import SafeString

from dashboard import clock
from dashboard.html import code, rows, tree, words
from dashboard.inspection.blocks import Text, Words
from dashboard.inspection.json_tree import Node
from dashboard.inspection.sizes import size
from dashboard.inspection.visible import visible
from dashboard.rows import BADGES, Row

ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})

register = template.Library()

register.filter("visible", visible)
register.filter("size", size)


@register.filter
def number(value: Any) -> str:
    """`12,345`; anything that is no number as it is."""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


@register.simple_tag(takes_context=True)
def list_row(context: template.Context, row: Row) -> SafeString:
    first = context["forloop"]["first"] and context["forloop"]["parentloop"]["first"]
    peeked = bool(context["query"].peek) and context["query"].peek == row.id
    return rows.row_html(
        row, inputs=context["display"].inputs, focus=bool(first and context.get("appended")), on=peeked
    )


# What is long or nested on a completion page. `base` is the address of the completion.


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
    return tree.tree_html(node, context["base"])


@register.simple_tag(takes_context=True)
def expiry(context: template.Context, expires_at: int) -> str:
    return clock.expiry(expires_at, time.time(), context["display"].zone)


@register.filter
def badge(finish_reason: str) -> str:
    """The class of a finish reason; none for those that nobody knows."""
    return BADGES.get(finish_reason, "")


@register.filter
def role_class(role: str) -> str:
    """A role comes from outside: as a class it is one of ours, or none."""
    return role if role in ROLES else ""


@register.simple_tag
def highlighted(written: str, language: str) -> SafeString:
    return code.code_html(written, language)
