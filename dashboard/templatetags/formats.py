"""One-line formatters for templates."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from dashboard.html import row_html
from dashboard.inspection.visible import visible
from dashboard.rows import Row

register = template.Library()

register.filter("visible", visible)


@register.filter
def number(value: Any) -> str:
    """`12,345`; anything that is no number as it is."""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


@register.simple_tag(takes_context=True)
def list_row(context: template.Context, row: Row) -> SafeString:
    first = context["forloop"]["first"] and context["forloop"]["parentloop"]["first"]
    return row_html(row, inputs=context["display"].inputs, focus=bool(first and context.get("appended")))
