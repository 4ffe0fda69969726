import pytest

from dashboard.inspection import schema_checks
from dashboard.inspection.schema_checks import Problem, answer_schema, check, tool_schema
from dashboard.upstream.records import Verbatim

ORDER = {
    "type": "object",
    "properties": {
        "order_id": {"type": "string", "pattern": "^BW-"},
        "count": {"type": ["integer", "null"], "minimum": 1},
        "carrier": {"enum": ["post", "courier"]},
        "address": {"type": "object", "required": ["street", "city"]},
    },
    "required": ["order_id"],
    "additionalProperties": False,
}


def words(value, schema) -> list[tuple[str, str]]:
    return [(one.at, one.words) for one in check(value, schema).problems]


def test_a_value_that_follows_its_schema_has_no_problems():
    assert check({"order_id": "BW-1", "count": 2, "carrier": "post"}, ORDER).problems == ()
    assert check({"order_id": "BW-1", "count": None}, ORDER).note == ""


@pytest.mark.parametrize(
    ("value", "problems"),
    [
        ({}, [("", "order_id is required")]),
        ({"order_id": 5}, [("/order_id", "expected string, got number")]),
        ({"order_id": "x"}, [("/order_id", "breaks pattern ^BW-")]),
        ({"order_id": "BW-1", "count": "2"}, [("/count", "expected integer or null, got string")]),
        ({"order_id": "BW-1", "count": 0}, [("/count", "breaks minimum 1")]),
        ({"order_id": "BW-1", "carrier": "x"}, [("/carrier", "must be one of post, courier")]),
        ({"order_id": "BW-1", "colour": 1}, [("", "unknown key colour")]),
        ({"order_id": "BW-1", "address": {}}, [("/address", "street is required"), ("/address", "city is required")]),
        ([], [("", "expected object, got array")]),
        (None, [("", "expected object, got null")]),
        (True, [("", "expected object, got boolean")]),
        ("x", [("", "expected object, got string")]),
    ],
)
def test_problems_are_told_in_words_and_places(value, problems):
    assert words(value, ORDER) == problems


def test_alternatives_and_long_words():
    assert words(5, {"anyOf": [{"type": "string"}]}) == [("", "fits none of the alternatives")]
    assert words(5, {"oneOf": [{}, {}]}) == [("", "fits none of the alternatives, or more than one")]
    ((_, said),) = words({"x" * 99: 1}, {"additionalProperties": False})
    assert said == f"unknown key {'x' * 59}…"
    assert words("a", {"type": "object"}) == [("", "expected object, got string")]


def test_numbers_kept_as_text_are_numbers():
    assert words(Verbatim("9" * 500), {"type": "integer"}) == []
    assert words(Verbatim("1e999"), {"type": "integer"}) == [("", "expected integer, got number")]
    assert words(Verbatim("1e999"), {"type": "string"}) == [("", "expected string, got number")]
    assert words(1.5, {"type": "integer"}) == [("", "expected integer, got number")]
    assert words(True, {"type": "number"}) == [("", "expected number, got boolean")]


def test_patterns_of_names_are_followed():
    schema = {"patternProperties": {"^x_": {"type": "integer"}}}
    assert words({"x_1": "a", "y": "b"}, schema) == [("/x_1", "expected integer, got string")]
    assert check(5, schema | {"pattern": "a", "uniqueItems": True}).problems == ()


def test_items_are_compared_up_to_a_number():
    assert words([1, 1], {"uniqueItems": True}) == [("", "breaks uniqueItems true")]
    assert "takes too long" in check([{}] * 5_000, {"uniqueItems": True}).note


def test_the_draft_that_a_schema_names_is_used():
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": "string"}]}
    assert words([5], schema) == [("/0", "expected string, got number")]
    assert check(5, {"$schema": "nobody knows", "type": "integer"}).problems == ()
    assert check(5, {"$schema": ["odd"], "type": "integer"}).note != "x"


@pytest.mark.parametrize(
    "reference",
    [
        "http://127.0.0.1:1/s.json",
        "https://x.example/s",
        "file:///etc/passwd",
        "other.json",
        "//x.example/s",
        "#/$defs/gone",
    ],
)
def test_nothing_that_a_schema_refers_to_is_fetched(reference, monkeypatch):
    monkeypatch.setattr("socket.socket.connect", lambda *args: pytest.fail("a connection"))
    monkeypatch.setattr("urllib.request.urlopen", lambda *args, **kwargs: pytest.fail("a request"))
    assert "refers to something outside" in check({}, {"$ref": reference}).note


def test_references_inside_are_followed():
    assert words({}, {"$ref": "#/$defs/a", "$defs": {"a": {"required": ["y"]}}}) == [("", "y is required")]
    assert "refers to itself without end" in check(5, {"$ref": "#"}).note


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("(a+)+$", "a" * 40 + "!"),
        ("(a|a)*b", "a" * 40),
        ("(.*a){20}", "a" * 60 + "!"),
        (r"^(\w+\s?)*$", "word " * 30 + "!"),
        ("x" * 1_001, "x"),
    ],
)
def test_no_pattern_holds_up_the_page(pattern, text):
    found = check(text, {"pattern": pattern}, seconds=0.5)
    assert found.note == "Not checked: the declared schema takes too long." or len(found.problems) <= 1
    assert check({text: 1}, {"patternProperties": {pattern: {}}}).problems == ()


def test_the_time_ends_every_keyword():
    assert "takes too long" in check({"a": 1}, {"properties": {"a": {"type": "string"}}}, seconds=-1).note


@pytest.mark.parametrize(
    ("schema", "note"),
    [
        ({"type": 5}, "breaks the rules"),
        ({"properties": []}, "breaks the rules"),
        ({"pattern": "(("}, "cannot be followed"),
        ("odd", "no object"),
        (["odd"], "no object"),
        (False, "no object"),
    ],
)
def test_a_schema_that_is_none_is_told(schema, note):
    assert note in check("x", schema).note


def test_the_schema_that_allows_everything():
    assert check(5, True).note == ""


def test_only_so_many_problems_are_told():
    assert len(check(list(range(500)), {"items": {"type": "string"}}).problems) == schema_checks.MOST_PROBLEMS


def test_the_schema_of_a_tool_is_found_by_name():
    tools = [
        None,
        {"function": "odd"},
        {"function": {"name": "other"}},
        {"function": {"name": "f", "parameters": {"a": 1}}},
    ]
    assert tool_schema({"tools": tools}, "f") == {"a": 1}
    assert tool_schema({"tools": tools}, "g") is None
    assert tool_schema({"tools": "odd"}, "f") is None


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"type": "json_schema", "json_schema": {"name": "n", "schema": {"a": 1}}}, ("n", {"a": 1})),
        ({"type": "json_schema", "json_schema": {"name": "n"}}, None),
        ({"type": "json_schema", "json_schema": "odd"}, None),
        ({"type": "json_object"}, None),
        ("auto", None),
        (None, None),
    ],
)
def test_the_schema_of_the_answer(asked, found):
    assert answer_schema({"response_format": asked}) == found


def test_a_problem_says_where():
    assert check(
        {"a": [{"b": 1}]}, {"properties": {"a": {"items": {"properties": {"b": {"type": "string"}}}}}}
    ).problems == (Problem("/a/0/b", "expected string, got number"),)
