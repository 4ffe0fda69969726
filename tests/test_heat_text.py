"""The text of tokens as HTML: one element for each, with nothing that most of them would need."""

import re

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from dashboard.html.tokens import LONGEST_TOKEN, Heat, heat_html
from dashboard.inspection.token_text import TokenText
from dashboard.inspection.visible import visible


def heat(*texts: str, levels=None, not_top=None, start=0, current=None, targets=()) -> str:
    count = len(texts)
    return heat_html(
        Heat(
            [TokenText(one) for one in texts],
            levels or [0] * count,
            not_top or [False] * count,
            start,
            current,
            targets,
        )
    )


def inside(html: str) -> str:
    return html.removeprefix("<section>").removesuffix("</section>")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (heat("word"), "<i>word</i>"),
        (heat(" word"), " <i>word</i>"),
        (heat("  word"), " <i> word</i>"),
        (heat(" "), "<i class=w> </i>"),
        (heat("   "), "<i class=w>   </i>"),
        (heat(""), "<i class=w></i>"),
        (heat("\n\n"), "<i><small>↵</small>\n<small>↵</small>\n</i>"),
        (heat("\tx\r"), "<i><small>⇥</small>\tx␍</i>"),
        (heat("\r\n"), "<i><small>␍</small><small>↵</small>\n</i>"),
        (heat("\u202e"), "<i>‹U+202E›</i>"),
        (heat("<b>&"), "<i>&lt;b&gt;&amp;</i>"),
        (heat("a", levels=[1]), "<b>a</b>"),
        (heat("a", levels=[2]), "<u>a</u>"),
        (heat("a", levels=[3]), "<q>a</q>"),
        (heat("a", levels=[4], not_top=[True]), "<a class=alt>a</a>"),
        (heat("a", levels=[None]), "<i class=x>a</i>"),
        (heat("a", "b", start=7, targets={8}), "<i>a</i><i id=t8>b</i>"),
        (heat("a", "b", start=7, current=7), "<i id=t7 class=cur>a</i><i>b</i>"),
        (heat("x" * (LONGEST_TOKEN + 1)), f"<i>{'x' * LONGEST_TOKEN}…</i>"),
    ],
)
def test_a_token_is_the_shortest_element_that_says_all(html, expected):
    assert inside(html) == expected


def test_the_rest_of_a_character_is_small():
    assert inside(heat_html(Heat([TokenText("‹9A›", True)], [0], [False], 0, None, ()))) == "<i class=sub>‹9A›</i>"


@given(st.lists(st.text(max_size=8), max_size=40))
def test_the_elements_are_the_tokens_in_order_and_their_text_is_the_answer(texts):
    page = BeautifulSoup(heat(*texts), "html.parser")
    assert len(page.select("section > *")) == len(texts)
    for sign in page.select("small"):
        sign.decompose()
    shown = "".join(visible(one).replace("\r", "") for one in texts)
    assert re.sub(r"\s", " ", page.text) == re.sub(r"\s", " ", shown)


def test_a_section_ends_at_the_first_line_after_512_tokens_or_after_1024():
    lines = ["word"] * 600 + ["\n"] + ["word"] * 1_100
    sections = BeautifulSoup(heat(*lines), "html.parser").select("section")
    assert [len(one.find_all(recursive=False)) for one in sections] == [601, 1_024, 76]
    assert [one.get("class") for one in sections] == [None, None, ["cut"]]
