"""All tokens as CSV: safe in a spreadsheet, and nothing lost on the way back."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.csv_cells import safe_cell
from dashboard.token_csv import HEADER, LINES, csv_pieces
from dashboard.upstream.tokens import Alternative, Token

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=8)


def read(listed: list[Token]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(csv_pieces(listed)), newline="")))


def original(cell: str) -> str:
    return cell.removeprefix("'")


@given(st.lists(st.builds(Token, texts, st.floats(-20, 0), st.none(), st.just((Alternative("b", -1.5),))), max_size=8))
def test_every_token_comes_back(listed):
    rows = read(listed)
    for place, (row, token) in enumerate(zip(rows, listed, strict=True)):
        assert row["token_number"] == str(place)
        assert original(row["token"]) == original(row["text"]) == token.token
        assert bytes.fromhex(row["bytes"]).decode() == token.token
        assert float(row["logprob"]) == token.logprob
        assert json.loads(row["alternatives"]) == [["b", -1.5]]


def test_what_is_not_known_is_empty():
    (row,) = read([Token("a", None)])
    assert {name for name in HEADER if row[name] == ""} == {
        *("logprob", "probability", "surprise_bits", "rank_at_least", "entropy_bits_at_least", "covered"),
    }


def test_long_lists_come_in_pieces():
    pieces = list(csv_pieces([Token("a", -1.0)] * (2 * LINES + 1)))
    assert [one.count("\n") for one in pieces] == [1, LINES, LINES, 1]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "  =1", "'=1"])
def test_a_text_that_a_spreadsheet_would_calculate_gets_an_apostrophe(text):
    assert safe_cell(text) == f"'{text}"


def test_all_other_texts_stay_as_they_are():
    assert [safe_cell(one) for one in ("", "a=1", " word", "1")] == ["", "a=1", " word", "1"]


def test_no_formula_of_the_corpus_stays_one(shared):
    cases = json.loads((shared / "corpora/csv_injection.json").read_text("utf-8"))
    found = [
        case if isinstance(case, str) else next(one for one in case.values() if isinstance(one, str)) for case in cases
    ]
    assert len(found) > 10
    for row, text in zip(read([Token(one, -1.0) for one in found]), found, strict=True):
        assert not row["token"].lstrip(" ").startswith(DANGEROUS)
        assert original(row["token"]) == text
