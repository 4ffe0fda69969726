"""The parts of a message's content -> blocks: text, images, recordings, files, and kinds that nobody knows yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dashboard.inspection.blocks import Audio, Block, File, Image, Text, Words, data
from dashboard.inspection.json_tree import pointer
from dashboard.inspection.media import Described, data_uri, describe
from dashboard.upstream.records import Json, text

TEXTS = ("text", "input_text", "output_text", "refusal")
TYPES = {*TEXTS, "image_url", "input_image", "input_audio", "file", "input_file"}
"""What a block says by being there; another type of a part that looks like one of these is said beside it."""


def part_blocks(part: Json, at: str, fold: int) -> Iterator[Block]:
    """One block of its kind, and one of data for whatever that leaves unsaid."""
    kind = text(part.get("type")) or "text"
    found = _text(part, kind, at, fold) or _image(part, at) or _audio(part, at) or _file(part, at)
    if not found:
        yield data(text(part.get("type")) or "part without a type", part, at)
        return
    block, rest = found
    yield block
    if rest:
        yield data(f"more of this {kind} part", rest, at)


def _set(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _rest(part: Json, inside: str, known: set[str]) -> dict[str, Any]:
    """What a part holds beside a known type and the known fields of the object that bears its content."""
    outer = {name: value for name, value in _set(part).items() if name != inside}
    if text(part.get("type")) in TYPES:
        del outer["type"]
    held = part.get(inside)
    inner = {name: value for name, value in _set(held).items() if name not in known} if isinstance(held, dict) else {}
    return outer | ({inside: inner} if inner else {})


def _text(part: Json, kind: str, at: str, fold: int) -> tuple[Block, dict[str, Any]] | None:
    field = "refusal" if kind == "refusal" else "text"
    if kind not in TEXTS or not isinstance(part.get(field), str):
        return None
    return Text(Words(at + pointer(field), part[field], fold), refusal=kind == "refusal"), _rest(part, field, set())


def _image(part: Json, at: str) -> tuple[Block, dict[str, Any]] | None:
    held = part.get("image_url")
    url = held.get("url") if isinstance(held, dict) else held
    if not isinstance(url, str) or not url:
        return None
    detail = held.get("detail") if isinstance(held, dict) else None
    place = at + ("/image_url/url" if isinstance(held, dict) else "/image_url")
    known = {"url", "detail"} if detail is None or isinstance(detail, str) else {"url"}
    return _image_block(url, place, text(detail) if "detail" in known else ""), _rest(part, "image_url", known)


def _image_block(url: str, at: str, detail: str) -> Image:
    """Only bytes that are here already can be shown; an address is printed, never fetched."""
    embedded = data_uri(url)
    if not embedded:
        return Image(at, None, 0, url, "", detail)
    declared, encoded = embedded
    described = describe(encoded)
    if described.sniffed and described.sniffed.kind == "image" and not described.fault:
        return Image(at, described.sniffed, described.size, "", "", detail)
    reason = described.fault or "its bytes are none of PNG, JPEG, GIF or WebP"
    return Image(at, None, described.size, "", f"{declared or 'no type'}: {reason}", detail)


def _audio(part: Json, at: str) -> tuple[Block, dict[str, Any]] | None:
    held = part.get("input_audio")
    if not isinstance(held, dict) or not isinstance(held.get("data"), str):
        return None
    block = Audio(f"{at}/input_audio/data", "", describe(held["data"]), None, None)
    return block, _rest(part, "input_audio", {"data"})


def _file(part: Json, at: str) -> tuple[Block, dict[str, Any]] | None:
    held = part.get("file")
    if not isinstance(held, dict):
        return None
    said = {name: held[name] for name in ("filename", "file_id", "file_data") if isinstance(held.get(name), str)}
    if not said:
        return None
    content = _file_content(said["file_data"]) if "file_data" in said else None
    return File(at, said.get("filename", ""), said.get("file_id", ""), content), _rest(part, "file", set(said))


def _file_content(encoded: str) -> Described:
    embedded = data_uri(encoded)
    return describe(embedded[1] if embedded else encoded)
