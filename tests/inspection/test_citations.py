import json
import random
import shutil
import subprocess
from typing import Any

import pytest

from dashboard.inspection.citations import MOST_SOURCES, cite, web_host


def cited(start, end, url="https://a.example/page", title="A page", **fields) -> dict:
    return {
        "type": "url_citation",
        "url_citation": {"url": url, "title": title, "start_index": start, "end_index": end} | fields,
    }


def pieces(text: str, *annotations: dict) -> list[tuple]:
    return [(one.text, one.numbers, one.closes) for one in cite(text, annotations).pieces]


def test_the_cited_words_are_a_piece():
    assert pieces("The Moon is far.", cited(4, 8)) == [("The ", (), ()), ("Moon", (1,), (1,)), (" is far.", (), ())]


def test_places_are_code_points():
    assert pieces("🚲🚲 bike", cited(3, 7))[1] == ("bike", (1,), (1,))


def test_overlapping_ranges_are_cut_at_every_boundary():
    assert pieces("abcdef", cited(0, 4), cited(2, 6), cited(2, 4)) == [
        ("ab", (1,), ()),
        ("cd", (1, 2, 3), (1, 3)),
        ("ef", (2,), (2,)),
    ]


@pytest.mark.parametrize(
    ("start", "end"), [(0, 0), (5, 5), (4, 2), (-1, 3), (0, 99), (None, 3), ("0", 3), (True, 3), (10**30, 10**31)]
)
def test_a_range_that_is_none_is_listed_without_an_anchor(start, end):
    found = cite("text", [cited(start, end)])
    assert "".join(one.text for one in found.pieces) == "text"
    assert all(not one.numbers for one in found.pieces)
    assert (found.sources[0].number, found.sources[0].anchored, found.sources[0].title) == (1, False, "A page")


def test_the_pieces_are_the_text():
    for text in ("", "a", "a\n b\u202e🚲"):
        assert "".join(one.text for one in cite(text, [cited(0, 1), cited(0, len(text))]).pieces) == text


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://user:pw@real.example:8443/x", "real.example"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("https://B\u00dcCHER.example/", "xn--bcher-kva.example"),
        ("https://\uff45vil\u3002example/", "evil.example"),
        ("https://good.example@evil.example/", "evil.example"),
        ("https://good.example:pw@evil.example/@good.example", "evil.example"),
        ("https://good.example#@evil.example", "good.example"),
        ("ht\ttps://a.example/", "a.example"),
        ("http://127.0.0.1/", "127.0.0.1"),
        ("https://[0:0::1]:8443/", "[::1]"),
        ("https://a_b.example./", "a_b.example."),
    ],
)
def test_the_host_is_the_real_one(url, host):
    (source,) = cite("text", [cited(0, 1, url)]).sources
    assert (source.url, source.host, source.written) == (url, host, "")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "/local",
        "",
        "https://[::1",
        "https://" + "a" * 70 + ".example/",
        r"https://evil.example\@good.example/",
        "https://%67ood.example/",
        "https://fa\u00df.example/",
        "https://FA\u1e9e.example/",
        "https://a\u200db.example/",
        "https://a\U000e0100b.example/",
        "https://2130706433/",
        "https://127.1/",
        "https://0x7f.0.0.1/",
        "https://1.2.3.04/",
        "https://[fe80::1%25eth0]/",
        "https://a.example:port/",
        "https://a.example:99999/",
        "https://a b.example/",
        "https:a.example",
        "https:///a.example",
    ],
)
def test_what_is_no_web_address_is_no_link(url):
    (source,) = cite("text", [cited(0, 1, url)]).sources
    assert (source.url, source.host, source.written) == ("", "", url)


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_a_host_is_the_one_that_a_browser_asks():
    """Node takes addresses apart by the standard that browsers follow."""
    dice, pieces = (
        random.Random("hosts"),
        ["a", "b.example", ".", "@", "\\", "/", ":", "80", "[::1]", "%2e", "0x7f", "127"],
    )
    pieces += [
        "\u00e9",
        "\u00df",
        "\u3002",
        "\uff11",
        "\uff45",
        "\u00ad",
        "\u2044",
        "\u13a0",
        "\U0001f6b2",
        "xn--",
        " ",
        "\t",
    ]
    starts = ["https://", "HTTP://", " https://", "https:/"]
    urls = [dice.choice(starts) + "".join(dice.choices(pieces, k=dice.randint(1, 6))) for _ in range(20_000)]
    script = """
        const host = (url) => { try { return new URL(url).hostname } catch { return null } };
        console.log(JSON.stringify(JSON.parse(require("fs").readFileSync(0)).map(host)));
    """
    answer = subprocess.run(["node", "-e", script], input=json.dumps(urls), capture_output=True, text=True, check=True)
    read = [(url, web_host(url), real) for url, real in zip(urls, json.loads(answer.stdout), strict=True)]
    assert [one for one in read if one[1] and one[2] and one[1] != one[2]] == []
    assert sum(bool(ours) for _, ours, _ in read) > 1000


def test_more_sources_than_one_can_read_are_kept_as_they_are():
    many = [cited(0, 1 + place) for place in range(MOST_SOURCES + 20)]
    found = cite("x" * 1000, many)
    assert (len(found.sources), found.others) == (MOST_SOURCES, tuple(many[MOST_SOURCES:]))
    assert "".join(one.text for one in found.pieces) == "x" * 1000


def test_fields_of_another_type_are_kept():
    found = cite("text", [cited("x", 1, ["odd"], {"odd": 1}, more=5)])
    assert found.others == ({"url_citation": {"url": ["odd"], "title": {"odd": 1}, "start_index": "x", "more": 5}},)
    assert (found.sources[0].title, found.sources[0].written) == ("", "")


def test_annotations_of_another_kind_are_kept():
    others: list[dict[str, Any]] = [
        {"type": "file_citation", "x": 1},
        {"type": "url_citation"},
        {"odd": 1},
        cited(0, 1) | {"beside": 2},
    ]
    assert cite("text", others).others == (*others[:3], {"beside": 2})
