"""Text from outside, as HTML shows it: escaped, and with what would be unseen made visible."""

from html import escape

from dashboard.inspection.visible import visible


def escaped(text: str) -> str:
    return escape(visible(text))
