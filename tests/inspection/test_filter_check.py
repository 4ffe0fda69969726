import pytest

from dashboard.inspection.filter_check import ignored_filters
from dashboard.upstream.records import completion

ROWS = [
    completion({"model": "gpt-5-mini-2026-03-05", "metadata": {"env": "prod", "run": ""}}),
    completion({"model": "gpt-5-mini", "metadata": {"env": "prod", "run": ""}}),
]


@pytest.mark.parametrize(
    ("model", "metadata"),
    [("", []), ("gpt-5-mini", []), ("", [("env", "prod")]), ("gpt-5-mini", [("env", "prod"), ("run", "")])],
)
def test_a_filter_that_was_honoured_is_not_mentioned(model, metadata):
    assert ignored_filters(ROWS, model, metadata) == []


def test_a_filter_that_was_ignored_is_told_with_its_numbers():
    assert ignored_filters(ROWS, "gpt-5-mini-2026-03-05", [("env", "dev"), ("team", "")]) == [
        "The API ignored the filter model = gpt-5-mini-2026-03-05: 1 of the 2 rows loaded does not match it.",
        "The API ignored the filter env = dev: 2 of the 2 rows loaded do not match it.",
        "The API ignored the filter team = : 2 of the 2 rows loaded do not match it.",
    ]


def test_one_row_is_one_row():
    (sentence,) = ignored_filters(ROWS[:1], "", [("env", "dev")])
    assert sentence.endswith("env = dev: the one row loaded does not match it.")


@pytest.mark.parametrize("returned", ["gpt-5-minimal", "gpt-5-mini-turbo", "gpt-5", "gpt-5-mini-2026-03-05-x"])
def test_a_model_that_only_begins_alike_is_another(returned):
    assert ignored_filters([completion({"model": returned})], "gpt-5-mini", []) != []


def test_rows_of_a_later_page_are_counted_by_themselves():
    (sentence,) = ignored_filters(ROWS, "", [("env", "dev")], appended=True)
    assert sentence.endswith("2 of the 2 rows loaded last do not match it.")


def test_no_rows_prove_nothing():
    assert ignored_filters([], "gpt-5", [("a", "b")]) == []
