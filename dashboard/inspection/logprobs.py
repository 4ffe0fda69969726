"""What the log probabilities of an answer say: surprise, rank and entropy of a token, and all of them in sum.

Logarithms are natural, as the API gives them; surprise and entropy are in bits. A token is left out of means and sums,
and counted instead, where its value is `OUTSIDE`, missing, not finite, or above 0, which no logarithm of a probability
is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from dashboard.upstream.tokens import Alternative, Token

OUTSIDE = -9999.0
"""What the API writes for a token that is not among the 20 likeliest (API reference, `logprob`)."""
ROUNDING = 1e-6
"""Servers round: what differs by less is equal, and a logprob that is above 0 by less is 0."""
LN2 = math.log(2)
_logprob: Callable[[Alternative], float] = attrgetter("logprob")
HALF = math.log(0.5)


@dataclass(frozen=True, slots=True)
class Entropy:
    """Of the choice at one place, in bits. A lower bound: all tokens that are not listed count as one.

    `covered` is the probability of what is listed, from 0 to 1.
    """

    bits: float
    covered: float


@dataclass(frozen=True, slots=True)
class Summary:
    """Of one list of tokens. `perplexity` is exp of the mean negative logprob, None where nothing can be counted.

    `surprise` is the sum in bits. `not_top` counts tokens that were not the likeliest, of those `ranked`.
    """

    tokens: int
    perplexity: float | None
    surprise: float
    below_half: int
    not_top: int
    ranked: int
    outside: int
    unusable: int

    @property
    def judged(self) -> int:
        """Tokens of which it is known whether they are below one half."""
        return self.tokens - self.unusable


def usable(logprob: float | None) -> float | None:
    """The logprob as what can be counted with, None where there is nothing to count."""
    if logprob is None or logprob > ROUNDING or logprob <= OUTSIDE:
        return None
    return min(logprob, 0.0)


def is_outside(token: Token) -> bool:
    return token.logprob is not None and token.logprob <= OUTSIDE


def surprise(token: Token) -> float | None:
    """-log2 of its probability, in bits."""
    logprob = usable(token.logprob)
    return None if logprob is None else abs(logprob) / LN2


def rank(token: Token) -> int | None:
    """1 for the likeliest token. Where the chosen one is not among the alternatives, it is at least that.

    None where there is nothing to compare with.
    """
    logprob = usable(token.logprob)
    if logprob is None or not token.alternatives:
        return None
    limit = logprob + ROUNDING
    if _are_at_most(token.alternatives, limit):  # by far the most frequent case
        return 1
    return 1 + sum([one.logprob is not None and limit < one.logprob <= ROUNDING for one in token.alternatives])


def _are_at_most(alternatives: Sequence[Alternative], limit: float) -> bool:
    try:
        return max(map(_logprob, alternatives)) <= limit
    except TypeError:  # one of them has none
        return False


def is_not_top(token: Token, rank: int | None) -> bool:
    """Whether another token was likelier than the chosen one, which has that rank."""
    return is_outside(token) or (rank or 1) > 1


def is_listed(token: Token) -> bool:
    """Whether the chosen token is one of its alternatives."""
    return any(one.token == token.token for one in token.alternatives)


def entropy(token: Token) -> Entropy | None:
    """None where no probability is known at all."""
    known = [usable(one.logprob) for one in token.alternatives]
    if not is_listed(token):
        known.append(usable(token.logprob))
    logprobs = [one for one in known if one is not None]
    if not logprobs:
        return None
    covered = min(math.fsum(map(math.exp, logprobs)), 1.0)
    left = 1 - covered
    rest = left * math.log(left) if left > 0 else 0.0
    return Entropy(abs(math.fsum(one * math.exp(one) for one in logprobs) + rest) / LN2, covered)


def summary(tokens: Sequence[Token], ranks: Sequence[int | None] | None = None) -> Summary:
    """`ranks` are those of the tokens, where they are known already."""
    logprobs = [one for token in tokens if (one := usable(token.logprob)) is not None]
    outside = sum(map(is_outside, tokens))
    known = [one for one in (map(rank, tokens) if ranks is None else ranks) if one is not None]
    return Summary(
        tokens=len(tokens),
        perplexity=_perplexity(logprobs),
        surprise=abs(math.fsum(logprobs)) / LN2,
        below_half=outside + sum(one < HALF - ROUNDING for one in logprobs),
        not_top=outside + sum(one > 1 for one in known),
        ranked=outside + len(known),
        outside=outside,
        unusable=len(tokens) - len(logprobs) - outside,
    )


def _perplexity(logprobs: list[float]) -> float | None:
    if not logprobs:
        return None
    try:
        return math.exp(-math.fsum(logprobs) / len(logprobs))
    except OverflowError:
        return math.inf
