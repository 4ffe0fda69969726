import pytest

from dashboard.inspection.properties import (
    Property,
    UsageRow,
    declared_tools,
    identity,
    other_blocks,
    parameters,
    usage_rows,
)
from dashboard.inspection.transcript import Block
from dashboard.upstream.records import completion


def test_parameters_are_those_that_are_there():
    found = parameters(
        completion({"temperature": 0.5, "seed": 9007199254740993, "tool_choice": {"a": 1}, "top_p": None})
    )
    assert found == [
        Property("Temperature", "0.5"),
        Property("Top p", ""),
        Property("Seed", "9007199254740993"),
        Property("Tool choice", '{"a": 1}'),
    ]


def test_identity():
    assert identity(completion({"request_id": "req_1"})) == [Property("Request", "req_1")]


def test_details_of_usage_stand_above_their_total():
    usage = {
        "total_tokens": 9,
        "prompt_tokens": 4,
        "prompt_tokens_details": {"cached_tokens": 1, "new_kind": None},
        "completion_tokens": "five",
        "completion_tokens_details": "odd",
        "cost": {"usd": 1.5},
    }
    assert usage_rows(completion({"usage": usage})) == [
        UsageRow("cached", 1, True),
        UsageRow("new kind", None, True),
        UsageRow("Prompt", 4, False),
        UsageRow("details", "odd", True),
        UsageRow("Completion", "five", False),
        UsageRow("Total", 9, False),
        UsageRow("cost", '{"usd": 1.5}', False),
    ]


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens_details": None}])
def test_usage_that_says_nothing_has_no_rows(usage):
    assert usage_rows(completion({"usage": usage})) == []


def test_usage_that_is_no_object_is_shown():
    assert usage_rows(completion({"usage": "much"})) == [UsageRow("unreadable", "much", False)]


def test_fields_that_nobody_knows_are_shown():
    assert other_blocks(completion({"id": "a", "choices": [], "seed": 1, "novelty": None})) == [
        Block("data", "null", "novelty")
    ]


@pytest.mark.parametrize(("created", "shown"), [(1, []), (None, []), ("soon", [Block("data", "soon", "created")])])
def test_a_creation_time_that_is_no_moment_is_shown(created, shown):
    assert other_blocks(completion({"created": created})) == shown


@pytest.mark.parametrize(
    ("tool", "name"),
    [
        ({"type": "function", "function": {"name": "f"}}, "f"),
        ({"type": "custom", "custom": {}}, "unnamed tool"),
        ({"type": "web_search"}, "unnamed tool"),
        ({"name": "beside"}, "beside"),
        ({"type": ["odd"], "name": 7}, "7"),
        ({"type": "function", "function": "odd"}, "unnamed tool"),
        ("odd", "unnamed tool"),
        (None, "unnamed tool"),
    ],
)
def test_declared_tools_have_names(tool, name):
    (found,) = declared_tools(completion({"tools": [tool]}))
    assert found.title == name


def test_tools_that_are_no_list_are_shown():
    assert declared_tools(completion({"tools": None})) == []
    assert declared_tools(completion({"tools": "odd"})) == [Block("data", "odd", "tools")]
