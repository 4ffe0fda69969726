"""One token with its alternatives, as the inspector of the logprobs page shows it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from dashboard.inspection.blocks import Data
from dashboard.inspection.logprobs import Entropy, entropy, is_outside, rank, surprise, usable
from dashboard.inspection.message_blocks import other_fields
from dashboard.inspection.token_text import data_of, hexadecimal, spelled
from dashboard.upstream.records import text as as_text
from dashboard.upstream.tokens import Token, token

MOST_ALTERNATIVES = 100
"""The API gives at most 20."""
TOKEN_FIELDS = frozenset({"token", "logprob", "bytes", "top_logprobs"})


@dataclass(frozen=True, slots=True)
class Option:
    """One row of the alternatives. `place` is empty for the chosen token where it is not listed.

    `share` is its probability from 0 to 1, None where it is not known; `logprob` and `bytes` are for reading.
    """

    place: str
    text: str
    share: float | None
    logprob: str
    bytes: str
    chosen: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Inspected:
    """`written` is the token as the API writes it where its bytes say something else; `bytes_note` says what is odd about
    the bytes. `unlisted` is the probability of all tokens that are not among the options, from 0 to 1.
    """

    text: str
    written: str
    bytes: str
    bytes_note: str
    logprob: str
    share: float | None
    outside: bool
    rank: int | None
    listed: bool
    surprise: float | None
    entropy: Entropy | None
    options: tuple[Option, ...]
    left_out: int
    others: tuple[Data, ...]

    @property
    def alternatives(self) -> int:
        return len(self.options) + self.left_out - (not self.listed)

    @property
    def unlisted(self) -> float | None:
        return 1 - self.entropy.covered if self.entropy and self.alternatives else None


def inspect(entry: Any, at: str) -> Inspected:
    """`entry` is any value that stands at the pointer `at` in a list of tokens; never raises."""
    raw = entry if isinstance(entry, dict) else {"token": as_text(entry)}
    found = token(raw)
    listed = raw.get("top_logprobs")
    options, is_listed = _options(found, listed if isinstance(listed, list) else [])
    return Inspected(
        text=token_text(found),
        written=_written(found),
        bytes=hexadecimal(data_of(found)),
        bytes_note=_bytes_note(raw, found),
        logprob=logprob_text(raw.get("logprob")),
        share=share(found),
        outside=is_outside(found),
        rank=rank(found),
        listed=is_listed,
        surprise=surprise(found),
        entropy=entropy(found),
        options=tuple(options[:MOST_ALTERNATIVES]),
        left_out=max(len(options) - MOST_ALTERNATIVES, 0),
        others=tuple(other_fields(raw, TOKEN_FIELDS, at)),
    )


def share(found: Token) -> float | None:
    """Its probability, from 0 to 1."""
    logprob = usable(found.logprob)
    return None if logprob is None else math.exp(logprob)


def token_text(found: Token) -> str:
    """For where it stands alone: white space as signs, bytes that are no text in hexadecimal."""
    try:
        return spelled(data_of(found).decode())
    except UnicodeDecodeError:
        return "".join(f"‹{byte:02X}›" for byte in data_of(found))


def logprob_text(value: Any) -> str:
    """As received, with a minus sign that can be read."""
    return as_text(value).replace("-", "−") if value is not None else "not set"


def _options(chosen: Token, listed: list[Any]) -> tuple[list[Option], bool]:
    """The likeliest first, and whether the chosen token is one of them; where it is not, it has a row all the same."""
    pairs = sorted(((token(one), one) for one in listed), key=lambda pair: -_height(pair[0]))
    hit = next((place for place, (one, _) in enumerate(pairs) if _is_same(chosen, one)), -1)
    rows = [_row(one, raw, str(place + 1), chosen=place == hit) for place, (one, raw) in enumerate(pairs)]
    if hit < 0 and rows:
        below = sum(_height(one) >= _height(chosen) for one, _ in pairs)
        note = "chosen, below the list" if below == len(rows) else "chosen, not in the list"
        rows.insert(below, _row(chosen, {"logprob": chosen.logprob}, "", chosen=True, note=note))
    return rows, hit >= 0 or not rows


def _row(one: Token, raw: Any, place: str, *, chosen: bool, note: str = "") -> Option:
    if not isinstance(raw, dict):
        return Option(place, as_text(raw), None, "", "", note="no token")
    text, logprob = token_text(one), logprob_text(raw.get("logprob"))
    return Option(place, text, share(one), logprob, hexadecimal(data_of(one)), chosen, note)


def _height(one: Token) -> float:
    return -math.inf if one.logprob is None else one.logprob


def _is_same(chosen: Token, other: Token) -> bool:
    """Some servers write every part of a character as the same token: then its bytes tell."""
    if chosen.bytes and other.bytes:
        return chosen.bytes == other.bytes
    return chosen.token == other.token


def _written(found: Token) -> str:
    data = found.token.encode("utf-8", "surrogatepass")
    return spelled(found.token) if data != data_of(found) else ""


def _bytes_note(raw: dict[str, Any], found: Token) -> str:
    given = raw.get("bytes")
    if given is None:
        return "The API gives no bytes: these are those of the text."
    if found.bytes is None:
        return f"“bytes” is no list of bytes: {as_text(given)[:100]}"
    return "“bytes” is empty: these are those of the text." if not given and found.token else ""
