import base64

import pytest

from dashboard.inspection.parts import part_blocks
from dashboard.inspection.visible import visible

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(20)).decode()


def blocks(part: dict) -> list:
    return list(part_blocks(part, "/p", 4_000))


@pytest.mark.parametrize(
    ("part", "text", "refusal"),
    [
        ({"type": "text", "text": "a"}, "a", False),
        ({"text": "untyped"}, "untyped", False),
        ({"type": "input_text", "text": "a"}, "a", False),
        ({"type": "refusal", "refusal": "no", "text": None}, "no", True),
    ],
)
def test_texts(part, text, refusal):
    (block,) = blocks(part)
    assert (block.kind, block.words.text, block.refusal) == ("text", text, refusal)
    assert block.words.at == f"/p/{'refusal' if refusal else 'text'}"


def test_what_a_text_part_holds_beside_its_text_is_data():
    _, rest = blocks({"type": "text", "text": "a", "cache": True})
    assert (rest.title, rest.node.children[0].key) == ("more of this text part", "cache")


@pytest.mark.parametrize(
    ("part", "title"),
    [
        ({"type": "thinking", "text": "hm"}, "thinking"),
        ({"type": {"odd": 1}, "text": "hm"}, '{"odd": 1}'),
        ({"type": "text", "text": 5}, "text"),
        ({"type": None, "x": 1}, "part without a type"),
        ({"type": "image_url", "image_url": {"url": ["odd"]}}, "image_url"),
        ({"type": "image_url", "image_url": ""}, "image_url"),
        ({"type": "input_audio", "input_audio": "odd"}, "input_audio"),
        ({"type": "input_audio", "input_audio": {"data": 5}}, "input_audio"),
        ({"type": "file", "file": "odd"}, "file"),
        ({"type": "file", "file": {"other": 1}}, "file"),
    ],
)
def test_what_nobody_knows_is_data(part, title):
    (block,) = blocks(part)
    assert (block.kind, block.title, block.at) == ("data", title, "/p")


def test_an_image_whose_bytes_are_here_can_be_shown():
    (block,) = blocks({"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{PNG}", "detail": "low"}})
    assert (block.kind, block.sniffed.type, block.at, block.detail) == ("image", "image/png", "/p/image_url/url", "low")
    (block,) = blocks({"type": "input_image", "image_url": f"data:;base64,{PNG}"})
    assert block.at == "/p/image_url"


def test_an_image_at_another_place_is_its_address():
    image, rest = blocks({"type": "image_url", "image_url": {"url": "https://x.example/a.png", "detail": 5}})
    assert (image.sniffed, image.url, image.detail) == (None, "https://x.example/a.png", "")
    assert rest.node.children[0].children[0].key == "detail"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("data:image/svg+xml;base64,PHN2Zz4=", "image/svg+xml: its bytes are none of PNG, JPEG, GIF or WebP"),
        ("data:image/png;base64,!!", "image/png: it is not base64"),
        ("data:;base64,", "no type: it is empty"),
        (
            f"data:image/png;base64,{base64.b64encode(b'OggS').decode()}",
            "image/png: its bytes are none of PNG, JPEG, GIF or WebP",
        ),
    ],
)
def test_an_image_that_is_none_says_why(url, reason):
    (block,) = blocks({"type": "image_url", "image_url": {"url": url}})
    assert (block.sniffed, block.url, block.reason) == (None, "", reason)


def test_a_recording_that_was_sent_can_be_played():
    audio, rest = blocks({"type": "input_audio", "input_audio": {"data": "T2dnUw==", "format": "ogg"}})
    assert (audio.kind, audio.at, audio.label, audio.playable) == ("audio", "/p/input_audio/data", "Ogg", True)
    assert rest.node.children[0].key == "input_audio"


def test_a_recording_of_no_known_format_is_taken_for_raw_sound():
    (audio,) = blocks({"input_audio": {"data": "QUJD"}})
    assert audio.playable
    assert "no known format" in audio.label


@pytest.mark.parametrize("data", ["", "!!", PNG])
def test_a_recording_that_is_none_cannot_be_played(data):
    (audio,) = blocks({"input_audio": {"data": data}})
    assert not audio.playable


def test_files_have_a_name_or_an_id():
    (block,) = blocks({"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,QUJD"}})
    assert (block.kind, block.name, block.described.size) == ("file", "a.pdf", 3)
    block, rest = blocks({"type": "file", "file": {"file_id": "file-1", "filename": 5, "file_data": "QUJD"}})
    assert (block.id, block.name, block.described.size) == ("file-1", "", 3)
    assert rest.node.children[0].children[0].key == "filename"
    (block,) = blocks({"type": "file", "file": {"file_id": "file-1"}})
    assert block.described is None
    assert visible(block.id) == "file-1"


@pytest.mark.parametrize("kind", [["image", None], "new_kind", 7])
def test_a_type_that_nobody_knows_is_said_beside_what_the_part_holds(kind):
    file, rest = blocks({"type": kind, "file": {"file_id": "file-1"}})
    assert (file.kind, rest.kind) == ("file", "data")
    assert "type" in str(rest)
