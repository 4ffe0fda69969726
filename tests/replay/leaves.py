"""Every leaf of a JSON document, and whether a page lets one read it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bs4 import BeautifulSoup

from dashboard.inspection.visible import visible

Path = tuple[str | int, ...]

NOT_WRITTEN_OUT = (
    # Token lists and base64 are in the twin; the page says how much of it there is.
    re.compile(r"choices/\d+/logprobs/.*"),
    re.compile(r".*audio/data"),
    # A text part is shown as text, and the place of a message stands for its id (`<completion>-<place>`).
    re.compile(r".*content(_parts)?/\d+/type"),
    # The card of a call, the number of a source: what they are, they show.
    re.compile(r".*(tool_calls|annotations)/\d+/type"),
    re.compile(r"id"),
)


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Strings, numbers and true or false with their places. What holds nothing (null, "", [], {}) is no leaf."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(one, (*path, key))
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from leaves(one, (*path, place))
    elif value is not None and value != "":
        yield path, value


def written(path: Path) -> str:
    return "/".join(map(str, path))


def readable_text(html: bytes) -> str:
    """What a reader gets to read of a page, with the names of controls; white space collapsed."""
    soup = BeautifulSoup(html, "html.parser")
    for reference in soup.select("sup.ref"):
        reference.decompose()
    for link in soup.select(".sources a"):
        link.append(f" {link['href']} ")
    for text in soup.select(".text"):  # in pieces, which make words together
        text.string = text.get_text("")
    for hidden in soup(["script", "style", "template", "dialog", "head", "header", "button", "svg"]):
        # Only the frame of the site: messages have headers of their own.
        if hidden.name != "header" or "top" in (hidden.get("class") or []):
            hidden.decompose()
    return _collapsed(soup.get_text(" "))


def missing_on_page(document: Any, text: str) -> str:
    """The places of the leaves that a page should show and does not, or shows less often than they occur; a line each."""
    wanted: dict[tuple[str, ...], list[str]] = {}
    for path, value in leaves(_without_repetition(document)):
        if not _is_base64(value) and not any(place.fullmatch(written(path)) for place in NOT_WRITTEN_OUT):
            wanted.setdefault(_forms(path, value), []).append(f"{written(path)} = {value!r}"[:120])
    return "".join(
        f"\n{place} (shown {shown} of {len(places)} times)"
        for forms, places in wanted.items()
        if (shown := sum(_occurrences(form, text) for form in forms)) < len(places)
        for place in places[:3]
    )


def _is_base64(value: Any) -> bool:
    return isinstance(value, str) and bool(re.match(r"data:[^,]*;base64,", value))


def _without_repetition(document: Any) -> Any:
    """A stored message says its text twice, in `content` and in `content_parts`; a page need not."""
    parts, content = document.get("content_parts"), document.get("content")
    texts = [part.get("text") for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    said = " ".join(text for text in texts if isinstance(text, str))
    if said and isinstance(content, str) and _collapsed(content) == _collapsed(said):
        return {name: value for name, value in document.items() if name != "content"}
    return document


def _forms(path: Path, value: Any) -> tuple[str, ...]:
    """The ways in which a page may write a leaf."""
    if value is True or value is False:
        return (str(value).lower(),)
    if path[-1] in ("created", "expires_at"):
        return (f"{datetime.fromtimestamp(value, UTC):%H:%M:%S}",)
    if isinstance(value, int):
        return tuple({str(value), f"{value:,}"})
    # Text inside of a block of JSON stands there with its escapes.
    quoted = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return tuple(dict.fromkeys(_collapsed(visible(form)) for form in (str(value), quoted)))


def _occurrences(form: str, text: str) -> int:
    if re.fullmatch(r"-?[\d.,]+", form):
        return len(re.findall(rf"(?<![\w.,-]){re.escape(form)}(?![\w]|[.,]\d)", text))
    return text.count(form)


def _collapsed(text: str) -> str:
    return " ".join(text.split())
