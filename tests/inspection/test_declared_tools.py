import pytest

from dashboard.inspection.declared_tools import Parameter, declared_tools
from dashboard.upstream.records import completion


def tools(*raw, called=None):
    return declared_tools(completion({"tools": list(raw)}), called or {})


def parameters(schema) -> tuple[Parameter, ...]:
    (found,) = tools({"type": "function", "function": {"name": "f", "parameters": schema}})
    return found.parameters


def test_a_function_has_its_parameters():
    schema = {
        "type": "object",
        "properties": {
            "order_id": {"type": "string", "description": "Digits only."},
            "include": {"type": "array", "items": {"enum": ["lines", "shipment"]}, "default": ["lines"]},
        },
        "required": ["order_id"],
    }
    raw = {
        "type": "function",
        "function": {"name": "find", "description": "Finds.", "strict": True, "parameters": schema},
    }
    (found,) = tools(raw, called={"find": 2})
    assert (found.kind, found.name, found.description, found.strict, found.called) == (
        "function",
        "find",
        "Finds.",
        True,
        2,
    )
    assert (found.signature, found.node.at) == ("(order_id, include)", "/completion/tools/0")
    assert found.parameters == (
        Parameter("order_id", True, "string", "Digits only."),
        Parameter("include", False, 'array of "lines" | "shipment"', 'Default: ["lines"].'),
    )


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        ({"type": ["string", "null"]}, "string or null"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}, True]}, "string or null"),
        ({"oneOf": [{"type": "integer"}]}, "integer"),
        ({"enum": [1, None, "a"]}, '1 | null | "a"'),
        ({"enum": list(range(12))}, "0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | …"),
        ({"type": "array"}, "array"),
        ({"$ref": "#/$defs/x"}, "#/$defs/x"),
        ({}, ""),
        (True, ""),
        ("odd", "odd"),
    ],
)
def test_types_in_words(schema, written):
    assert parameters({"properties": {"a": schema}})[0].type == written


def test_nested_parameters_are_named_with_their_place():
    schema = {
        "properties": {
            "address": {"properties": {"street": {"properties": {"deep": {}}}}},
            "lines": {"items": {"properties": {"sku": {}}}},
        }
    }
    assert [one.name for one in parameters(schema)] == ["address", "address.street", "lines", "lines[].sku"]


def test_a_default_of_null_is_told():
    assert parameters({"properties": {"a": {"default": None}}})[0].meaning == "Default: null."


@pytest.mark.parametrize("schema", [None, "odd", [], {"properties": []}])
def test_parameters_that_are_none(schema):
    assert parameters(schema) == ()


@pytest.mark.parametrize(
    ("tool", "kind", "name"),
    [
        ({"type": "custom", "custom": {"name": "sql", "format": {"type": "grammar"}}}, "custom", "sql"),
        ({"type": "web_search"}, "web_search", ""),
        ({"name": "beside"}, "", "beside"),
        ({"type": ["odd"], "name": 7}, '["odd"]', "7"),
        ({"type": "function", "function": "odd"}, "function", ""),
        ("odd", "", ""),
        (None, "", ""),
    ],
)
def test_no_tool_is_dropped(tool, kind, name):
    (found,) = tools(tool)
    assert (found.kind, found.name, found.signature) == (kind, name, "")


def test_tools_that_are_no_list_are_one():
    assert declared_tools(completion({"tools": None}), {}) == []
    (found,) = declared_tools(completion({"tools": {"type": "function", "function": {"name": "f"}}}), {})
    assert (found.name, found.node.at) == ("f", "/completion/tools")
