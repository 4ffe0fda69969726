"""Characters that a page would hide or obey, made visible. Copies and the JSON twin keep the original."""

from __future__ import annotations

import re

_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# Spaces without width, invisible operators, fillers, the soft hyphen, line separators, tag characters.
_UNSEEN = "\u00ad\u034f\u115f\u1160\u180e\u200b\u2028\u2029\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
_TAGS = "\U000e0000-\U000e007f"
# A joiner forms letters of many scripts, and emoji; beside ASCII, or another unseen character, it only hides.
_LONE_JOINER = "(?<![^\x00-\x7f\u200b-\u200f\u2060\ufeff])[\u200c\u200d]"
# A variation selector chooses the form of a Chinese character; anywhere else it only hides.
_LONE_SELECTOR = "(?<![\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\U000e0100-\U000e01ef]"
# The flags of England, Scotland and Wales are spelt in tag characters.
_FLAG = "\U0001f3f4[\U000e0061-\U000e007a]{5}\U000e007f"
_HIDDEN = re.compile(f"({_FLAG})|[{_CONTROLS}{_BIDI}{_UNSEEN}{_TAGS}]|{_LONE_JOINER}|{_LONE_SELECTOR}|\r(?!\n)")


def visible(text: str) -> str:
    """Control characters as their symbols (␀), what is unseen or reorders text as ‹U+202E›."""
    if text.isascii() and text.isprintable():
        return text
    return _HIDDEN.sub(_symbol, text)


def _symbol(match: re.Match[str]) -> str:
    if match.group(1):
        return match.group()
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"‹U+{code:04X}›"
