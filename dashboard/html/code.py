"""Code with its words told apart by class, for the style sheet to colour."""

from __future__ import annotations

from django.utils.safestring import SafeString, mark_safe
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from dashboard.html.escaped import escaped
from dashboard.inspection.visible import visible

LONGEST_HIGHLIGHTED = 20_000
"""Characters: lexers are regular expressions, and what they read is hostile."""


def code_html(code: str, language: str) -> SafeString:
    """`language` is a name of Pygments; what is long stays plain."""
    if len(code) > LONGEST_HIGHLIGHTED:
        return mark_safe(escaped(code))  # noqa: S308
    lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    return mark_safe(highlight(visible(code), lexer, HtmlFormatter(nowrap=True)))  # noqa: S308
