"""Tokens with their log probabilities: the entries of `logprobs.content` and `logprobs.refusal` as records.

An answer may hold 16,000 tokens with 20 alternatives each, which is 25 MB of JSON. Such a list is kept as it was
received, in blocks; what looks at one entry decodes one block, and a typed decoder makes the records of all of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, overload

import msgspec

from dashboard.upstream.decode import decode
from dashboard.upstream.errors import NotJson

BLOCK = 256
"""Entries."""

Byte = Annotated[int, msgspec.Meta(ge=0, le=255)]


class Alternative(msgspec.Struct, frozen=True, gc=False):
    """One of the likeliest tokens at a place, as far as all tokens are looked at; its bytes are in the document."""

    token: str = ""
    logprob: float | None = None


class Token(msgspec.Struct, frozen=True, gc=False, rename={"alternatives": "top_logprobs"}):
    """One chosen token.

    `token` is empty where it is no text, `logprob` None where it is no finite number, `bytes` None where it is no list
    of bytes. What it may be beyond that (positive, -9999.0) is for its readers to judge.
    """

    token: str = ""
    logprob: float | None = None
    bytes: tuple[Byte, ...] | None = None
    alternatives: tuple[Alternative, ...] = ()


_typed = msgspec.json.Decoder(list[Token])
_entries = msgspec.json.Decoder(list[msgspec.Raw])


class TokenList(Sequence[Any]):
    """A long list of tokens as the tolerant decoder gives it, of which each entry is decoded when it is looked at.

    `blocks` are JSON lists of `BLOCK` entries, as received.
    """

    __slots__ = ("_keep_repeated", "_last", "_length", "blocks")

    def __init__(self, blocks: Sequence[bytes], length: int, *, keep_repeated: bool = False) -> None:
        self.blocks = blocks
        self._length = length
        self._keep_repeated = keep_repeated
        self._last: tuple[int, list[msgspec.Raw]] = (-1, [])

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> Any: ...

    @overload
    def __getitem__(self, place: slice) -> list[Any]: ...

    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(self._length))]
        if not -self._length <= place < self._length:
            raise IndexError(place)
        return self._entry(place % self._length)

    def _entry(self, place: int) -> Any:
        number, inside = divmod(place, BLOCK)
        if self._last[0] != number:
            self._last = (number, _entries.decode(self.blocks[number]))
        entry = bytes(self._last[1][inside])
        try:
            return decode(entry, keep_repeated=self._keep_repeated)
        except NotJson:  # the decoder that found the entries is a little laxer
            return entry.decode()


LISTS = (list, TokenList)
"""Whatever walks a document meets one or the other."""


def token_list(raw: msgspec.Raw, *, keep_repeated: bool = False) -> TokenList:
    """Raises msgspec.DecodeError when it is no list."""
    entries = _entries.decode(raw)
    starts = range(0, len(entries), BLOCK)
    blocks = [b"[%s]" % b",".join(map(bytes, entries[start : start + BLOCK])) for start in starts]
    return TokenList(blocks, len(entries), keep_repeated=keep_repeated)


def tokens(entries: Any) -> list[Token]:
    """The records of a list of tokens; never raises. What is no list holds none."""
    if isinstance(entries, TokenList):
        return [one for number in range(len(entries.blocks)) for one in _of_block(entries, number)]
    return [token(one) for one in entries] if isinstance(entries, list) else []


def token(entry: Any) -> Token:
    """One entry of any shape, whatever is missing or wrong in it; never raises."""
    if not isinstance(entry, dict):
        return Token()
    listed = entry.get("top_logprobs")
    return Token(
        _text(entry.get("token")),
        _number(entry.get("logprob")),
        _bytes(entry.get("bytes")),
        tuple(map(_alternative, listed)) if isinstance(listed, list) else (),
    )


def _of_block(entries: TokenList, number: int) -> list[Token]:
    """Most blocks are well-formed and take a tenth of the time."""
    try:
        return _typed.decode(entries.blocks[number])
    except (msgspec.DecodeError, RecursionError):
        return [token(one) for one in entries[number * BLOCK : (number + 1) * BLOCK]]


def _alternative(entry: Any) -> Alternative:
    if not isinstance(entry, dict):
        return Alternative()
    return Alternative(_text(entry.get("token")), _number(entry.get("logprob")))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _bytes(value: Any) -> tuple[int, ...] | None:
    if not isinstance(value, list) or not all(type(one) is int and 0 <= one <= 255 for one in value):
        return None
    return tuple(value)
