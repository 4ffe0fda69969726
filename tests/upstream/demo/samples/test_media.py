import base64
import io
import struct
import wave
import zlib

import pytest

from dashboard.upstream.demo.samples.media import png, wav


def test_a_wav_is_one_that_the_standard_library_reads():
    with wave.open(io.BytesIO(base64.b64decode(wav((440.0, 660.0), 0.1)))) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 8_000)
        assert sound.getnframes() == 1_600
        assert any(sound.readframes(1_600))


@pytest.mark.parametrize(("width", "height"), [(2, 2), (48, 32), (101, 7), (64, 640)])
def test_a_png_is_whole(width, height):
    uri = png(width, height, ("ff0000", "00ff00"))
    assert uri.startswith("data:image/png;base64,")
    data = base64.b64decode(uri.partition(",")[2])
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    chunks = read_chunks(data[8:])
    assert list(chunks) == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
    assert struct.unpack(">II", chunks[b"IHDR"][:8]) == (width, height)
    pixels = zlib.decompress(chunks[b"IDAT"])
    assert len(pixels) == height * (width + 1)
    assert max(pixels) < len(chunks[b"PLTE"]) // 3


def read_chunks(data: bytes) -> dict[bytes, bytes]:
    chunks = {}
    while data:
        [length] = struct.unpack(">I", data[:4])
        name, content = data[4:8], data[8 : 8 + length]
        assert struct.unpack(">I", data[8 + length : 12 + length])[0] == zlib.crc32(name + content)
        chunks[name] = content
        data = data[12 + length :]
    return chunks
