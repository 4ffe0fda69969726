"""Citations of web pages, anchored in the text that they support.

An annotation `{"type": "url_citation", "url_citation": {url, title, start_index, end_index}}` names a range of the
text. The API reference names no unit and calls the end "the last character"; its own libraries slice like Python, so
that the range is read as code points with an exclusive end.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from dashboard.upstream.records import Json, text

MOST_SOURCES = 500
"""Of one text. Ranges that all overlap take the square of their number."""
READ_IN_TWO_WAYS = re.compile("[\u00df\u03c2\u200c\u200d]")
"""Letters that the older rules for names of hosts replace, and browsers keep. Those rules end with Unicode 3.2."""


@dataclass(frozen=True, slots=True)
class Source:
    """`url` is empty where it is no link that may be followed; then `written` holds what stood there."""

    number: int
    title: str
    url: str
    written: str
    host: str
    start: int | None
    end: int | None
    anchored: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text, the numbers of the sources that it is cited from, and of those that end with it."""

    text: str
    numbers: tuple[int, ...] = ()
    closes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Cited:
    """Pieces that together are the text, and the sources in the order of the annotations.

    `others` are annotations that are no citation of a page, hold more than one needs, or are too many.
    """

    pieces: tuple[Piece, ...]
    sources: tuple[Source, ...]
    others: tuple[Json, ...]


def cite(content: str, annotations: Sequence[Json]) -> Cited:
    """Ranges may overlap; one that is no range of the text costs its anchor only."""
    sources: list[Source] = []
    others: list[Json] = []
    for annotation in annotations:
        cited: Any = annotation.get("url_citation")
        is_citation = annotation.get("type") == "url_citation" and isinstance(cited, dict)
        if is_citation and len(sources) < MOST_SOURCES:
            sources.append(_source(cited, len(sources) + 1, len(content)))
            rest = {name: value for name, value in cited.items() if _is_unsaid(name, value)}
            more = {name: value for name, value in annotation.items() if name not in ("type", "url_citation")}
            others += [more | ({"url_citation": rest} if rest else {})] if rest or more else []
        else:
            others.append(annotation)
    return Cited(tuple(_pieces(content, sources)), tuple(sources), tuple(others))


def web_host(url: str) -> str:
    """The host that a browser would ask for this http or https address, in the letters that the network uses.

    Empty for any other address, and where browsers could read another host than Python does: one never names the
    wrong one. (Browsers: the URL standard of WHATWG. Python: RFC 3986, with the names of hosts of RFC 3490.)
    """
    try:
        split = urlsplit(url)
        host, _ = split.hostname or "", split.port  # a port that is none raises
        if split.scheme not in ("http", "https") or not host or "\\" in split.netloc or "%" in host:
            return ""
        return f"[{ipaddress.IPv6Address(host).compressed}]" if "[" in split.netloc else _network_name(host)
    except ValueError:  # UnicodeError is one
        return ""


def _network_name(host: str) -> str:
    """Raises ValueError for what is no name. What ends in a number is an address, which browsers also read as octal."""
    modern = unicodedata.normalize("NFKC", host).lower()
    if READ_IN_TWO_WAYS.search(modern) or any(unicodedata.ucd_3_2_0.category(one) == "Cn" for one in modern):
        return ""
    name = modern.encode("idna").decode()
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", name.removesuffix(".").rpartition(".")[2]):
        return str(ipaddress.IPv4Address(name))
    return name if re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?", name) else ""


def _is_unsaid(name: str, value: Any) -> bool:
    """Fields that nobody knows, and known ones of another type than the one that is printed."""
    if name in ("url", "title"):
        return value is not None and not isinstance(value, str)
    return name not in ("start_index", "end_index") or not (value is None or type(value) is int)


def _source(cited: Json, number: int, length: int) -> Source:
    start, end = (value if type(value) is int else None for value in (cited.get("start_index"), cited.get("end_index")))
    anchored = start is not None and end is not None and 0 <= start < end <= length
    written = cited.get("url") if isinstance(cited.get("url"), str) else ""
    title = cited.get("title") if isinstance(cited.get("title"), str) else ""
    host = web_host(text(written))
    url = text(written) if host else ""
    return Source(number, text(title), url, "" if url else text(written), host, start, end, anchored)


def _pieces(content: str, sources: list[Source]) -> Iterator[Piece]:
    """Cut at every boundary of a range."""
    ranges = [(one.start, one.end, one.number) for one in sources if one.anchored and one.start is not None and one.end]
    cuts = sorted({0, len(content), *(place for start, end, _ in ranges for place in (start, end))})
    for start, end in pairwise(cuts):
        numbers = tuple(number for first, last, number in ranges if first <= start and end <= last)
        closes = tuple(number for _, last, number in ranges if last == end)
        yield Piece(content[start:end], numbers, closes)
