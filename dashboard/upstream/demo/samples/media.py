"""Small real files made in code: a WAV of a few notes, a PNG of a few shapes."""

import base64
import math
import struct
import zlib
from array import array
from functools import cache

_RATE = 8_000


@cache
def wav(notes: tuple[float, ...], seconds: float = 0.2) -> str:
    """Base64 of a mono 16-bit WAV at 8 kHz: notes (Hz) one after the other, each fading out."""
    samples = array("h")
    length = int(_RATE * seconds)
    for note in notes:
        step = 2 * math.pi * note / _RATE
        samples.extend(int(9_000 * (1 - index / length) * math.sin(step * index)) for index in range(length))
    data = struct.pack(f"<{len(samples)}h", *samples)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, _RATE, 2 * _RATE, 2, 16)
    body = b"WAVE" + form + struct.pack("<4sI", b"data", len(data)) + data
    return base64.b64encode(struct.pack("<4sI", b"RIFF", len(body)) + body).decode()


@cache
def png(width: int, height: int, colours: tuple[str, ...]) -> str:
    """A data URI of a PNG: the colours (`rrggbb`) as bars that grow to the right, like a chart, on white."""
    palette = bytes.fromhex("ffffff" + "".join(colours))
    bar = max(1, width // len(colours))
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for index in range(len(colours)):
            inside = y >= height * (1 - (index + 1) / len(colours))
            rows += bytes([index + 1 if inside else 0]) * bar
        rows += bytes(width - bar * len(colours))
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    picture = b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)
    return "data:image/png;base64," + base64.b64encode(picture).decode()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
