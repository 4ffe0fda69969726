"""Token log probabilities for a text: tokens whose bytes join to it, with weighted alternatives."""

import math
import re
from collections.abc import Mapping, Sequence
from random import Random

from dashboard.upstream.demo.samples.shapes import Document

OUTSIDE_TOP = -9999.0
# Chinese and Japanese by two characters, words with the space before them, digits by three, signs one by one.
_PIECE = re.compile(r"[\u3040-\u9fff]{1,2}| ?[^\W\d_]{1,9}|\d{1,3}| ?[^\w\s]|\s+|_|.", re.DOTALL)
_COMMON = (
    " the", " a", " to", " and", " of", " is", " in", " for", " your", " you", " with", " that", " on", " this",
    ",", ".", " we", " it", " be", " will", " can", " at", " by", " our", " as", ":", "\n", " have", " or", " please",
    " an", " from", " not", " are", " I", " any", " all", " so", " then", " once", " -", " but", " also", " there",
)  # fmt: skip


def split(text: str) -> list[bytes]:
    """The text as UTF-8 in token-sized pieces; a character of four bytes falls into two pieces, as in life."""
    pieces: list[bytes] = []
    for found in _PIECE.finditer(text):
        piece = found[0].encode()
        if piece[-4:-3] >= b"\xf0":
            pieces += [piece[:-1], piece[-1:]]
        else:
            pieces.append(piece)
    return pieces


def entries(
    text: str, dice: Random, alternatives: int, rivals: Mapping[str, Sequence[str]] | None = None
) -> list[Document]:
    """One entry for each token; rivals names likely alternatives of a token, e.g. `{"high": ["low", "medium"]}`."""
    return [_entry(piece, dice, alternatives, rivals or {}) for piece in split(text)]


def logprobs(
    text: str, dice: Random, alternatives: int = 5, rivals: Mapping[str, Sequence[str]] | None = None
) -> Document:
    """The `logprobs` of a choice whose content is text."""
    return {"content": entries(text, dice, alternatives, rivals), "refusal": None}


def written(piece: bytes) -> str:
    """The `token` of a piece: its text, or `\\x` escapes when it is a part of a character."""
    try:
        return piece.decode()
    except UnicodeDecodeError:
        return "".join(f"\\x{byte:02x}" for byte in piece)


def _entry(piece: bytes, dice: Random, alternatives: int, rivals: Mapping[str, Sequence[str]]) -> Document:
    token = written(piece)
    named = rivals.get(token.strip(), ())
    chance = _chance(dice, unsure=bool(named))
    top = [_token(token, math.log(chance), list(piece))]
    left = 1 - chance
    for other in _others(token, named, dice, max(alternatives - 1, 0)):
        share = left * dice.uniform(0.35, 0.7)
        left -= share
        top.append(_token(other, math.log(share), list(other.encode())))
    top.sort(key=lambda one: -float(one["logprob"]))
    return {**_token(token, math.log(chance), list(piece)), "top_logprobs": top[:alternatives]}


def _token(token: str, logprob: float, data: list[int] | None) -> Document:
    return {"token": token, "logprob": round(logprob, 6), "bytes": data}


def _chance(dice: Random, *, unsure: bool) -> float:
    """Mostly certain, sometimes torn, now and then surprising."""
    kind = dice.random()
    if unsure:
        return dice.uniform(0.3, 0.75)
    if kind < 0.72:
        return 1 - 10 ** -dice.uniform(1.5, 5)
    return dice.uniform(0.45, 0.95) if kind < 0.93 else dice.uniform(0.04, 0.45)


def _others(token: str, named: Sequence[str], dice: Random, count: int) -> list[str]:
    """Alternatives of a token: the named ones with its own leading space, other spellings, common words."""
    space = " " if token.startswith(" ") else ""
    partial = token.startswith("\\x")
    spellings = [] if partial else [token.capitalize(), token.upper(), token.strip(), f" {token.strip()}"]
    found = dict.fromkeys(
        [*(space + name for name in named), *spellings, *dice.sample(_COMMON, min(count, len(_COMMON)))]
    )
    return [other for other in found if other and other != token][:count]
