"""What images and recordings are, told by their first bytes and never by what is said about them.

The API names no format for the audio of an answer (`audio.data` is base64); what bears no mark is raw PCM, 16 bit,
24 kHz, mono.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from dataclasses import dataclass

from dashboard.inspection.sizes import size

LARGEST_IMAGE = 10_000_000
MOST_PIXELS = 50_000_000
HEAD = 400_000
"""Characters of base64 that are enough to tell what it is: cameras write much before the size of a picture."""
RATE = 24_000
AUDIO = (
    (rb"RIFF....WAVE", "audio/wav", "WAV"),
    (rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]", "audio/mpeg", "MP3"),
    (rb"\xff[\xf0\xf1\xf8\xf9]", "audio/aac", "AAC"),
    (rb"OggS.{24}OpusHead", "audio/ogg", "Opus"),
    (rb"OggS", "audio/ogg", "Ogg"),
    (rb"fLaC", "audio/flac", "FLAC"),
    (rb"\x1a\x45\xdf\xa3", "audio/webm", "WebM"),
    (rb"....ftyp(?:M4A|mp4|isom|iso2|dash)", "audio/mp4", "MP4"),
)
ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers of JPEG without a length behind them."""
IMAGES = (
    (rb"\x89PNG\r\n\x1a\n", "image/png", "PNG"),
    (rb"\xff\xd8\xff", "image/jpeg", "JPEG"),
    (rb"GIF8[79]a", "image/gif", "GIF"),
    (rb"RIFF....WEBP", "image/webp", "WebP"),
)


@dataclass(frozen=True, slots=True)
class Sniffed:
    """`kind` is audio or image. `seconds`, `width` and `height` where the head tells them."""

    kind: str
    type: str
    label: str
    seconds: float | None = None
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Described:
    """Base64 text: what it is, its size in bytes, and in `fault` why it cannot be shown."""

    sniffed: Sniffed | None
    size: int
    fault: str = ""


def describe(encoded: str) -> Described:
    """Looks at the beginning only, so that megabytes cost nothing."""
    if not encoded:
        return Described(None, 0, "it is empty")
    head = "".join(encoded[:HEAD].split())
    white = 0 if len(head) == min(HEAD, len(encoded)) else sum(encoded.count(one) for one in "\r\n\t ")
    length = (len(encoded) - white) * 3 // 4 - encoded[-4:].count("=")
    data = decode(head[: len(head) // 4 * 4] if len(encoded) > HEAD else head)
    if data is None:
        return Described(None, length, "it is not base64")
    sniffed = sniff(data, length)
    return Described(sniffed, length, _too_much(sniffed, length))


def _too_much(sniffed: Sniffed | None, length: int) -> str:
    if sniffed is None or sniffed.kind != "image":
        return ""
    if length > LARGEST_IMAGE:
        return f"it is larger than {size(LARGEST_IMAGE)}"
    if sniffed.label == "JPEG" and not sniffed.width * sniffed.height:
        return "its beginning does not tell how large it is"  # the others always say it at the same place
    if sniffed.width * sniffed.height > MOST_PIXELS:
        return f"{sniffed.width:,} × {sniffed.height:,} pixels are too many"
    return ""


def sniff(head: bytes, length: int) -> Sniffed | None:
    """`head` are the first bytes of `length` bytes; None for what is none of the formats above."""
    head = head[:HEAD]
    for pattern, kind, label in IMAGES:
        if re.match(pattern, head, re.DOTALL):
            return Sniffed("image", kind, label, None, *_dimensions(head, label))
    for pattern, kind, label in AUDIO:
        if re.match(pattern, head, re.DOTALL):
            return _wav(head, length) if label == "WAV" else Sniffed("audio", kind, label)
    return None


def decode(encoded: str) -> bytes | None:
    """None where it is not base64. White space, and padding that is missing, are forgiven."""
    compact = "".join(encoded.split())
    try:
        return base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def data_uri(url: str) -> tuple[str, str] | None:
    """The declared type and the base64 text of a `data:` address; None for any other."""
    match = re.match(r"data:([\w.+-]*/?[\w.+-]*)(?:;[\w.+=-]*)*;base64,", url[:300], re.IGNORECASE)
    return (match[1].lower(), url[match.end() :]) if match else None


def playable(data: bytes) -> tuple[str, bytes]:
    """Content type and bytes that a browser can play: raw PCM gets the header that it lacks."""
    sniffed = sniff(data[:HEAD], len(data))
    if sniffed and sniffed.kind == "audio":
        return sniffed.type, data
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36 + len(data),
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        RATE,
        RATE * 2,
        2,
        16,
        b"data",
        len(data),
    )
    return "audio/wav", header + data


def _wav(head: bytes, length: int) -> Sniffed:
    """From chunk to chunk: `fmt ` tells sample rate and bytes per second, `data` where the sound begins."""
    at, rate, bytes_per_second, begin = 12, 0, 0, 44
    while at + 8 <= len(head):
        name, size_of_chunk = struct.unpack("<4sI", head[at : at + 8])
        at += 8
        if name == b"fmt " and at + 12 <= len(head):
            rate, bytes_per_second = struct.unpack("<II", head[at + 4 : at + 12])
        if name == b"data":
            begin = at
            break
        at += size_of_chunk + size_of_chunk % 2
    seconds = max(0, length - begin) / bytes_per_second if bytes_per_second else None
    return Sniffed("audio", "audio/wav", f"WAV, {rate / 1000:g} kHz" if rate else "WAV", seconds)


def _dimensions(head: bytes, label: str) -> tuple[int, int]:
    """Width and height; zeros where the head does not tell."""
    try:
        if label == "PNG":
            return struct.unpack(">II", head[16:24])
        if label == "GIF":
            return struct.unpack("<HH", head[6:10])
        return _jpeg(head) if label == "JPEG" else _webp(head)
    except struct.error:
        return 0, 0


def _jpeg(head: bytes) -> tuple[int, int]:
    """From segment to segment up to the frame that tells the size. Markers may stand behind any number of 0xFF."""
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker, length = head[at + 1], int.from_bytes(head[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return width, height
        at += 1 if marker == 0xFF else 2 if marker in ALONE else 2 + length
    return 0, 0


def _webp(head: bytes) -> tuple[int, int]:
    if head[12:16] == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if head[12:16] == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack("<HH", head[26:30])
    return width & 0x3FFF, height & 0x3FFF
