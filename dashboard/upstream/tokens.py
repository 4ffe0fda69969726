"""Tokens with their log probabilities: the entries of `logprobs.content` and `logprobs.refusal` as records.

An answer may hold 16,000 tokens with 20 alternatives each, which is 25 MB of JSON. Such a list is kept as it was
received, in blocks; what looks at one entry decodes one block, and a typed decoder makes the records of all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Annotated, Any, overload

import msgspec

from dashboard.upstream.decode import decode

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
_raw_entries = msgspec.json.Decoder(list[msgspec.Raw])


class TokenList(Sequence[Any]):
    """A long list of tokens as the tolerant decoder gives it, of which each entry is decoded when it is looked at.

    It is made of `raw`, the JSON of the list as received, or of its `length` and `block_at`, which gives its blocks by
    their number: JSON lists of `BLOCK` entries each.
    """

    def __init__(
        self,
        raw: msgspec.Raw | None = None,
        *,
        block_at: Callable[[int], bytes] | None = None,
        length: int | None = None,
        keep_repeated: bool = False,
    ) -> None:
        self.raw = raw
        self._block_at = block_at
        self._length = length
        self._keep_repeated = keep_repeated
        self._entries: list[msgspec.Raw] | None = None
        self._last: tuple[int, list[msgspec.Raw]] = (-1, [])

    def __len__(self) -> int:
        return len(self._of_raw()) if self._length is None else self._length

    @overload
    def __getitem__(self, place: int) -> Any: ...

    @overload
    def __getitem__(self, place: slice) -> list[Any]: ...

    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        return decode(bytes(self._entry(place % len(self))), keep_repeated=self._keep_repeated)

    @property
    def block_count(self) -> int:
        return -(-len(self) // BLOCK)

    def block(self, number: int) -> bytes:
        if self._block_at:
            return self._block_at(number)
        entries = self._of_raw()[number * BLOCK : (number + 1) * BLOCK]
        return b"[%s]" % b",".join(map(bytes, entries))

    def typed(self) -> list[Token] | None:
        """All records at once, for a tenth of the time; None where something in the list is not as the API has it."""
        if self.raw is None:
            return None
        try:
            found = _typed.decode(self.raw)
        except (msgspec.DecodeError, RecursionError):
            return None
        self._length = len(found)
        return found

    def _entry(self, place: int) -> msgspec.Raw:
        if self.raw is not None:
            return self._of_raw()[place]
        number, inside = divmod(place, BLOCK)
        if self._last[0] != number:
            self._last = (number, _raw_entries.decode(self.block(number)))
        return self._last[1][inside]

    def _of_raw(self) -> list[msgspec.Raw]:
        if self._entries is None:
            self._entries = _raw_entries.decode(self.raw or b"[]")
        return self._entries


LISTS = (list, TokenList)
"""Whatever walks a document meets one or the other."""


def tokens(entries: Any) -> list[Token]:
    """The records of a list of tokens; never raises. What is no list holds none."""
    if not isinstance(entries, TokenList):
        return [token(one) for one in entries] if isinstance(entries, list) else []
    found = entries.typed()
    if found is None:
        found = [one for number in range(entries.block_count) for one in _of_block(entries, number)]
    return found


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
        return _typed.decode(entries.block(number))
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
