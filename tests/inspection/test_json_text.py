import pytest

from dashboard.inspection.json_text import parse
from dashboard.upstream.records import Verbatim


@pytest.mark.parametrize(
    ("text", "fault", "position"),
    [
        ('{"topic":"delivery","summary":"Parcel 40219 is ', "the text ends inside a string, at character 47", 47),
        ('{"a":1}{"b":2}', "a second JSON value begins, at character 7", 7),
        ('{"a":1}\n [2]', "a second JSON value begins, at character 9", 9),
        ('{"a":1} thanks', "something follows after the end of the value, at character 8", 8),
        ('{"a":1}' + "[" * 100_000, "something follows after the end of the value, at character 7", 7),
        ('{"a":1', "the text ends too early, at character 6", 6),
        ("", "the text ends too early, at character 0", 0),
        ('{"a":NaN}', "NaN is not JSON, at character 5", 5),
        ("[-Infinity]", "-Infinity is not JSON, at character 1", 1),
        ('{"a" 1}', "expected a colon after the key, at character 5", 5),
        ("{'a':1}", "expected a key in double quotes, at character 1", 1),
        ("[1 2]", "expected a comma or the end of the list or object, at character 3", 3),
        ("[tru]", "expected a value, at character 1", 1),
        ('"a\nb"', "a line end or another control character stands in a string, at character 2", 2),
    ],
)
def test_what_is_no_json_says_where(text, fault, position):
    assert (parse(text).fault, parse(text).position, parse(text).value) == (fault, position, None)


def test_positions_are_counted_in_code_points():
    assert parse('{"🚲": x}').position == 6


@pytest.mark.parametrize("text", ["[" * 61 + "]" * 61, "[" * 100_000, '{"a":' * 70 + "1" + "}" * 70])
def test_what_is_too_deep_is_not_taken_apart(text):
    assert parse(text).fault in ("nested deeper than 60 levels", "the text ends too early, at character 100,000")
    assert parse("[" * 60 + "]" * 60).fault == ""


@pytest.mark.parametrize(
    ("text", "value"), [(' {"a": [1, null]} ', {"a": [1, None]}), ("5", 5), ('"x"', "x"), ("1.5", 1.5)]
)
def test_json_is_its_value(text, value):
    assert (parse(text).value, parse(text).fault) == (value, "")


@pytest.mark.parametrize("number", ["9" * 5_000, "1e999"])
def test_numbers_keep_their_digits(number):
    found = parse(number).value
    assert isinstance(found, Verbatim)
    assert found == number
    assert parse("4944116822809979520").value == 4944116822809979520


def test_lone_surrogates_are_written_out():
    found = parse(r'{"\ud83d": ["\udead \ud83d\ude00"], "\ud83d": 1, "x": "\ud800"}')
    assert (found.value, found.repeated) == ({"\\ud83d": 1, "x": "\\ud800"}, ("\\ud83d",))
    assert parse(r'["\udead \ud83d\ude00"]').value == ["\\udead 😀"]


def test_repeated_keys_are_named():
    found = parse('{"a": 1, "b": {"c": 1, "c": 2}, "a": 3}')
    assert (found.value, found.repeated) == ({"a": 3, "b": {"c": 2}}, ("c", "a"))
