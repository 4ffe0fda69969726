import json
import runpy
from urllib.parse import urlsplit

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
    "said",
    [
        "https://bank.example",
        "HTTPS://Bank.example",
        "www.bank.example",
        "**https**://bank.example/login",
        "`https://bank.example`",
        "https://evil.example https://bank.example",
        "https://evil.example.bank.example",
        "https://bank.example\\\\@evil.example",
        "https://ba&#x200b;nk.example",
        "https://%65vil.example",
    ],
)
def test_a_text_that_names_another_host_is_no_link(said):
    html = rendered(f"[{said}](https://evil.example/x)")
    assert "<a" not in html
    assert "(https://evil.example/x)" in html


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("https://docs.example/", "https://docs.example/"),
        ("docs.example/x?y", "docs.example/x?y"),
        ("see https://docs.example.", "see https://docs.example. (docs.example)"),
        ("(https://docs.example)", "(https://docs.example) (docs.example)"),
        ("docs.example.evil", "docs.example.evil (docs.example)"),
        ("https://bank.example@docs.example", "https://bank.example@docs.example (docs.example)"),
        ("two\nlines", "two\nlines (docs.example)"),
    ],
)
def test_the_host_is_said_unless_the_text_is_its_address(said, shown):
    assert f'nofollow ugc">{shown}</a>' in rendered(f"[{said}](https://docs.example/)")


def test_letters_that_look_like_others_are_told():
    html = rendered("<https://\u0430pple.example>")
    assert "(xn--pple-43d.example)</a>" in html
    assert 'href="https://xn--pple-43d.example"' in html


@pytest.mark.parametrize(
    "url",
    [
        "https://bank.example@evil.example/",
        r"https://bank.example\@evil.example/",
        "https://bank.example:x@evil.example",
    ],
)
def test_a_user_name_is_no_host(url):
    assert "(evil.example)</a>" in rendered(f"[x]({url})")


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
    assert "<a" not in rendered(r"[https://\[::1](https://a.example/x)")


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
    for text in (
        "a\u202eb",
        "a&#x202e;b",
        "`a\u202eb`",
        "    a\u202eb",
        "```\na\u202eb\n```",
        "# &#8238;",
        "|a|\n|-|\n|&#x202e;|",
    ):
        assert "‹U+202E›" in rendered(text), text
        assert "\u202e" not in rendered(text), text
    assert rendered("a\0b") == "<p>a␀b</p>\n"
    assert 'title="‹U+202E›t"' in rendered('[x](https://x.example/ "&#x202e;t")')


def test_an_address_stays_what_it_is():
    assert 'href="https://x.example/%E2%80%AEa%C2%AD"' in rendered("[x](https://x.example/\u202ea\u00ad)")


@pytest.mark.parametrize("mark", [">", "> ", "- ", "1. ", "> - "])
def test_what_is_nested_too_deeply_is_not_rendered(mark):
    """The renderer would leave it out."""
    assert "word" in rendered(mark * 6 + "word")
    for times in range(1, 40):
        html = render(mark * times + "word")
        assert html is None or "word" in html
    assert render(mark * 40 + "word") is None


def test_what_is_too_long_is_not_rendered(monkeypatch):
    assert render("x" * LONGEST) is not None
    assert render("x" * (LONGEST + 1)) is None
    monkeypatch.setattr(markdown, "LONGEST_HTML", 10)
    assert render("more than ten") is None


ATTRIBUTES = {"a": {"href", "title", "rel"}, "ol": {"start"}, "p": {"class"}}
REL = {"noopener", "noreferrer", "nofollow"}
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](&#106;avascript&#58;alert(1))",
    '[x](https://a.example/"onmouseover="alert(1))',
    '[x](https://a.example "\\" onmouseover=alert(1) x=\\"")',
    '<https://a.example/"onclick=alert(1)>',
    "![x](https://evil.example/track.png)",
    "[![x](https://evil.example/a.png)](https://evil.example/)",
    "[x](//evil.example/)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    '```"><img src=x onerror=alert(1)>\nx\n```',
    "``` onclick=alert(1) hx-get=/logout\nx\n```",
    "`</code><script>alert(1)</script>`",
    "|<script>alert(1)</script>|\n|-|\n|<iframe src=https://evil.example>|",
    "<div hx-get=/logout hx-trigger=load>x</div>",
    "<form action=https://evil.example><button>x</button></form>",
    "<style>@import 'https://evil.example';</style>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<!--><script>alert(1)</script>-->",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "[x][r]\n\n[r]: javascript:alert(1)",
    "# <b id=main>x</b>\n\n7) <input name=csrf>",
    "[[x](https://a.example)](javascript:alert(1))",
    "[https://good.example](https://evil.example)",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]


def broken_rules(text: str) -> list[str]:
    """What the HTML of a text holds although nothing in a completion may bring it about."""
    soup = BeautifulSoup(rendered(text), "html.parser")
    found = []
    for tag in soup.find_all(True):
        if tag.name not in ALLOWED:
            found.append(f"tag {tag.name}")
        if extra := set(tag.attrs) - ATTRIBUTES.get(tag.name, set()):
            found.append(f"attributes {extra}")
        if not set(tag.get("class") or []) <= markdown.HEADINGS:
            found.append(f"class {tag['class']}")
        if tag.name == "a":
            found += broken_link_rules(tag)
    return found


def broken_link_rules(tag) -> list[str]:
    href = urlsplit(str(tag.get("href", "")))
    found = [] if href.scheme in ("http", "https", "mailto") else [f"scheme of {tag}"]
    found += [] if set(tag.get("rel") or []) >= REL else [f"rel of {tag}"]
    return found + ([] if (href.hostname or "") in tag.get_text() else [f"hidden target of {tag}"])


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_comes_through(text):
    assert broken_rules(text) == []


def test_attacks_come_to_nothing(shared):
    """Every `must_not` of the list is one of the rules: nothing outside of them can run, ask or hide anything."""
    cases = json.loads((shared / "corpora/md_xss.json").read_text("utf-8"))
    assert [(one["id"], broken) for one in cases if (broken := broken_rules(one["markdown"]))] == []
    assert {words for one in cases for words in one["must_not"]} <= {
        "exec",  # tags, attributes and schemes
        "remote-request",  # tags and attributes: none of those allowed loads anything
        "any-request",
        "hx-attr-in-output",
        "target-hidden: real host must be visible (text or title)",
        "rel must hold noopener noreferrer nofollow",
    }


def test_what_makes_renderers_slow_is_rendered_up_to_the_cap(shared):
    generators = runpy.run_path(str(shared / "corpora/dos_generators.py"))["dos"]()
    listed = json.loads((shared / "corpora/md_dos_index.json").read_text("utf-8"))
    assert {one["id"] for one in listed} == {f"dos-{name}" for name in generators}
    for name, text in generators.items():
        assert len(render(text[:LONGEST]) or "") <= markdown.LONGEST_HTML, name
        assert len(text) <= LONGEST or render(text) is None, name
