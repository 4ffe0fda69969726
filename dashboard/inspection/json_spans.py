"""JSON inside of the text of an answer, and the bytes at which each of its values stands.

The text is read as Latin-1, one character for each byte, so that every position is a byte offset; what is shown is
decoded from those bytes. Nothing recurses, and beginnings that come to nothing have a price: time grows with length.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from functools import lru_cache

from dashboard.upstream.records import without_lone_surrogates

DEEPEST = 60
"""The depth below which no value is listed."""
DEEPEST_READ = 1_000
"""Levels below which a root is no longer read."""
LONGEST_TEXT = 200
"""Characters of a scalar."""
PATIENCE = 200_000
"""Bytes that may be read in vain, from all beginnings that turned out not to be JSON."""
START_PRICE = 20
"""What each of them costs besides, in bytes: there are at most 10,000."""

_WHITE = " \t\n\r"
_W = rf"[{_WHITE}]*+"
_FENCE = rf"``` *+\w*+{_W}"
_SPACE = re.compile(_W)
# What may stand before a text that is JSON: a fence, or a tag such as models put around a call.
_LEAD = re.compile(rf"{_W}(?:{_FENCE}|<[^<>\s]++>{_W})?", re.ASCII)
# Only brackets that may begin JSON: most of those in code and formulas do not.
_START = re.compile(rf'({_FENCE})?(?=\{{{_W}["}}]|\[{_W}[]\[{{"0-9tfn-])', re.ASCII)
_SCALAR = re.compile(r"true|false|null|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?")
_PLAIN = r'[^"\\\x00-\x1f]*+'
# The characters of a string. What follows them is its end, or what breaks it.
_BODY = re.compile(rf'{_PLAIN}(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{{4}}){_PLAIN})*')
_ESCAPE = re.compile(
    r'\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|["\\/bfnrt])',
)
_UNFINISHED = re.compile(r"(?:\\(?:u[0-9a-fA-F]{0,3})?|t(?:ru?)?|f(?:a(?:ls?)?)?|n(?:ul?)?|-|[.eE][-+]?)\Z")
_RICH = re.compile(r'["{,]')
_EMBEDDED = re.compile(r"(?: |\\[nrt])*+[\[{]")


@dataclass(frozen=True, slots=True)
class Span:
    """One value, and the bytes at which it stands: from `start` up to `stop`, which is no longer part of it.

    `key` is the name of a member, `index` the place in a list; a root has neither. `depth` is 0 for a root.
    `kind` is object, array, string, number or word (true, false, null). `text` is the JSON of a scalar, cut to 200
    characters. The quotes of a string do not belong to its bytes, unless it is empty. `size` counts the children of a
    container, also those that are not listed. Only a container or string that the text did not end is not `closed`.
    """

    key: str | None
    index: int | None
    depth: int
    kind: str
    text: str
    start: int
    stop: int
    size: int
    closed: bool


@dataclass(slots=True)
class _Open:
    """A container that has begun. `slot` is its place among the spans, -1 where it is not listed."""

    kind: str
    slot: int
    size: int = 0


@dataclass(slots=True)
class _Reading:
    """One object or list, as far as it was read.

    `inner` are positions in `text`, ascending from 0, and `outer` the bytes of the data at which they stand; what lies
    between two of them is the same in both.
    """

    text: str
    at: int
    room: int
    depth: int = 0
    embedded: bool = False
    inner: list[int] = field(default_factory=lambda: [0])
    outer: list[int] = field(default_factory=lambda: [0])
    spans: list[Span] = field(default_factory=list)
    more: int = 0
    open: list[_Open] = field(default_factory=list)
    size: int = 0
    """Children of the root; known at the end."""
    broken: bool = False


def json_spans(data: bytes, most: int = 500) -> tuple[list[Span], int]:
    """All values in reading order, a container before its children; at most `most`, and how many more there are.

    `data` is UTF-8, with or without faults. Roots are the whole text, and whatever parses between other words; a text
    that begins as JSON and breaks off is listed up to there. A string that holds JSON has it below itself, as one more
    container without key and index. Values deeper than 60 levels are neither listed nor counted.
    """
    text = data.decode("latin-1")
    lead = _behind(_LEAD, text, 0)
    spans: list[Span] = []
    more, at, patience = 0, 0, PATIENCE
    while patience > 0 and (found := _START.search(text, at)):
        start = found.end()
        root = _read(_Reading(text, start, most - len(spans)))
        if _counts(root, start, fenced=bool(found[1]), first=start == lead):
            spans += root.spans
            more += root.more
            at = root.at
        else:  # what is inside of something broken may still be JSON
            at = start + 1 if root.broken else root.at
            patience -= START_PRICE + (root.at - start if root.broken else 0)
    return spans, more


def _counts(root: _Reading, start: int, *, fenced: bool, first: bool) -> bool:
    """Whether it is worth listing. A number in brackets is a reference more often than a list."""
    if root.broken and not first:
        return False
    if first and _is_at_end(root):
        return root.size > 0 or not root.broken
    rich = fenced or root.text[start] == "{" or _RICH.search(root.text, start, root.at)
    return root.size > 0 and bool(rich)


def _is_at_end(root: _Reading) -> bool:
    return _behind(_SPACE, root.text, root.at) == len(root.text)


def _behind(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where the match ends that begins at `at`; `at` where there is none."""
    found = pattern.match(text, at)
    return found.end() if found else at


