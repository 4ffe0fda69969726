from typing import Any

import pytest

from dashboard.inspection.citations import cite


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
        ("http://127.0.0.1/", "127.0.0.1"),
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
    ],
)
def test_what_is_no_web_address_is_no_link(url):
    (source,) = cite("text", [cited(0, 1, url)]).sources
    assert (source.url, source.host, source.written) == ("", "", url)


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
