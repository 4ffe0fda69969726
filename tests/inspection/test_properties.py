import pytest

from dashboard.inspection.properties import LONGEST_VALUE, Property, identity, other_blocks, parameters
from dashboard.upstream.records import completion


def test_parameters_are_those_that_are_there():
    found = parameters(completion({"temperature": 0.5, "seed": 9007199254740993, "tool_choice": "auto", "top_p": None}))
    assert found == [
        Property("Temperature", "0.5"),
        Property("Top p", ""),
        Property("Seed", "9007199254740993"),
        Property("Tool choice", "auto"),
    ]


def test_identity():
    assert identity(completion({"request_id": "req_1"})) == [Property("Request", "req_1")]


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ({"type": "json_schema", "json_schema": {"name": "n"}}, "json_schema"),
        ({"odd": 1}, "object"),
        ([1, 2], "2 items"),
        ("x" * 3_000, "3,000 characters"),
    ],
)
def test_what_is_no_line_is_a_word_and_a_tree(value, line):
    (found,) = parameters(completion({"response_format": value}))
    assert found.value == line
    assert found.node is not None
    assert found.node.at == "/completion/response_format"


def test_a_line_may_be_so_long():
    (found,) = parameters(completion({"service_tier": "x" * LONGEST_VALUE}))
    assert (found.value, found.node) == ("x" * LONGEST_VALUE, None)


def test_fields_that_nobody_knows_are_shown():
    (found,) = other_blocks(completion({"id": "a", "choices": [], "seed": 1, "novelty": None}))
    assert (found.kind, found.title, found.line, found.at) == ("data", "novelty", "null", "/completion/novelty")


@pytest.mark.parametrize(("created", "shown"), [(1, []), (None, []), ("soon", ['"soon"'])])
def test_a_creation_time_that_is_no_moment_is_shown(created, shown):
    assert [one.node.text for one in other_blocks(completion({"created": created}))] == shown
