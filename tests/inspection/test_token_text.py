"""Bytes of tokens joined to characters, and one token that stands alone."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.inspection.one_token import inspect, token_text
from dashboard.inspection.token_text import data_of, hexadecimal, spelled, token_texts
from dashboard.upstream.decode import decode
from dashboard.upstream.tokens import Token, token

BICYCLE = "🚲".encode()


def texts(*pieces: bytes) -> list[str]:
    return [one.text for one in token_texts([Token("?", -1.0, tuple(piece)) for piece in pieces])]


@pytest.mark.parametrize(
    ("pieces", "shown"),
    [
        ((BICYCLE,), ["🚲"]),
        ((BICYCLE[:2], BICYCLE[2:]), ["🚲", "‹9A›‹B2›"]),
        ((BICYCLE[:1], BICYCLE[1:2], BICYCLE[2:3], BICYCLE[3:]), ["🚲", "‹9F›", "‹9A›", "‹B2›"]),
        ((b"a" + BICYCLE[:2], BICYCLE[2:] + b"b"), ["a🚲", "‹9A›‹B2›b"]),
        ((BICYCLE[:3], b"x"), ["‹F0›‹9F›‹9A›", "x"]),
        ((BICYCLE[:3], BICYCLE), ["‹F0›‹9F›‹9A›", "🚲"]),
        ((b"\xff",), ["‹FF›"]),
        ((b"\xc0\xaf",), ["‹C0›‹AF›"]),
        ((b"\xed\xa0\x80",), ["‹ED›‹A0›‹80›"]),
        (("é".encode()[:1], "é".encode()[1:], "日".encode()[:2], "日".encode()[2:]), ["é", "‹A9›", "日", "‹A5›"]),
        ((), []),
    ],
)
def test_a_character_belongs_to_the_token_in_which_it_begins(pieces, shown):
    assert texts(*pieces) == shown


def test_what_is_only_the_rest_of_a_character_says_so():
    found = token_texts(
        [Token("?", -1.0, tuple(piece)) for piece in (b"a" + BICYCLE[:2], BICYCLE[2:3], BICYCLE[3:] + b"b")]
    )
    assert [one.is_rest for one in found] == [False, True, False]


@given(st.text(max_size=30), st.lists(st.integers(0, 60), max_size=12))
def test_no_character_is_lost_wherever_tokens_are_cut(text, cuts):
    data = text.encode("utf-8", "replace")
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    pieces = [data[start:stop] for start, stop in pairwise(places)]
    found = token_texts([Token("?", -1.0, tuple(piece)) for piece in pieces])
    assert len(found) == len(pieces)
    kept = [one.text for one in found]
    for byte in range(0x80, 0x100):
        kept = [one.replace(f"‹{byte:02X}›", "") for one in kept]
    assert "".join(kept) == data.decode()


def test_ten_thousand_parts_in_a_row_take_no_time():
    assert len(texts(*[b"\x80"] * 50_000)) == 50_000


@pytest.mark.parametrize(
    ("found", "data"),
    [
        (Token("é", -1.0, None), "é".encode()),
        (Token("a", -1.0, ()), b"a"),
        (Token("", -1.0, ()), b""),
        (Token("wrong", -1.0, (97,)), b"a"),
        (Token("\ud800", -1.0, None), b"\xed\xa0\x80"),
    ],
)
def test_the_bytes_count_and_the_text_stands_in_for_them(found, data):
    assert data_of(found) == data


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (" a b", "␣a␣b"),
        ("\n\t\r", "↵⇥␍"),
        ("\u00a0\u3000", "‹U+00A0›‹U+3000›"),
        ("\u202e", "‹U+202E›"),
        ("\x00", "␀"),
        ("", ""),
    ],
)
def test_a_token_that_stands_alone_shows_its_white_space(text, shown):
    assert spelled(text) == shown


def test_bytes_are_written_in_hexadecimal():
    assert hexadecimal(BICYCLE) == "F0 9F 9A B2"
    assert token_text(Token("?", -1.0, (0xF0, 0x9F))) == "‹F0›‹9F›"


# --- The inspector


def test_a_token_of_parts_says_how_the_api_writes_it():
    found = inspect({"token": "\\xf0\\x9f", "bytes": [0xF0, 0x9F], "logprob": -1}, "/x")
    assert (found.text, found.written, found.bytes) == ("‹F0›‹9F›", "\\xf0\\x9f", "F0 9F")


@pytest.mark.parametrize(
    ("given_bytes", "note"),
    [
        (None, "The API gives no bytes: these are those of the text."),
        (["97"], '“bytes” is no list of bytes: ["97"]'),
        ([-1, 256, 1.5], "“bytes” is no list of bytes: [-1, 256, 1.5]"),
        ([], "“bytes” is empty: these are those of the text."),
        ([97], ""),
    ],
)
def test_odd_bytes_are_told(given_bytes, note):
    found = inspect({"token": "a", "bytes": given_bytes, "logprob": -1}, "/x")
    assert (found.bytes_note, found.bytes) == (note, "61")


def test_parts_that_are_written_alike_are_told_apart_by_their_bytes():
    same = [{"token": "\ufffd", "bytes": [byte], "logprob": -1 - byte / 1000} for byte in (0x80, 0x81, 0x82)]
    found = inspect({"token": "\ufffd", "bytes": [0x81], "logprob": -1.129, "top_logprobs": same}, "/x")
    assert [one.chosen for one in found.options] == [False, True, False]


def test_alternatives_stand_in_the_order_of_their_probability():
    listed = [{"token": name, "logprob": value} for name, value in (("c", -3), ("x", None), ("a", -1), ("b", -2))]
    found = inspect({"token": "b", "logprob": -2, "top_logprobs": listed}, "/x")
    assert [(one.place, one.text, one.share is None) for one in found.options] == [
        ("1", "a", False),
        ("2", "b", False),
        ("3", "c", False),
        ("4", "x", True),
    ]


def test_a_chosen_token_between_the_listed_ones_is_not_in_the_list():
    listed = [{"token": "a", "logprob": -1}, {"token": "b", "logprob": -3}]
    found = inspect({"token": "c", "logprob": -2, "top_logprobs": listed}, "/x")
    assert [(one.text, one.note) for one in found.options] == [("a", ""), ("c", "chosen, not in the list"), ("b", "")]
    assert found.alternatives == 2


@pytest.mark.parametrize("entry", [None, "text", 5, [], [1], {"token": 5}, {"top_logprobs": [None, 3, "x", []]}])
def test_whatever_stands_in_place_of_a_token_is_shown(entry):
    found = inspect(entry, "/x")
    assert found.share is None
    assert found.logprob == "not set"


def test_a_logprob_is_shown_as_it_was_received():
    entry = decode(b'{"token": "x", "logprob": -Infinity}')
    assert inspect(entry, "/x").logprob == "−Infinity"
    assert inspect({"logprob": "NaN"}, "/x").logprob == "NaN"
    assert inspect({"logprob": -1.1648}, "/x").logprob == "−1.1648"


def test_every_odd_token_is_shown(shared):
    cases = decode((shared / "corpora/logprob_tokens.json").read_bytes())
    every = [token(one) for one in cases]
    assert len(token_texts(every)) == len(cases)
    for case in cases:
        found = inspect(case, "/x")
        assert {one.title for one in found.others} == case.keys() - {"token", "logprob", "bytes", "top_logprobs"}
        assert found.text or case["token"] in ("", None)
        assert json.dumps(case.get("token"))[1:-1] in ("", "ul") or found.text
