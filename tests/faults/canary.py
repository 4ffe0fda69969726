"""Keys that can be recognised by any five of their characters, and the search for them in whatever was written or sent.

The random part of a key uses letters that seldom stand side by side, so that a piece of it is no accident of a hash.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import random
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote_to_bytes

LETTERS = "QXZJVWKqxzjvwk"
PIECE = 5
"""Characters of the random part that may be shown nowhere."""
_RUN = re.compile(rf"[{LETTERS}]{{{PIECE},}}".encode())
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{8,}")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){5,}")


def new_key(dice: random.Random) -> str:
    return f"sk-CANARY-{''.join(dice.choices(LETTERS, k=36))}"


class Search:
    """Knows the pieces of all secrets of a run."""

    def __init__(self, secrets: Iterable[str]) -> None:
        runs = [run.group() for secret in secrets for run in _RUN.finditer(secret.encode())]
        self._pieces = {run[start : start + PIECE] for run in runs for start in range(len(run) - PIECE + 1)}

    def finds(self, data: bytes) -> list[str]:
        """How the secret is written where it stands in `data`: plain, reversed, percent, base64, hex, gzip."""
        return [name for name, reading in _readings(data) if self._stands_in(reading)]

    def in_folder(self, folder: Path) -> list[str]:
        """The same of every file below, with the name of the file."""
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return [f"{path.relative_to(folder)}: {name}" for path in files for name in self.finds(path.read_bytes())]

    def _stands_in(self, data: bytes) -> bool:
        for run in _RUN.finditer(data):
            text = run.group()
            if any(text[start : start + PIECE] in self._pieces for start in range(len(text) - PIECE + 1)):
                return True
        return False


def _readings(data: bytes) -> Iterator[tuple[str, bytes]]:
    yield "plain", data
    yield "reversed", data[::-1]
    if b"%" in data:
        yield "percent", unquote_to_bytes(data)
    yield "base64", b"\n".join(_decoded(data))
    yield "hex", b"\n".join(binascii.unhexlify(run.group()) for run in _HEX.finditer(data))
    if data[:2] == b"\x1f\x8b":
        yield "gzip", _unzipped(data)


def _decoded(data: bytes) -> Iterator[bytes]:
    """Each run of base64 from each of the four places where a group may begin."""
    for run in _BASE64.finditer(data):
        text = run.group().translate(bytes.maketrans(b"-_", b"+/"))
        for start in range(4):
            group = text[start:]
            yield base64.b64decode(group[: len(group) // 4 * 4])


def _unzipped(data: bytes) -> bytes:
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        return b""
