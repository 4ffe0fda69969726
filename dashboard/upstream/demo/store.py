"""The sample completions as the API keeps them: ready-made bytes, newest first."""

import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from dashboard.upstream.demo.encoding import encode
from dashboard.upstream.demo.samples.catalogue import all_samples
from dashboard.upstream.demo.samples.dates import creation_times
from dashboard.upstream.demo.samples.dice import seeded
from dashboard.upstream.demo.samples.documents import Stamp, completion_document, new_stamp, stored_messages
from dashboard.upstream.demo.samples.shapes import Sample


class Deferred:
    """A document too big to keep around: written at first need, then kept compressed."""

    def __init__(self, write: Callable[[], bytes]) -> None:
        self._write = write
        self._packed = b""
        self._lock = Lock()

    def read(self) -> bytes:
        with self._lock:
            if not self._packed:
                written = self._write()
                self._packed = zlib.compress(written, 1)
                return written
        return zlib.decompress(self._packed)


@dataclass(frozen=True, slots=True)
class Row:
    """One completion: the fields that a list call looks at, its JSON, and the JSON of each request message."""

    id: str
    created: int
    model: str
    metadata: dict[str, str]
    document: bytes | Deferred
    messages: tuple[bytes, ...]

    def read(self) -> bytes:
        return self.document.read() if isinstance(self.document, Deferred) else self.document


@dataclass(frozen=True, slots=True)
class Store:
    """All rows, newest first."""

    rows: tuple[Row, ...]
    by_id: dict[str, Row] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {row.id: row for row in self.rows})


def build_store(now: int) -> Store:
    """Build the store for a start at now (unix seconds): dates follow it, everything else is seeded."""
    samples = all_samples()
    dice = seeded("stamps")
    stamps = [new_stamp(created, dice) for created in creation_times(len(samples), now)]
    return Store(tuple(_row(sample, stamp) for sample, stamp in zip(samples, stamps, strict=True)))


def _row(sample: Sample, stamp: Stamp) -> Row:
    def write() -> bytes:
        return encode(completion_document(sample, stamp))

    return Row(
        id=stamp.id,
        created=stamp.created,
        model=sample.model,
        metadata=sample.metadata,
        document=Deferred(write) if sample.later else write(),
        messages=tuple(encode(message) for message in stored_messages(sample, stamp.id)),
    )


class ProcessStore:
    """The store of this process: built on the first request, once, for the day of that request."""

    def __init__(self) -> None:
        self._store: Store | None = None
        self._lock = Lock()

    def get(self) -> Store:
        with self._lock:
            if self._store is None:
                self._store = build_store(int(time.time()))
            return self._store


process_store = ProcessStore()
