import base64
import struct

import pytest

from dashboard.inspection.media import (
    HEAD,
    LARGEST_IMAGE,
    Described,
    Sniffed,
    data_uri,
    decode,
    describe,
    playable,
    sniff,
)

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", 640, 480)
GIF = b"GIF89a" + struct.pack("<HH", 3, 2)
JPEG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08" + struct.pack(">HH", 20, 30) + b"rest"
VP8 = b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(10) + struct.pack("<HH", 15, 16)
VP8L = b"RIFF\x00\x00\x00\x00WEBPVP8L" + bytes(5) + struct.pack("<I", (39 << 14) | 29) + bytes(4)
VP8X = b"RIFF\x00\x00\x00\x00WEBPVP8X" + bytes(8) + (99).to_bytes(3, "little") + (49).to_bytes(3, "little")
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00" + struct.pack("<II", 24_000, 48_000) + bytes(12)


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(
    ("data", "kind", "label", "size"),
    [
        (PNG, "image/png", "PNG", (640, 480)),
        (GIF, "image/gif", "GIF", (3, 2)),
        (JPEG, "image/jpeg", "JPEG", (30, 20)),
        (VP8, "image/webp", "WebP", (15, 16)),
        (VP8L, "image/webp", "WebP", (30, 40)),
        (VP8X, "image/webp", "WebP", (100, 50)),
        (PNG[:10], "image/png", "PNG", (0, 0)),
        (GIF[:7], "image/gif", "GIF", (0, 0)),
        (VP8[:20], "image/webp", "WebP", (0, 0)),
        (b"\xff\xd8\xff\xe0\x00\x04abXX", "image/jpeg", "JPEG", (0, 0)),
    ],
)
def test_images_are_told_by_their_bytes(data, kind, label, size):
    assert sniff(data, len(data)) == Sniffed("image", kind, label, None, *size)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"ID3\x04rest", "audio/mpeg"),
        (b"\xff\xfb\x90", "audio/mpeg"),
        (b"\xff\xf1\x50", "audio/aac"),
        (b"OggS", "audio/ogg"),
        (b"fLaC", "audio/flac"),
        (b"\x1a\x45\xdf\xa3", "audio/webm"),
        (b"\x00\x00\x00\x20ftypM4A ", "audio/mp4"),
        (WAV, "audio/wav"),
        (b"RIFF\x00\x00\x00\x00WAVE", "audio/wav"),
    ],
)
def test_recordings_are_told_by_their_bytes(data, kind):
    found = sniff(data, len(data))
    assert found is not None
    assert (found.kind, found.type) == ("audio", kind)


def wav(before: bytes = b"", after: bytes = b"") -> bytes:
    """The header of a recording of 24 kHz, 16 bit, mono, with other chunks around its format."""
    layout = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 24_000, 48_000, 2, 16)
    return b"RIFF\xff\xff\xff\xffWAVE" + before + layout + after + b"data" + struct.pack("<I", 0xFFFFFFFF)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b""),
        (b"JUNK" + struct.pack("<I", 16) + bytes([65]) * 16, b""),
        (b"", b"LIST" + struct.pack("<I", 3) + b"abc\0"),
    ],
)
def test_other_chunks_of_a_wav_are_passed_over(before, after):
    head = wav(before, after)
    assert sniff(head, len(head) + 72_000) == Sniffed("audio", "audio/wav", "WAV, 24 kHz", 1.5)
    assert sniff(head, 0) == Sniffed("audio", "audio/wav", "WAV, 24 kHz", 0.0)


def test_opus_is_told_from_other_sound_in_ogg():
    assert sniff(b"OggS" + bytes(24) + b"OpusHead", 99) == Sniffed("audio", "audio/ogg", "Opus")
    assert sniff(b"OggS" + bytes(24) + b"\x01vorbis", 99) == Sniffed("audio", "audio/ogg", "Ogg")


def test_a_wav_tells_its_rate_and_its_length():
    assert sniff(WAV, 44 + 96_000) == Sniffed("audio", "audio/wav", "WAV, 24 kHz", 2.0)
    assert sniff(WAV[:20], 20) == Sniffed("audio", "audio/wav", "WAV", None)


