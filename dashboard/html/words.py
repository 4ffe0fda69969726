"""The text of messages: plain, with citations, or as Markdown. What is long comes in pieces."""

from __future__ import annotations

from urllib.parse import quote

from django.utils.safestring import SafeString, mark_safe

from dashboard.html.escaped import escaped
from dashboard.inspection.blocks import Words
from dashboard.inspection.chunks import STEP, Chunk, chunks, next_start
from dashboard.inspection.citations import Cited, Piece
from dashboard.inspection.markdown import LONGEST, render


def words_html(words: Words, base: str) -> SafeString:
    """The beginning of a text, and the link that brings the rest into its place."""
    return mark_safe(_block("text", escaped(words.shown) + _rest_link(words, base)))  # noqa: S308


def cited_html(words: Words, cited: Cited, anchor: str, base: str) -> SafeString:
    """Text with its citations underlined and numbered; `anchor` sets the sources of one message apart."""
    pieces = "".join(_piece(piece, anchor) for piece in cited.pieces)
    return mark_safe(_block("text", pieces + _rest_link(words, base)))  # noqa: S308


class MarkdownRoom:
    """How much Markdown one answer may still render: hostile markup takes a second for a message as long as may be."""

    def __init__(self, characters: int = 200_000) -> None:
        self.characters = characters

    def take(self, text: str) -> bool:
        fits = len(text) <= self.characters
        self.characters -= len(text) if fits else 0
        return fits


def markdown_html(words: Words, base: str, room: MarkdownRoom) -> SafeString:
    """Markdown as its renderer and sanitiser left it; plain where it is too much for them."""
    rendered = render(words.text) if room.take(words.text[: LONGEST + 1]) else None
    if rendered is None:
        note = '<p class="muted">Too long to be shown as Markdown.</p>'
        return mark_safe(words_html(words, base) + note)  # noqa: S308
    return mark_safe(_block("md", rendered))  # noqa: S308


def chunks_html(text: str, at: str, start: int, base: str) -> SafeString:
    """The next stretch of a long text, and the link that brings the one after it."""
    pieces = "".join(_chunk(chunk) for chunk in chunks(text, start))
    following = next_start(text, start)
    return mark_safe(pieces + (_text_link(at, following, len(text), base) if following else ""))  # noqa: S308


def _block(css: str, inside: str) -> str:
    return f'<div class="{css}" dir="auto">{inside}</div>'


def _chunk(chunk: Chunk) -> str:
    return f"<div>{escaped(chunk.text)}</div>" if chunk.whole_lines else f"<span>{escaped(chunk.text)}</span>"


def _piece(piece: Piece, anchor: str) -> str:
    said = escaped(piece.text)
    cited = f'<span class="cite">{said}</span>' if piece.numbers else said
    marks = "".join(
        f'<sup class="ref"><a href="#{anchor}-source-{number}" aria-label="Source {number}">{number}</a></sup>'
        for number in piece.closes
    )
    return cited + marks


def _rest_link(words: Words, base: str) -> str:
    return _text_link(words.at, words.fold, len(words.text), base) if words.left_out else ""


def _text_link(at: str, start: int, length: int, base: str) -> str:
    step = f"the next {STEP:,} of" if length - start > STEP else "all"
    address = f"{base}text/?at={quote(at, safe='/~')}"
    more = f'hx-get="{address}&amp;from={start}" hx-swap="outerHTML"'
    return f'<a class="show" href="{address}" {more}>Show {step} {length:,} characters</a>'
