"""One-line formatters for templates."""

from typing import Any

from django import template

from dashboard.inspection.visible import visible

register = template.Library()

register.filter("visible", visible)


@register.filter
def number(value: Any) -> str:
    """`12,345`; anything that is no number as it is."""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
