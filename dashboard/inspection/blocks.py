"""What a message is printed as: blocks in reading order. Whatever is cut short knows where the rest is.

`at` is the JSON pointer of a value in the document `{"completion": …, "messages": […]}`; see `json_tree`.
`kind` names the template that prints the block.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from dashboard.inspection.citations import Cited
from dashboard.inspection.json_tree import CARD, Node, tree
from dashboard.inspection.media import Described, Sniffed
from dashboard.inspection.schema_checks import Check
from dashboard.inspection.tool_calls import PairedCall, PairedResult

SHORT = 80
"""Characters of a value that stands beside its name."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text of any length, and the number of its characters that are shown at first."""

    at: str
    text: str
    fold: int

    @property
    def shown(self) -> str:
        return self.text[: self.fold]

    @property
    def left_out(self) -> int:
        return max(0, len(self.text) - self.fold)


@dataclass(frozen=True, slots=True)
class Text:
    """Text, a refusal, or the transcript of audio. `tree` is the same text as JSON, where it was asked to be JSON."""

    kind: ClassVar[str] = "text"
    words: Words
    refusal: bool = False
    cited: Cited | None = None
    tree: Node | None = None
    check: Check | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call: its arguments as received, `tree` as what they mean, `fault` as why they mean nothing."""

    kind: ClassVar[str] = "call"
    words: Words
    name: str
    id: str
    type: str
    paired: PairedCall
    tree: Node | None
    fault: str
    repeated: tuple[str, ...]
    check: Check | None


@dataclass(frozen=True, slots=True)
class Result:
    """The content of a tool message, as the other half of its call's card."""

    kind: ClassVar[str] = "result"
    id: str
    paired: PairedResult
    characters: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class JsonText:
    """Text that is JSON: as a tree, and as received."""

    kind: ClassVar[str] = "json_text"
    words: Words
    tree: Node


@dataclass(frozen=True, slots=True)
class Image:
    """`sniffed` where its bytes are here and may be shown; else `url` or `reason` say what it is."""

    kind: ClassVar[str] = "image"
    at: str
    sniffed: Sniffed | None
    size: int
    url: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Audio:
    """A recording: the answer's own, or one that was sent. `at` is where its base64 text stands."""

    kind: ClassVar[str] = "audio"
    at: str
    id: str
    described: Described
    expires_at: int | None
    transcript: Words | None

    @property
    def playable(self) -> bool:
        return self.described.size > 0 and not self.described.fault and not self.is_image

    @property
    def is_image(self) -> bool:
        return bool(self.described.sniffed and self.described.sniffed.kind == "image")

    @property
    def label(self) -> str:
        return self.described.sniffed.label if self.described.sniffed else "no known format, played as PCM 24 kHz"


@dataclass(frozen=True, slots=True)
class File:
    """A file part: by name and size, or by the id it has at the API. `described` where its bytes are here."""

    kind: ClassVar[str] = "file"
    at: str
    name: str
    id: str
    described: Described | None


@dataclass(frozen=True, slots=True)
class Data:
    """A value that has no form of its own: printed as JSON under its name."""

    kind: ClassVar[str] = "data"
    at: str
    title: str
    node: Node

    @property
    def line(self) -> str:
        """A short scalar, which needs no unfolding."""
        return self.node.text if self.node.size <= SHORT and not self.node.left_out else ""


@dataclass(frozen=True, slots=True)
class More:
    """What is not printed, because it is too much for a page: how many blocks, and where they are."""

    kind: ClassVar[str] = "more"
    at: str
    count: int


Block = Text | Call | Result | JsonText | Image | Audio | File | Data | More


def data(title: str, value: Any, at: str) -> Data:
    return Data(at, title, tree(value, at=at, limits=CARD))
