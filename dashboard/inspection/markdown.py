"""Markdown -> HTML that can do nothing: no image, no embed, no address but the ones that a reader may click.

Two walls, one behind the other: the renderer writes none of the HTML that stands in the text, and a sanitiser lets
through only what is listed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from dashboard.inspection.citations import web_host
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
ADDRESS = re.compile(r"(https?://|www\.)([^\s/?#]+)", re.IGNORECASE)
"""An address inside of a text, up to the end of its host."""


def render(text: str) -> str | None:
    """HTML of the text; None where it is too long, or nested too deeply, so that it has to be shown as it is."""
    if len(text) > LONGEST:
        return None
    tokens = _markdown.parse(text.replace("\0", "␀"))
    if any(token.level >= DEEPEST and token.type in ("blockquote_open", "list_item_open") for token in tokens):
        return None  # the renderer drops what stands inside of these
    for token in tokens:
        _tame(token)
    html = _sanitised(_markdown.renderer.render(tokens, _markdown.options, {}))
    return html if len(html) <= LONGEST_HTML else None


def _allowed(url: str) -> bool:
    """In place of a list of what is forbidden, which ends with what its author thought of."""
    return bool(web_host(url)) or re.match(r"mailto:[^?]", url, re.IGNORECASE) is not None


_markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable(["image", "reference"])
_markdown.validateLink = _allowed  # type: ignore[method-assign]
DEEPEST = _markdown.options["maxNesting"] - 1


def _tame(token: Token) -> None:
    """Headings of a text are none of the page; columns have no style of their own; links say where they lead.

    What is unseen becomes visible here, where entities are characters and addresses are told from words.
    """
    if token.type in ("heading_open", "heading_close"):
        token.attrs["class"], token.tag = token.tag, "p"
    token.attrs.pop("style", None)
    if "title" in token.attrs:
        token.attrs["title"] = visible(str(token.attrs["title"]))
    token.content = visible(token.content)
    token.info = ""
    for child in token.children or ():
        _tame(child)
    if token.children:
        token.children = list(_named_links(token.children))


def _named_links(tokens: list[Token]) -> Iterator[Token]:
    link: list[Token] = []
    for token in tokens:
        if link or token.type == "link_open":
            link.append(token)
        else:
            yield token
        if token.type == "link_close":
            yield from _named(link)
            link = []


def _named(link: list[Token]) -> list[Token]:
    """The host of a link stands behind its text, and a text that is an address of another host is no link at all."""
    opened, *inside, closed = link
    href = str(opened.attrs["href"])
    host, said = web_host(href), "".join("\n" if one.type.endswith("break") else one.content for one in inside)
    if any(_named_host(*address) != host for address in ADDRESS.findall(said)):
        return [*inside, _words(f" ({href})")]
    if host and not re.fullmatch(rf"(https?://)?{re.escape(host)}([:/?#]\S*)?", said, re.IGNORECASE | re.ASCII):
        inside.append(_words(f" ({host})"))
    return [opened, *inside, closed]


def _words(text: str) -> Token:
    return Token("text", "", 0, content=text)


def _named_host(start: str, name: str) -> str:
    """Of an address in a sentence, which may go on behind it. Empty where it is no address."""
    return web_host(("http://www." if start.lower() == "www." else start) + name.rstrip(".,;:!?)]}'\"*_"))


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
