"""Cells of a CSV file that a spreadsheet must not take for formulas."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(text: str) -> str:
    """Text from outside; an apostrophe before it where it would be calculated. Numbers need none, and get none."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) or text.startswith("'") else text
