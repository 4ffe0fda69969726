"""A retrieved completion whose long token lists are set apart, so that 25 MB need neither a second nor 300 MB.

A first look with a typed decoder finds the lists. They are cut out of the bytes, the rest goes through the tolerant
decoder, and the lists come back in their places as they were received. Whatever does not fit leaves the whole document
to the tolerant decoder.
"""

from __future__ import annotations

from typing import Any

import msgspec

from dashboard.upstream.decode import decode
from dashboard.upstream.tokens import TokenList

SMALLEST = 256 * 1024
"""Bytes of a document, and a quarter of it of a list, from which on this is worth it."""
PIECE = 65_536
"""Bytes that are looked at together."""
NULL = msgspec.Raw(b"null")


class _Logprobs(msgspec.Struct):
    content: msgspec.Raw = NULL
    refusal: msgspec.Raw = NULL


class _Choice(msgspec.Struct):
    logprobs: _Logprobs | None = None


class _Document(msgspec.Struct):
    choices: list[_Choice]


_first_look = msgspec.json.Decoder(_Document)

Place = tuple[int, str]
"""The place of the choice, and `content` or `refusal`."""


def decode_completion(body: bytes, *, keep_repeated: bool = False, smallest: int = SMALLEST) -> Any:
    """As `decode`, but long token lists are TokenLists. Raises NotJson."""
    apart = _set_apart(body, smallest) if len(body) >= smallest else None
    if apart is None:
        return decode(body, keep_repeated=keep_repeated)
    rest, found = apart
    lists = {place: TokenList(raw, keep_repeated=keep_repeated) for place, raw in found.items()}
    document = put_back(decode(rest, keep_repeated=keep_repeated), lists)
    return decode(body, keep_repeated=keep_repeated) if document is None else document


def token_lists(document: Any) -> dict[Place, TokenList]:
    """The lists that stand apart in a document made here."""
    choices = document.get("choices") if isinstance(document, dict) else None
    return {
        (place, field): entries
        for place, choice in enumerate(choices if isinstance(choices, list) else [])
        if isinstance(choice, dict) and isinstance(logprobs := choice.get("logprobs"), dict)
        for field, entries in logprobs.items()
        if isinstance(entries, TokenList)
    }


def rest_of(body: bytes, lists: dict[Place, TokenList]) -> bytes:
    """The document that the lists were set apart from, with marks in their places."""
    found = {place: entries.raw for place, entries in lists.items() if entries.raw is not None}
    return _cut(body, found) or body


def put_back(document: Any, lists: dict[Place, TokenList]) -> Any:
    """The document with the lists in the places of their marks; None where a mark is not where it should be."""
    try:
        for (place, field), entries in lists.items():
            logprobs = document["choices"][place]["logprobs"]
            if type(logprobs) is not dict or logprobs[field] != _mark((place, field)):
                return None
            logprobs[field] = entries
    except (LookupError, TypeError):
        return None
    return document


def _set_apart(body: bytes, smallest: int) -> tuple[bytes, dict[Place, msgspec.Raw]] | None:
    try:
        seen = _first_look.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None
    found = {
        (place, field): raw
        for place, choice in enumerate(seen.choices)
        for field, raw in _fields(choice)
        if len(memoryview(raw)) >= smallest // 4 and bytes(memoryview(raw)[:1]) == b"["
    }
    rest = _cut(body, found) if found else None
    return (rest, found) if rest is not None else None


def _fields(choice: _Choice) -> list[tuple[str, msgspec.Raw]]:
    return [("content", choice.logprobs.content), ("refusal", choice.logprobs.refusal)] if choice.logprobs else []


def _cut(body: bytes, found: dict[Place, msgspec.Raw]) -> bytes | None:
    """In the order of the API; a server that writes them otherwise has its documents decoded as a whole."""
    pieces: list[bytes] = []
    done = 0
    for place, raw in found.items():
        listed = memoryview(raw)
        start = body.find(bytes(listed[:PIECE]), done)
        stop = start + len(listed)
        if start < 0 or not _is_same(body, start, listed):
            return None
        pieces += [body[done:start], b'"%s"' % _mark(place).encode()]
        done = stop
    return b"".join([*pieces, body[done:]]) if _is_utf8(body) else None


def _is_same(body: bytes, start: int, listed: memoryview) -> bool:
    """Piece by piece: bytes are compared twenty times as fast as views of them, and a whole copy takes room."""
    places = range(0, len(listed), PIECE)
    return all(body.startswith(bytes(listed[place : place + PIECE]), start + place) for place in places)


def _mark(place: Place) -> str:
    return f"the token list {place[1]} of choice {place[0]}"


def _is_utf8(body: bytes) -> bool:
    """The decoder of the first look does not care what stands in the strings that it passes over."""
    try:
        return body.isascii() or bool(body.decode())
    except UnicodeDecodeError:
        return False
