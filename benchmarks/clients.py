"""Simulated clients over real sockets: each asks one thing at a time, on a connection that it keeps as a browser does."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

HEADERS = "Host: {host}\r\nAccept: text/html\r\nAccept-Encoding: gzip\r\n"
FAILED = 0
"""In place of a status: no answer, half an answer, or none in time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` is FAILED where none came, `size` the bytes of the body as sent, `ended` a moment of `time.monotonic`."""

    status: int
    size: int
    seconds: float
    ended: float


class Client:
    """One connection to one server, made at the first call and again whenever the server has closed it."""

    def __init__(self, address: str, cookie: str = "") -> None:
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._headers = HEADERS.format(host=parts.netloc) + (f"Cookie: {cookie}\r\n" if cookie else "")
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, target: str, within: float = 30.0) -> Answer:
        """Never raises for what the server or the network does."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(within):
                status, size = await self._exchange(target)
        except (OSError, EOFError, ValueError):  # a timeout is an OSError, half an answer an EOFError
            self.close()
            status, size = FAILED, 0
        ended = time.monotonic()
        return Answer(status, size, ended - began, ended)

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
            self._streams = None

    async def _exchange(self, target: str) -> tuple[int, int]:
        if self._streams is not None:
            try:
                return await self._ask(target, *self._streams)
            except (ConnectionError, asyncio.IncompleteReadError) as error:
                if getattr(error, "partial", b""):
                    raise
                self.close()  # the server closed it as idle; like a browser, ask again on a new one
        self._streams = await asyncio.open_connection(self._host, self._port)
        return await self._ask(target, *self._streams)

    async def _ask(self, target: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[int, int]:
        writer.write(f"GET {target} HTTP/1.1\r\n{self._headers}\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        size = await _read_body(reader, _header(head, b"content-length"))
        if _header(head, b"connection") == b"close":
            self.close()
        return int(head[9:12]), size


async def _read_body(reader: asyncio.StreamReader, length: bytes) -> int:
    """Its bytes; without a length it comes in chunks, the last of them empty."""
    if length:
        return len(await reader.readexactly(int(length)))
    size = 0
    while chunk := int(await reader.readline(), 16):
        size += len(await reader.readexactly(chunk + 2)) - 2
    await reader.readline()
    return size


def _header(head: bytes, name: bytes) -> bytes:
    found = re.search(rb"\r\n" + name + rb": *([^\r]*)", head)
    return found[1] if found else b""


def percentile(seconds: Sequence[float], share: float) -> float:
    """Of the values, the one that so many per cent of them do not exceed."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share / 100))]