# --- Reading


def _read(root: _Reading) -> _Reading:
    """Value by value from the bracket at `at` to the one that closes it, or to the first character that does not fit."""
    _begin(root, None, root.at)
    while root.open and not root.broken:
        inner = root.open[-1]
        at = _behind(_SPACE, root.text, root.at)
        char = root.text[at : at + 1]
        if char == ("}" if inner.kind == "object" else "]"):
            root.at = at + 1
            _close(root, closed=True)
        elif inner.size and char != ",":
            _break(root, at)
        else:
            _child(root, inner.kind, _behind(_SPACE, root.text, at + 1) if inner.size else at)
    while root.open:
        _close(root, closed=False)
    return root


def _break(root: _Reading, at: int) -> None:
    """Half of a word, a number or an escape at the end of the text is no fault: the text ends there."""
    root.at = len(root.text) if _UNFINISHED.match(root.text, at) else at
    root.broken = True


def _begin(root: _Reading, key: slice | None, at: int) -> None:
    kind, slot = "object" if root.text[at] == "{" else "array", len(root.spans)
    _add(root, kind, key, at, at)
    root.open.append(_Open(kind, slot if len(root.spans) > slot else -1))
    root.at = at + 1


def _close(root: _Reading, *, closed: bool) -> None:
    inner = root.open.pop()
    root.size = inner.size
    if inner.slot >= 0:
        stop = _place(root, root.at)
        root.spans[inner.slot] = replace(root.spans[inner.slot], stop=stop, size=inner.size, closed=closed)


def _child(root: _Reading, parent: str, at: int) -> None:
    """The next item of a list, or the next member of an object."""
    if parent == "array":
        _value(root, None, at)
    elif root.text[at : at + 1] != '"':
        _break(root, at)
    else:
        stop = _behind(_BODY, root.text, at + 1)
        colon = _behind(_SPACE, root.text, stop + 1) if root.text[stop : stop + 1] == '"' else stop
        if root.text[colon : colon + 1] == ":":
            _value(root, slice(at + 1, stop), _behind(_SPACE, root.text, colon + 1))
        else:
            _break(root, colon)


