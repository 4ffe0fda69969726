"""Whether a value looks as if it held secrets or personal data: asked before it is shown to people without an account.

It finds what can be told by its form. That it finds nothing means little.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

LOOKED_THROUGH = 5_000_000
"""Characters of one value."""
SHOWN = 6
"""Characters of an example."""
KINDS = {
    "API key": r"\b(?:sk|rk|pk)[-_][A-Za-z0-9_-]{16,}|\bAIza[A-Za-z0-9_-]{30,}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "token": r"\b(?:gh[pousr]_|github_pat_|glpat-|hf_|npm_|pypi-|xox[abeoprs]-)[A-Za-z0-9_-]{16,}"
    r"|\b[Bb]earer\s+[A-Za-z0-9._~+/-]{20,}|\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    "private key": r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY",
    "password or key by its name": r"(?i:\b(?:api[_-]?key|passw(?:or)?d|secret|access[_-]?token)\b)"
    r"[\"'\\]{0,2}\s?[:=]\s?[\"'\\]{0,2}[^\s\"'\\,;{}]{8,}",
    "password in an address": r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,100}:[^\s/@]{3,100}@",
    "e-mail address": r"(?<![\w.%+/-])[\w.%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,5}\.[A-Za-z]{2,24}\b",
}
_PATTERNS = {kind: re.compile(pattern) for kind, pattern in KINDS.items()}
_BASE64 = re.compile(r"[A-Za-z0-9+/]+")
NOT_LOOKED_THROUGH = "too much text to look through"


@dataclass(frozen=True, slots=True)
class Finding:
    """How many different ones of a kind there are, and how one of them begins."""

    kind: str
    count: int
    example: str

    @property
    def words(self) -> str:
        """`2 × API key (sk-ant…)`"""
        if not self.count:
            return self.kind
        return f"{f'{self.count:,} × ' if self.count > 1 else ''}{self.kind} ({self.example}…)"


def secrets_found(value: Any) -> list[Finding]:
    """In a JSON value, with its keys; the first of each kind is the example, cut so that it gives nothing away."""
    found: dict[str, dict[str, None]] = {}
    looked = 0
    for text in _texts(value):
        looked += len(text)
        if looked > LOOKED_THROUGH:
            return [*_findings(found), Finding(NOT_LOOKED_THROUGH, 0, "")]
        for kind, pattern in _PATTERNS.items():
            for match in pattern.finditer(text):
                found.setdefault(kind, {})[match.group()] = None
    return _findings(found)


def _findings(found: dict[str, dict[str, None]]) -> list[Finding]:
    return [Finding(kind, len(found[kind]), next(iter(found[kind]))[:SHOWN]) for kind in KINDS if kind in found]


def _texts(value: Any) -> Iterator[str]:
    """All of them, however deep. The bytes of media are no text; a pair of key and value is looked at as one."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            for key, inside in one.items():
                if isinstance(inside, str) and _is_words(inside):
                    yield f"{key}: {inside}"
                else:
                    yield key
                    waiting.append(inside)
        elif isinstance(one, list):
            waiting.extend(reversed(one))
        elif isinstance(one, str) and _is_words(one):
            yield one


def _is_words(text: str) -> bool:
    """Not the bytes of an image or a recording."""
    return not (text.startswith("data:") or (len(text) > 10_000 and _BASE64.fullmatch(text[:1_000])))
