"""Characters that a page would hide or obey, made visible. Copies and the JSON twin keep the original."""

from __future__ import annotations

import re

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_HIDDEN = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_BIDI}\U000e0000-\U000e007f]|\r(?!\n)")


def visible(text: str) -> str:
    """Control characters as their symbols (␀), bidi controls and tag characters as ‹U+202E›."""
    if text.isascii() and text.isprintable():
        return text
    return _HIDDEN.sub(_symbol, text)


def _symbol(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"‹U+{code:04X}›"
