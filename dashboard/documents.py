"""The documents behind a completion page, kept for some minutes, so that its lazy parts need not ask the API again.

What is kept is one zip of the bytes as received: small, and of a long token list only the block is opened that is
looked at.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from functools import partial
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.cache import caches

from dashboard.projects import Project
from dashboard.upstream.decode import decode
from dashboard.upstream.large import Place, put_back, rest_of, token_lists
from dashboard.upstream.records import Completion, completion
from dashboard.upstream.tokens import TokenList

KEPT_SECONDS = 600
COMPLETION, MESSAGES = "completion", "messages"

_packer = ThreadPoolExecutor(1, "pack")
_under_way: dict[str, Future[None]] = {}


def remember_completion(project: Project, completion_id: str, found: Completion) -> None:
    """A large one is packed while the page is made; asking for it waits for that."""
    key = _key(project, completion_id, COMPLETION)
    lists = token_lists(found.raw)
    digest = found.digest
    if not lists:
        _keep(key, [("rest", found.body)], digest)
    elif _kept_digest(key) != digest:
        packing = _under_way[key] = _packer.submit(_pack, key, digest, found.body, lists)
        packing.add_done_callback(lambda done: _under_way.pop(key, None))


def _pack(key: str, digest: str, body: bytes, lists: dict[Place, TokenList]) -> None:
    _keep(key, _parts(body, lists), digest)


def _parts(body: bytes, lists: dict[Place, TokenList]) -> Iterator[tuple[str, bytes]]:
    """One after the other, so that no second copy of them all is made."""
    yield "rest", rest_of(body, lists)
    for (place, field), entries in lists.items():
        for number in range(entries.block_count):
            yield f"{place}/{field}/{len(entries)}/{number}", entries.block(number)


def remember_messages(project: Project, completion_id: str, bodies: Sequence[bytes]) -> None:
    """The pages as received, in their order."""
    _keep(_key(project, completion_id, MESSAGES), ((str(n), body) for n, body in enumerate(bodies)))


def recall(project: Project, completion_id: str, name: str) -> Any:
    """The value at `/completion` or `/messages` of the document that pointers point into; None when it is not kept."""
    archive = _archive(_key(project, completion_id, name))
    if archive is None:
        return None
    if name == COMPLETION:
        return _document(archive)
    pages = [decode(archive.read(page), keep_repeated=True) for page in archive.namelist()]
    return [message for page in pages for message in page.get("data") or []]


def _archive(key: str) -> ZipFile | None:
    if packing := _under_way.get(key):
        wait([packing])
    kept = caches["content"].get(key)
    return None if kept is None else ZipFile(BytesIO(kept))


def _kept_digest(key: str) -> str:
    archive = _archive(key)
    return archive.comment.decode() if archive else ""


def recall_completion(project: Project, completion_id: str) -> Completion | None:
    """The record of a completion that is kept; it has the digest of its document, and not the bytes."""
    archive = _archive(_key(project, completion_id, COMPLETION))
    return None if archive is None else replace(completion(_document(archive)), digest=archive.comment.decode())


def _document(archive: ZipFile) -> Any:
    return put_back(decode(archive.read("rest"), keep_repeated=True), _lists(archive))


def _keep(key: str, files: Iterable[tuple[str, bytes]], digest: str = "") -> None:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        archive.comment = digest.encode()
        for path, content in files:
            archive.writestr(path, content.removeprefix(BOM_UTF8))
    caches["content"].set(key, packed.getvalue(), KEPT_SECONDS)


def _lists(archive: ZipFile) -> dict[Place, TokenList]:
    """Of paths like `0/content/16000/12`: choice, field, number of entries, block."""
    blocks: dict[tuple[str, str, str], list[str]] = {}
    for path in archive.namelist()[1:]:
        place, field, length, _ = path.split("/")
        blocks.setdefault((place, field, length), []).append(path)
    return {
        (int(place), field): TokenList(
            block_at=partial(_unpacked, archive, names), length=int(length), keep_repeated=True
        )
        for (place, field, length), names in blocks.items()
    }


def _unpacked(archive: ZipFile, names: list[str], number: int) -> bytes:
    return archive.read(names[number])


def _key(project: Project, completion_id: str, name: str) -> str:
    return f"document:{project.fingerprint}:{completion_id}:{name}"
