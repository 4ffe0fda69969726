"""The heat text of an answer: one element for each token. Written here and not in a template, as there may be 16,000.

Every child of a section is a token, in order, so that the place of the element is the place of the token. The space
before a word stays outside, which leaves marks of the width of the word. An attribute that most tokens need would be
half of the page: so levels are told by the shortest of elements that mean nothing, `<i>`, `<b>`, `<u>`, `<q>`, `<a>`.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from dashboard.html.escaped import escaped
from dashboard.inspection.token_text import TokenText

SECTION, LONGEST_SECTION = 512, 1024
"""Tokens after which a section ends at the next line, and after which it ends anyway."""
LONGEST_TOKEN = 10_000
"""Characters: real ones have a hundred at most. A longer one is whole in the JSON and the CSV."""
_SIGNS = {"\n": "<small>↵</small>\n", "\t": "<small>⇥</small>\t", "\r": "<small>␍</small>"}
_ELEMENTS = ("i", "b", "u", "q", "a")
"""By level; `<i>` also where it is not known."""


@dataclass(frozen=True, slots=True)
class Heat:
    """What is shown of each token: its text, its level (None: not known), and whether it was not the top choice.

    `start` is the place of the first one in the whole list, `targets` the places that something on the page links to.
    """

    texts: Sequence[TokenText]
    levels: Sequence[int | None]
    not_top: Sequence[bool]
    start: int
    current: int | None
    targets: Container[int]


def heat_html(heat: Heat) -> SafeString:
    return mark_safe("".join(_sections(heat)))  # noqa: S308


def _sections(heat: Heat) -> Iterable[str]:
    yield "<section>"
    begun = 0
    for place, said in enumerate(heat.texts):
        length = place - begun
        if length >= LONGEST_SECTION or (length >= SECTION and "\n" in heat.texts[place - 1].text):
            yield '</section><section class="cut">' if length >= LONGEST_SECTION else "</section><section>"
            begun = place
        yield _token(heat, place, said)
    yield "</section>"


def _token(heat: Heat, place: int, said: TokenText) -> str:
    text = said.text if len(said.text) <= LONGEST_TOKEN else f"{said.text[:LONGEST_TOKEN]}…"
    lead, text = (" ", text[1:]) if len(text) > 1 and text[0] == " " and not text.isspace() else ("", text)
    element = _ELEMENTS[heat.levels[place] or 0]
    at = heat.start + place
    name = f" id=t{at}" if at in heat.targets or at == heat.current else ""
    return f"{lead}<{element}{name}{_classes(heat, place, said)}>{_inside(text)}</{element}>"


def _classes(heat: Heat, place: int, said: TokenText) -> str:
    level, is_current, is_space = heat.levels[place], heat.start + place == heat.current, not said.text.strip(" \t")
    if level is not None and not (heat.not_top[place] or is_space or said.is_rest or is_current):
        return ""
    marks = (
        ("x", level is None),
        ("alt", heat.not_top[place]),
        ("w", is_space),
        ("sub", said.is_rest),
        ("cur", is_current),
    )
    names = " ".join(name for name, holds in marks if holds)
    return f' class="{names}"' if " " in names else f" class={names}" if names else ""


def _inside(text: str) -> str:
    if text.isalnum() and text.isascii():
        return text
    html = escaped(text)
    for sign, shown in _SIGNS.items():
        if sign in html:
            html = html.replace(sign, shown)
    return html