@pytest.mark.parametrize("data", [b"", b"<svg onload=alert(1)>", b"<html>", b"%PDF-1.7", b"GIF90a", bytes(99)])
def test_anything_else_is_nothing(data):
    assert sniff(data, len(data)) is None


def test_base64_is_described_by_its_head():
    assert describe(text(PNG)) == Described(Sniffed("image", "image/png", "PNG", None, 640, 480), len(PNG))
    assert describe(text(PNG + bytes(100_000))).size == len(PNG) + 100_000
    assert describe("") == Described(None, 0, "it is empty")
    assert describe("not base64!").fault == "it is not base64"
    assert describe(text(b"plain")).sniffed is None


def test_images_that_are_too_much_say_so():
    assert "larger than 10.0 MB" in describe(text(PNG) + "A" * (LARGEST_IMAGE * 4 // 3)).fault
    vast = PNG[:16] + struct.pack(">II", 100_000, 100_000)
    assert "pixels are too many" in describe(text(vast)).fault


def jpeg(*segments: bytes) -> str:
    return text(b"\xff\xd8" + b"".join(segments) + bytes(20))


def frame(width: int, height: int) -> bytes:
    return b"\xff\xc2\x00\x11\x08" + struct.pack(">HH", height, width)


def camera(length: int) -> bytes:
    """What cameras write before the picture itself."""
    return b"\xff\xe1" + struct.pack(">H", length + 2) + bytes(length)


@pytest.mark.parametrize(
    ("encoded", "size"),
    [
        (jpeg(frame(3, 2)), (3, 2)),
        (jpeg(camera(60_000), camera(60_000), frame(3, 2)), (3, 2)),
        (jpeg(b"\xff\xff", frame(3, 2)), (3, 2)),
        (jpeg(b"\xff\x01\xff\xd0", frame(3, 2)), (3, 2)),
        (jpeg(b"\xff\xc4\x00\x04ab", frame(3, 2)), (3, 2)),
    ],
)
def test_a_jpeg_tells_its_size_behind_much_else(encoded, size):
    found = describe(encoded)
    assert found.sniffed is not None
    assert (found.sniffed.width, found.sniffed.height, found.fault) == (*size, "")


@pytest.mark.parametrize(
    "encoded",
    [
        jpeg(camera(60_000), frame(65_000, 65_000)),
        jpeg(b"\xff" * 7, frame(65_000, 65_000)),
        jpeg(frame(65_000, 0)),
        jpeg(camera(4), b"junk", frame(65_000, 65_000)),
        jpeg(*[camera(65_000)] * 5, frame(3, 2)),
    ],
)
def test_a_jpeg_that_is_vast_or_hides_its_size_is_not_shown(encoded):
    assert describe(encoded).fault in (
        "65,000 × 65,000 pixels are too many",
        "its beginning does not tell how large it is",
    )


@pytest.mark.parametrize("width", [60, 64, 76, 61])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_base64_in_lines_is_base64(width, end):
    data = PNG + bytes(HEAD)
    encoded = text(data)
    lines = end.join(encoded[at : at + width] for at in range(0, len(encoded), width)) + end
    assert describe(lines).fault == ""
    assert abs(describe(lines).size - len(data)) <= 2
    assert decode(lines) == data


@pytest.mark.parametrize(
    ("encoded", "data"), [("QUJD", b"ABC"), ("QUI", b"AB"), ("QU\nI=", b"AB"), ("Q", None), ("QU!D", None), ("ä", None)]
)
def test_base64_is_read_forgivingly(encoded, data):
    assert decode(encoded) == data


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("data:image/png;base64,QUJD", ("image/png", "QUJD")),
        ("DATA:image/PNG;charset=x;base64,QUJD", ("image/png", "QUJD")),
        ("data:;base64,QUJD", ("", "QUJD")),
        ("data:image/svg+xml,<svg>", None),
        ("https://x.example/a.png", None),
        ("", None),
    ],
)
def test_data_addresses(url, found):
    assert data_uri(url) == found


def test_raw_sound_gets_the_header_that_it_lacks():
    kind, data = playable(bytes(48_000))
    assert (kind, len(data)) == ("audio/wav", 48_044)
    assert sniff(data, len(data)) == Sniffed("audio", "audio/wav", "WAV, 24 kHz", 1.0)
    assert playable(WAV) == ("audio/wav", WAV)
    assert playable(PNG)[0] == "audio/wav"
