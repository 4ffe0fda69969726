"""Cells of a CSV file that a spreadsheet must not take for formulas."""

from __future__ import annotations

import re

# Spreadsheets look behind spaces, and take the full-width forms for the signs themselves.
_FORMULA = re.compile("[ \u00a0\u3000]*[=+\\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]")


def safe_cell(text: str) -> str:
    """Text from outside, with an apostrophe before it where it would be calculated; numbers need none, and get none.

    Whoever reads it back takes one apostrophe away, as texts that begin with one get another.
    """
    return f"'{text}" if text.startswith("'") or _FORMULA.match(text) else text
