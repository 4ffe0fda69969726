"""Markdown -> HTML that can do nothing: no image, no embed, no address but the ones that a reader may click.

Two walls, one behind the other: the renderer writes none of the HTML that stands in the text, and a sanitiser lets
through only what is listed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from dashboard.inspection.visible import visible

LONGEST = 64_000
"""Characters: nested markup takes quadratic time."""
LONGEST_HTML = 2_000_000
SCHEMES = {"http", "https", "mailto"}
TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
HEADINGS = {f"h{level}" for level in range(1, 7)}


def render(text: str) -> str | None:
    """HTML of the text; None where it is too long, so that it has to be shown as it is."""
    if len(text) > LONGEST:
        return None
    tokens = _markdown.parse(visible(text))
    for token in tokens:
        _tame(token)
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    return _sanitised(html) if len(html) <= LONGEST_HTML else None


def _allowed(url: str) -> bool:
    """In place of a list of what is forbidden, which ends with what its author thought of."""
    try:
        split = urlsplit(url)
        return split.scheme in SCHEMES and bool(split.path if split.scheme == "mailto" else split.hostname)
    except ValueError:
        return False


_markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable(["image", "reference"])
_markdown.validateLink = _allowed  # type: ignore[method-assign]


def _tame(token: Token) -> None:
    """Headings of a text are none of the page; columns have no style of their own; links say where they lead."""
    if token.type in ("heading_open", "heading_close"):
        token.attrs["class"], token.tag = token.tag, "p"
    token.attrs.pop("style", None)
    if token.type == "fence":
        token.info = ""
    if token.children:
        token.children = list(_named_links(token.children))


def _named_links(tokens: list[Token]) -> Iterator[Token]:
    """The host of a link stands behind its text, and a text that is an address of another host is no link at all."""
    for place, token in enumerate(tokens):
        if token.type == "link_open":
            rest = tokens[place + 1 :]
            inside = rest[: next(at for at, one in enumerate(rest) if one.type == "link_close")]
            href = str(token.attrs["href"])
            named, host = _named_host("".join(one.content for one in inside)), _host(href)
            shown = f" ({href})" if named and named != host else f" ({host})" if host and not named else ""
        if token.type in ("link_open", "link_close") and named and named != host:
            yield _words(shown) if token.type == "link_close" else _words("")
            continue
        if token.type == "link_close" and shown:
            yield _words(shown)
        yield token


def _words(text: str) -> Token:
    return Token("text", "", 0, content=text)


def _named_host(said: str) -> str:
    """The host that a text names as an address; empty for other texts."""
    match = re.search(r"(?:https?://|www\.)[^\s]+", said)
    return _host(match.group() if match.group().startswith("http") else f"http://{match.group()}") if match else ""


def _host(url: str) -> str:
    """In the letters that the network uses; empty where there is none."""
    try:
        return (urlsplit(url).hostname or "").encode("idna").decode()
    except ValueError:
        return ""


def _sanitised(html: str) -> str:
    return nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        allowed_classes={"p": HEADINGS},
        url_schemes=SCHEMES,
        url_relative="deny",
        link_rel="noopener noreferrer nofollow ugc",
        strip_comments=True,
    )
