"""The text of tokens. A character may be spread over several of them: their bytes are joined, and none is lost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from dashboard.inspection.visible import visible
from dashboard.upstream.tokens import Token

LONGEST_CHARACTER = 4
"""Bytes of UTF-8."""
_SPELLED = str.maketrans({" ": "␣", "\n": "↵", "\t": "⇥", "\r": "␍"})
_ODD_SPACE = re.compile(r"[^\S \n\t\r]")


class TokenText(NamedTuple):
    """`text` is what the token adds to the answer; bytes that are no character, or the rest of one that began in an
    earlier token, stand in it as `‹9A›`. `is_rest` says that nothing else does."""

    text: str
    is_rest: bool = False


def data_of(token: Token) -> bytes:
    """Its bytes; the UTF-8 of its text where the API gives none."""
    return bytes(token.bytes) if token.bytes else token.token.encode("utf-8", "surrogatepass")


def token_texts(tokens: Sequence[Token]) -> list[TokenText]:
    """One for each token, in order."""
    texts: list[TokenText] = []
    broken: list[bytes] = []
    for token in tokens:
        data = data_of(token)
        try:
            text = TokenText(data.decode())
        except UnicodeDecodeError:
            broken.append(data)
            continue
        if broken:
            texts += _joined(broken)
            broken = []
        texts.append(text)
    return texts + _joined(broken)


def spelled(text: str) -> str:
    """With white space, control characters and what reorders text as signs, for where one token stands alone."""
    return visible(_ODD_SPACE.sub(lambda match: f"‹U+{ord(match.group()):04X}›", text).translate(_SPELLED))


def hexadecimal(data: Iterable[int]) -> str:
    """`F0 9F 9A B2`"""
    return " ".join(f"{byte:02X}" for byte in data)


def _joined(broken: list[bytes]) -> list[TokenText]:
    """Tokens in a row of which none is text for itself: a character belongs to the token in which it begins."""
    data = b"".join(broken)
    characters = _characters(data)
    texts = []
    place = 0
    for piece in broken:
        stop = place + len(piece)
        texts.append(_part(data, characters, place, stop))
        place = stop
    return texts


def _part(data: bytes, characters: dict[int, str], place: int, stop: int) -> TokenText:
    """One of them: its characters, and in hexadecimal the bytes that none of its own characters holds."""
    said = []
    is_rest = True
    while place < stop:
        character = characters.get(place)
        is_rest = is_rest and not character
        said.append(character or f"‹{data[place]:02X}›")
        place += len(character.encode()) if character else 1
    return TokenText("".join(said), is_rest)


def _characters(data: bytes) -> dict[int, str]:
    """Whole characters by the place of their first byte."""
    found = {}
    at = 0
    while at < len(data):
        character = next(filter(None, (_decoded(data[at : at + n]) for n in range(1, LONGEST_CHARACTER + 1))), "")
        if character:
            found[at] = character
        at += len(character.encode()) or 1
    return found


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return ""
