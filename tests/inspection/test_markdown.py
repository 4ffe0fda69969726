import json
import re

import pytest
from bs4 import BeautifulSoup

from dashboard.inspection import markdown
from dashboard.inspection.markdown import LONGEST, render

ALLOWED = {
    "p",
    "br",
    "hr",
    "em",
    "strong",
    "s",
    "code",
    "pre",
    "blockquote",
    "ul",
    "ol",
    "li",
    "a",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}


def rendered(text: str) -> str:
    html = render(text)
    assert html is not None
    return html


def test_markdown_is_rendered():
    html = rendered(
        "# Title\n\nA **bold** `word`.\n\n- one\n- two\n\n> said\n\n| a | b |\n|:--|--:|\n| 1 | 2 |\n\n```py\nx < 1\n```\n\n~~gone~~"
    )
    for shown in (
        "<strong>bold</strong>",
        "<code>word</code>",
        "<li>one</li>",
        "<blockquote>",
        "<td>2</td>",
        "<code>x &lt; 1\n</code>",
        "<s>gone</s>",
    ):
        assert shown in html, shown


def test_headings_of_a_text_are_none_of_the_page():
    assert rendered("# One\n\n### Three") == '<p class="h1">One</p>\n<p class="h3">Three</p>\n'


def test_a_link_says_where_it_leads():
    link = rendered("[the docs](https://docs.example/x)")
    assert (
        link
        == '<p><a href="https://docs.example/x" rel="noopener noreferrer nofollow ugc">the docs (docs.example)</a></p>\n'
    )
    assert ">https://docs.example/x</a>" in rendered("<https://docs.example/x>")
    assert "(xn--bcher-kva.example)" in rendered("[a](https://bücher.example)")
    assert rendered("[write](mailto:a@b.example)").count("(") == 0


@pytest.mark.parametrize(
    "text", ["[https://bank.example](https://evil.example/x)", "[www.bank.example](https://evil.example/x)"]
)
def test_a_text_that_names_another_host_is_no_link(text):
    assert "<a" not in rendered(text)
    assert "(https://evil.example/x)" in rendered(text)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:x",
        "data:text/html,x",
        "vbscript:x",
        "//evil.example",
        "/local",
        "blob:x",
        "file:///etc",
        "https://[::1",
        "mailto:",
        "https:",
        "feed:x",
        "ms-msdt:x",
    ],
)
def test_only_listed_schemes_are_links(url):
    assert "<a" not in rendered(f"[x]({url}) <{url}>")


def test_an_address_that_cannot_be_taken_apart_is_no_link():
    assert not markdown._allowed("https://[::1")
    assert "<a" in rendered(r"[https://\[::1](https://a.example/x)")


def test_images_are_never_loaded():
    for text in (
        "![alt](https://x.example/a.png)",
        "![alt][r]\n\n[r]: https://x.example/a.png",
        "<img src=https://x.example>",
    ):
        assert "<img" not in rendered(text)


def test_html_of_the_text_is_text():
    assert "&lt;script&gt;" in rendered("<script>alert(1)</script>")
    assert "&lt;b&gt;" in rendered("a <b>c</b>")


def test_unseen_characters_are_visible():
    assert "‹U+202E›" in rendered("a\u202eb")


def test_what_is_too_long_is_not_rendered(monkeypatch):
    assert render("x" * LONGEST) is not None
    assert render("x" * (LONGEST + 1)) is None
    monkeypatch.setattr(markdown, "LONGEST_HTML", 10)
    assert render("more than ten") is None


def test_attacks_come_to_nothing(shared):
    for case in json.loads((shared / "corpora/md_xss.json").read_text("utf-8")):
        soup = BeautifulSoup(rendered(case["markdown"][:LONGEST]), "html.parser")
        assert {tag.name for tag in soup.find_all(True)} <= ALLOWED, case
        for tag in soup.find_all(True):
            assert set(tag.attrs) <= {"href", "title", "rel", "start", "class"}, case
            assert re.match(r"(https?:|mailto:)", str(tag.get("href", "https:"))), case