def _value(root: _Reading, key: slice | None, at: int) -> None:
    char = root.text[at : at + 1]
    if char in ("{", "[") and len(root.open) < DEEPEST_READ:
        _begin(root, key, at)
    elif char == '"':
        _string(root, key, at)
    elif found := _SCALAR.match(root.text, at):
        root.at = found.end()
        _add(root, "word" if char in ("t", "f", "n") else "number", key, at, root.at)
    else:
        _break(root, at)


def _string(root: _Reading, key: slice | None, at: int) -> None:
    stop = _behind(_BODY, root.text, at + 1)
    closed = root.text[stop : stop + 1] == '"'
    if closed:
        root.at = stop + 1
    else:
        _break(root, stop)
        stop = root.at
        if stop < len(root.text):
            return
    _add(root, "string", key, at, root.at, closed)
    if not root.embedded and root.depth + len(root.open) < DEEPEST and _EMBEDDED.match(root.text, at + 1):
        _add_embedded(root, at + 1, stop, closed)


# --- Listing


def _add(root: _Reading, kind: str, key: slice | None, start: int, stop: int, closed: bool = True) -> None:
    """Lists the value that stands at these positions, quotes included, or counts it where there is no more room."""
    depth, index = root.depth + len(root.open), None
    if root.open:
        parent = root.open[-1]
        index = parent.size if parent.kind == "array" else None
        parent.size += 1
    if depth > DEEPEST:
        return
    if len(root.spans) >= root.room:
        root.more += 1
        return
    name = None if key is None else _decoded(_unescaped(root.text, key.start, key.stop)[0])
    shown = "" if kind in ("object", "array") else _shown(root.text, start, stop)
    if kind == "string" and stop - start > 1 + closed:
        start, stop = start + 1, stop - closed
    start, stop = _place(root, start), _place(root, stop)
    root.spans.append(Span(name, index, depth, kind, shown, start, stop, 0, closed))


def _add_embedded(root: _Reading, start: int, stop: int, closed: bool) -> None:
    """The JSON that is the content of a string; where the string broke off, as much as there is of it."""
    text, inner, outer = _unescaped(root.text, start, stop)
    depth, room = root.depth + len(root.open) + 1, root.room - len(root.spans)
    begin = _behind(_SPACE, text, 0)
    found = _read(_Reading(text, begin, room, depth, True, inner, outer))
    if found.broken and closed:
        return
    if _counts(found, begin, fenced=False, first=True) if found.broken else _is_at_end(found):
        root.spans += found.spans
        root.more += found.more


def _place(root: _Reading, at: int) -> int:
    """The byte of the data at which a position of the text stands."""
    mark = bisect_right(root.inner, at) - 1
    return root.outer[mark] + at - root.inner[mark]


def _shown(text: str, start: int, stop: int) -> str:
    # A character has 4 bytes at most; what is cut in two by this stands behind the end of what is shown.
    shown = _decoded(text[start : min(stop, start + 5 * LONGEST_TEXT)])
    return shown if len(shown) <= LONGEST_TEXT else f"{shown[:LONGEST_TEXT]}…"


def _decoded(text: str) -> str:
    return text.encode("latin-1").decode("utf-8", "backslashreplace")


def _unescaped(text: str, start: int, stop: int) -> tuple[str, list[int], list[int]]:
    """What the inside of a string means, one character for each byte; positions in it, and where `text` has them."""
    parts: list[str] = []
    inner, outer = [0], [start]
    at, length = start, 0
    for escape in _ESCAPE.finditer(text, start, stop):
        meaning = _meaning(escape.group())
        parts += (text[at : escape.start()], meaning)
        length += escape.start() - at + len(meaning)
        at = escape.end()
        inner.append(length)
        outer.append(at)
    parts.append(text[at:stop])
    return "".join(parts), inner, outer


@lru_cache(maxsize=1_000)
def _meaning(escape: str) -> str:
    """The bytes of one escaped character, as characters. A lone surrogate, which has none, remains an escape."""
    character: str = without_lone_surrogates(json.loads(f'"{escape}"'))
    return character.encode().decode("latin-1")
