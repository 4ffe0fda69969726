"""The documents behind a completion page, kept for some minutes, so that its lazy parts need not ask the API again.

What is kept is one zip of the bytes as received: small, and of a long token list only the block is opened that is
looked at.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.cache import caches

from dashboard.projects import Project
from dashboard.upstream.decode import decode
from dashboard.upstream.large import Place, put_back, rest_of, token_lists
from dashboard.upstream.records import Completion
from dashboard.upstream.tokens import TokenList

KEPT_SECONDS = 600
COMPLETION, MESSAGES = "completion", "messages"

_packer = ThreadPoolExecutor(1, "pack")
_under_way: dict[str, Future[None]] = {}


class _ZippedBlocks(Sequence[bytes]):
    """The blocks of one token list, unpacked when they are looked at."""

    def __init__(self, archive: ZipFile, names: list[str]) -> None:
        self.archive, self.names = archive, names

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, number: Any) -> Any:
        return self.archive.read(self.names[number])


def remember_completion(project: Project, completion_id: str, completion: Completion) -> None:
    """A large one is packed while the page is made; asking for it waits for that."""
    key = _key(project, completion_id, COMPLETION)
    lists = token_lists(completion.raw)
    if not lists:
        _keep(key, {"rest": completion.body})
    elif _kept_digest(key) != (digest := completion.digest):
        packing = _under_way[key] = _packer.submit(_pack, key, digest, completion.body, lists)
        packing.add_done_callback(lambda done: _under_way.pop(key, None))


def _pack(key: str, digest: str, body: bytes, lists: dict[Place, TokenList]) -> None:
    files = {"rest": rest_of(body, lists)}
    for (place, field), entries in lists.items():
        files |= {f"{place}/{field}/{len(entries)}/{n}": block for n, block in enumerate(entries.blocks)}
    _keep(key, files, digest)


def remember_messages(project: Project, completion_id: str, bodies: Sequence[bytes]) -> None:
    """The pages as received, in their order."""
    _keep(_key(project, completion_id, MESSAGES), {str(n): body for n, body in enumerate(bodies)})


def recall(project: Project, completion_id: str, name: str) -> Any:
    """The value at `/completion` or `/messages` of the document that pointers point into; None when it is not kept."""
    archive = _archive(_key(project, completion_id, name))
    if archive is None:
        return None
    if name == COMPLETION:
        return put_back(decode(archive.read("rest"), keep_repeated=True), _lists(archive))
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


def _keep(key: str, files: dict[str, bytes], digest: str = "") -> None:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        archive.comment = digest.encode()
        for path, content in files.items():
            archive.writestr(path, content.removeprefix(BOM_UTF8))
    caches["content"].set(key, packed.getvalue(), KEPT_SECONDS)


def _lists(archive: ZipFile) -> dict[Place, TokenList]:
    """Of paths like `0/content/16000/12`: choice, field, number of entries, block."""
    blocks: dict[tuple[str, str, str], list[str]] = {}
    for path in archive.namelist()[1:]:
        place, field, length, _ = path.split("/")
        blocks.setdefault((place, field, length), []).append(path)
    return {
        (int(place), field): TokenList(blocks=_ZippedBlocks(archive, names), length=int(length), keep_repeated=True)
        for (place, field, length), names in blocks.items()
    }


def _key(project: Project, completion_id: str, name: str) -> str:
    return f"document:{project.fingerprint}:{completion_id}:{name}"
