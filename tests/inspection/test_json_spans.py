import json
import sys
import time
from contextlib import suppress
from dataclasses import astuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dashboard.inspection.json_spans import DEEPEST, DEEPEST_READ, Span, json_spans

CONTAINERS = ("object", "array")


def spans(text, most=500):
    return json_spans(text if isinstance(text, bytes) else text.encode(), most)[0]


def brief(text):
    """Depth, name and text of each value; of a container its brackets, with a dot where it did not end."""
    return [(one.depth, one.key if one.index is None else one.index, _sign(one)) for one in spans(text)]


def _sign(one):
    if one.kind not in CONTAINERS:
        return one.text
    return {"object": "{}", "array": "[]"}[one.kind] + ("" if one.closed else ".")


def slices(text):
    data = text if isinstance(text, bytes) else text.encode()
    return [data[one.start : one.stop].decode() for one in spans(data)]


# --- A text that is JSON


def test_every_kind_of_value_is_a_span():
    found, more = json_spans(b' {"a": [1.5e3, true], "s": "hi", "e": "", "n": null, "o": {}}\n')
    assert [astuple(one) for one in found] == [
        (None, None, 0, "object", "", 1, 61, 5, True),
        ("a", None, 1, "array", "", 7, 20, 2, True),
        (None, 0, 2, "number", "1.5e3", 8, 13, 0, True),
        (None, 1, 2, "word", "true", 15, 19, 0, True),
        ("s", None, 1, "string", '"hi"', 28, 30, 0, True),
        ("e", None, 1, "string", '""', 38, 40, 0, True),
        ("n", None, 1, "word", "null", 47, 51, 0, True),
        ("o", None, 1, "object", "", 58, 60, 0, True),
    ]
    assert more == 0


@pytest.mark.parametrize("text", ["{}", "[]", " [ ] ", "[1]", "[[1]]"])
def test_a_text_that_is_nothing_but_json_counts_however_small_it_is(text):
    assert spans(text)[0].closed


@pytest.mark.parametrize("text", ["", "  ", "Hello", "5", '"{}"', "null", "x {} y", "x [] y", "{a: 1}", "{'a': 1}"])
def test_other_text_has_no_spans(text):
    assert json_spans(text.encode()) == ([], 0)


def test_places_are_bytes_and_not_characters():
    assert slices('{"ä": "ö€😀", "b": 1}')[1:] == ["ö€😀", "1"]
    assert spans('{"ä": "ö€😀"}')[1].start == 8


def test_faults_in_the_encoding_are_shown_and_do_not_move_places():
    data = b'caf\xe9 {"a\xff": "b\xfe", "c": 1}'
    found = spans(data)
    assert [(one.key, one.text) for one in found] == [(None, ""), ("a\\xff", '"b\\xfe"'), ("c", "1")]
    assert [data[one.start : one.stop] for one in found[1:]] == [b"b\xfe", b"1"]


def test_names_are_decoded_and_lone_surrogates_become_visible():
    text = r'{"\ud83d": 1, "\ud83d\ude00": 2, "\u00e4\n\\u0041": 3, "\ude00\ud83d": 4}'
    assert [one.key for one in spans(text)[1:]] == [r"\ud83d", "😀", "ä\n\\u0041", r"\ude00\ud83d"]


def test_a_name_that_stands_twice_is_listed_twice():
    assert brief('{"a": 1, "a": 2}')[1:] == [(1, "a", "1"), (1, "a", "2")]


@pytest.mark.parametrize("letter", ["a", "ä", "€", "😀"])
def test_the_text_of_a_long_scalar_is_cut(letter):
    whole, cut, far = spans(json.dumps([letter * 198, letter * 199, letter * 5_000], ensure_ascii=False))[1:]
    assert whole.text == f'"{letter * 198}"'
    assert cut.text == far.text == f'"{letter * 199}' + "…"
    assert far.stop - far.start == 5_000 * len(letter.encode())


def test_what_goes_beyond_the_most_is_counted():
    data = json.dumps([{"a": n, "b": "[1, 2]"} for n in range(10)]).encode()
    everything, none = json_spans(data)
    assert (len(everything), none) == (61, 0)
    for most in (0, 1, 4, 5, 60, 61):
        found, more = json_spans(data, most)
        assert (found, more) == (everything[:most], 61 - most)


def test_the_most_is_for_all_roots_together():
    found, more = json_spans(b'{"a": 1} {"b": 2} {"c": 3}', 3)
    assert [one.key for one in found] == [None, "a", None]
    assert more == 3
    assert found[2].size == 1


def test_very_deep_values_are_listed_without_what_they_hold():
    found = spans("[" * 80 + "1, 2" + "]" * 80)
    assert [one.depth for one in found] == list(range(DEEPEST + 1))
    assert all(one.closed and one.size == 1 for one in found)
    assert found[-1].stop - found[-1].start == 20 + 4 + 20


def test_what_is_deeper_than_anyone_writes_is_not_read():
    assert len(spans('{"a":' * (DEEPEST_READ - 1) + "[]" + "}" * (DEEPEST_READ - 1))) == DEEPEST + 1
    found = spans('{"a":' * DEEPEST_READ + "[]" + "}" * DEEPEST_READ)
    assert len(found) == DEEPEST + 1
    assert not any(one.closed for one in found)


# --- JSON between other words


def test_fenced_blocks_and_tags_and_prose_are_looked_through():
    text = """Of {these} and [those]:
```json
{"a": 1}
```
<tool_call>
{"name": "weather"}
</tool_call> and then [{"b": 2}], f(x[0]) {"c": 3}"""
    assert brief(text) == [
        (0, None, "{}"), (1, "a", "1"), (0, None, "{}"), (1, "name", '"weather"'),
        (0, None, "[]"), (1, 0, "{}"), (2, "b", "2"), (0, None, "{}"), (1, "c", "3"),
    ]  # fmt: skip


def test_numbers_in_brackets_are_references():
    assert spans("As shown [1] and [ 12 ], [[3]], but not [].") == []
    assert slices('So ["a"], [1, 2], [[1, 2]] and [{}].') == [
        '["a"]', "a", "[1, 2]", "1", "2", "[[1, 2]]", "[1, 2]", "1", "2", "[{}]", "{}",
    ]  # fmt: skip


def test_a_text_that_begins_with_a_reference_is_prose():
    assert spans("[1] says so.") == []
    assert spans("[1 of 3] says so.") == []
    assert spans("<sup>[1]</sup> says so.") == []


@pytest.mark.parametrize("fence", ["```json", "```", "``` json"])
def test_a_fenced_list_of_one_number_is_a_list(fence):
    assert slices(f"See:\n{fence}\n[1]\n```") == ["[1]", "1"]
    assert spans(f"See:\n{fence}\n[]\n```") == []


def test_what_is_inside_of_something_broken_may_still_be_json():
    assert slices('So [see {"a": 1}] and ["b", {"c": 2}, oops').count('{"a": 1}') == 1
    assert slices('So ["b", {"c": 2}, oops') == ['{"c": 2}', "2"]


def test_several_lines_of_json_are_several_roots():
    assert [one.depth for one in spans('{"a": 1}\n{"a": 2}\n')] == [0, 1, 0, 1]


@pytest.mark.parametrize(
    "broken",
    [
        '{"a" 1}', '{"a": }', '{"a": 1,}', '{"a": 1 "b": 2}', '{"a": NaN}', '{"a\n": 1}', '{"a": "\n"}', '{"a": "\\q"}',
        '{"a": 01}', '{"a": .5}', '{"a": tru}', '{"a": "\\u12"}', '["a",]', '["a"}', '["a": 1]', '{"a": 1, b: 2}',
    ],
)  # fmt: skip
def test_between_other_words_only_json_without_faults_counts(broken):
    assert spans(f"So {broken} it is") == []
    assert slices(f'So {broken} it is, {{"z": 1}}') == ['{"z": 1}', "1"]


# --- A text that breaks off


def test_the_fields_up_to_the_break_are_listed():
    assert brief('{"a": 1, "b": [true, {"c": "half a sen') == [
        (0, None, "{}."), (1, "a", "1"), (1, "b", "[]."), (2, 0, "true"), (2, 1, "{}."), (3, "c", '"half a sen'),
    ]  # fmt: skip
    found = spans('{"a": 1, "b": [true, {"c": "half a sen')
    assert [one.closed for one in found] == [False, True, False, True, False, False]
    assert [one.size for one in found] == [2, 0, 2, 0, 1, 0]
    assert [one.stop for one in found] == [38, 7, 38, 19, 38, 38]


@pytest.mark.parametrize("lead", ["", " \n", "```json\n", "\n```\n", "<tool_call>\n"])
def test_white_space_or_a_fence_or_a_tag_may_stand_before_it(lead):
    assert slices(lead + '[1, {"a": "b') == ['[1, {"a": "b', "1", '{"a": "b', "b"]


@pytest.mark.parametrize(
    "end",
    [
        "", ",", ", ", ', "', ', "b', ', "b\\', ', "b\\u00', ', "b"', ', "b" ', ', "b":', ', "b": ', ', "b": -',
        ', "b": t', ', "b": tru', ', "b": f', ', "b": fals', ', "b": n', ', "b": nul', ".", "e", "e+", "E-",
    ],
)  # fmt: skip
def test_what_is_half_written_at_the_end_belongs_to_what_broke_off(end):
    text = '{"a": 1' + end
    assert [astuple(one) for one in spans(text)] == [
        (None, None, 0, "object", "", 0, len(text), 1, False),
        ("a", None, 1, "number", "1", 6, 7, 0, True),
    ]
    assert spans(f"So {text}") == []


@pytest.mark.parametrize("end", ["b", "b\\", "b\\u", "b\\u00e", 'b\\"', "b\\n"])
def test_a_string_may_break_off_anywhere(end):
    text = '["' + end
    assert [astuple(one) for one in spans(text)] == [
        (None, None, 0, "array", "", 0, len(text), 1, False),
        (None, 0, 1, "string", '"' + end, 2, len(text), 0, False),
    ]


def test_a_string_that_breaks_off_at_once_stands_where_its_quote_is():
    assert [(one.text, one.start, one.stop, one.closed) for one in spans('["')[1:]] == [('"', 1, 2, False)]


def test_a_string_that_breaks_off_within_a_character_is_shown():
    assert spans('["€'.encode()[:-1])[1].text == '"\\xe2\\x82'


@pytest.mark.parametrize("text", ["{", "[", '{"', '{"a', '{"a":', "```json\n{"])
def test_a_root_without_fields_is_not_worth_listing(text):
    assert spans(text) == []


def test_a_list_that_breaks_off_behind_its_first_number_is_listed():
    assert brief("[1") == brief("[1, ") == [(0, None, "[]."), (1, 0, "1")]


def test_a_fault_at_the_beginning_ends_that_root_and_the_search_goes_on():
    text = '{"a": 1, "b": [2, oops], "c": 3} and {"d": 4}'
    assert brief(text) == [
        (0, None, "{}."), (1, "a", "1"), (1, "b", "[]."), (2, 0, "2"), (0, None, "{}"), (1, "d", "4"),
    ]  # fmt: skip
    assert slices(text)[:3] == ['{"a": 1, "b": [2, ', "1", "[2, "]


# --- JSON in a string


def test_a_string_that_holds_json_has_its_values_below():
    text = r'{"name": "weather", "arguments": "{\"city\": \"Paris\", \"days\": [1, \"\"]}", "z": 0}'
    assert brief(text) == [
        (0, None, "{}"), (1, "name", '"weather"'), (1, "arguments", r'"{\"city\": \"Paris\", \"days\": [1, \"\"]}"'),
        (2, None, "{}"), (3, "city", '"Paris"'), (3, "days", "[]"), (4, 0, "1"), (4, 1, '""'), (1, "z", "0"),
    ]  # fmt: skip
    assert slices(text)[3:] == [
        r"{\"city\": \"Paris\", \"days\": [1, \"\"]}", "Paris", r"[1, \"\"]", "1", r"\"\"", "0",
    ]  # fmt: skip


def test_its_places_lead_through_escapes():
    text = r'["\n {\"\u00e4\ud83d\ude00\": \"\\u0041\\n\ud83dä\", \"b\": 7}\n"]'
    found = spans(text)
    assert [(one.key, one.text) for one in found[3:]] == [("ä😀", r'"\u0041\n\ud83dä"'), ("b", "7")]
    assert slices(text)[3:] == [r"\\u0041\\n\ud83dä", "7"]


@pytest.mark.parametrize("inside", ["{}", "[]", " [1]", "[1, 2] "])
def test_a_string_may_hold_any_object_or_list(inside):
    assert spans(json.dumps({"a": inside}))[2].depth == 2


@pytest.mark.parametrize("inside", ["[x]", "[1] says so", '{"a": 1', '{"a": 1} {"b": 2}', '"{}"', "5", "{", '{"a": tr'])
def test_a_string_that_is_not_json_as_a_whole_has_nothing_below(inside):
    assert len(spans(json.dumps({"a": inside}))) == 2


def test_a_string_in_such_a_string_is_only_a_string():
    inner = json.dumps({"a": json.dumps({"b": 1})})
    assert [(one.depth, one.kind) for one in spans(json.dumps([inner]))] == [
        (0, "array"), (1, "string"), (2, "object"), (3, "string"),
    ]  # fmt: skip


def test_a_string_that_breaks_off_shows_as_much_as_there_is():
    text = r'{"arguments": "{\"city\": \"Par'
    assert brief(text)[2:] == [(2, None, "{}."), (3, "city", '"Par')]
    assert [(one.stop, one.closed) for one in spans(text)] == [(len(text), False)] * 4
    assert slices(text + "\\")[3] == "Par\\"


@pytest.mark.parametrize("inside", ["[1] and", "[draft", "{", r"{\"a", r"{\"a\": 1} and", "[1 of"])
def test_a_string_that_breaks_off_and_is_no_json_has_nothing_below(inside):
    assert len(spans('["' + inside)) == 2


def test_a_string_that_breaks_off_behind_its_json_shows_it():
    assert brief(r'["{\"a\": 1}')[2:] == [(2, None, "{}"), (3, "a", "1")]


def test_a_very_deep_string_is_not_looked_into():
    def depths(levels):
        return [one.depth for one in spans("[" * levels + '"[[1]]"' + "]" * levels)]

    assert depths(DEEPEST - 1) == list(range(DEEPEST + 1))
    assert depths(DEEPEST) == list(range(DEEPEST + 1))
    assert depths(DEEPEST + 9) == list(range(DEEPEST + 1))


# --- Any value, any text

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)
ROOTS = st.lists(VALUES) | st.dictionaries(st.text(), VALUES)


def walk(value, key=None, index=None, depth=0, strings=True):
    """Every value with its key, its place and its depth; strings that hold JSON are looked into once."""
    yield value, key, index, depth
    if isinstance(value, dict):
        for name, child in value.items():
            yield from walk(child, name, None, depth + 1, strings)
    if isinstance(value, list):
        for place, child in enumerate(value):
            yield from walk(child, None, place, depth + 1, strings)
    if strings and isinstance(value, str) and value.strip(" \n\r\t")[:1] in ("[", "{"):
        with suppress(ValueError):
            yield from walk(json.loads(value), None, None, depth + 1, strings=False)


@given(ROOTS, st.booleans(), st.sampled_from([None, 1]), st.sampled_from(["{}", "Well {}", " {}\n"]))
def test_every_value_stands_where_its_span_says(value, ensure_ascii, indent, frame):
    def dumped(one):
        return json.dumps(one, ensure_ascii=ensure_ascii, indent=indent)

    around = frame if frame != "Well {}" else "Well ```json\n{}\n```"
    data = around.replace("{}", dumped(value)).encode()
    found, more = json_spans(data, 10_000)
    if not value and around != frame:
        assert found == []
        return
    expected = list(walk(value))
    assert [(one.key, one.index, one.depth) for one in found] == [(key, *rest) for _, key, *rest in expected]
    assert more == 0
    for one, (part, *_) in zip(found, expected, strict=True):
        written = data[one.start : one.stop].decode()
        assert one.closed
        if isinstance(part, dict | list):
            assert json.loads(written) == part
            assert one.size == len(part)
        else:
            whole = dumped(part)
            assert written == (whole[1:-1] if isinstance(part, str) and part else whole)
            assert one.text == (whole if len(whole) <= 200 else whole[:200] + "…")


@given(ROOTS, st.booleans(), st.booleans())
def test_every_value_in_a_string_stands_where_its_span_says(value, ensure_ascii, ensure_outer):
    inner = json.dumps(value, ensure_ascii=ensure_ascii)
    data = json.dumps({"arguments": inner}, ensure_ascii=ensure_outer).encode()
    expected = [part for part, *_ in walk(value, strings=False)]
    found = spans(data, 10_000)[2:]
    assert [one.kind in CONTAINERS for one in found] == [isinstance(part, dict | list) for part in expected]
    for one, part in zip(found, expected, strict=True):
        written = json.loads(b'"' + data[one.start : one.stop] + b'"')
        if isinstance(part, dict | list):
            assert json.loads(written) == part
        else:
            whole = json.dumps(part, ensure_ascii=ensure_ascii)
            assert written == (whole[1:-1] if isinstance(part, str) and part else whole)


@given(ROOTS, st.data())
def test_what_breaks_off_lists_the_same_values_up_to_there(value, draw):
    data = json.dumps(value).encode()
    cut = draw.draw(st.integers(0, len(data) - 1))
    whole, part = spans(data), spans(data[:cut])
    # Half of a string may look like JSON that broke off, and "1e-" like a 1.
    assume(not any(one.depth and one.key is None and one.index is None for one in whole + part))
    assert [one for one in part if one.stop < cut - 2] == [one for one in whole if one.stop < cut - 2]


PIECES = st.sampled_from(
    [
        "{", "}", "[", "]", '"', ":", ",", "\\", "\\u", "d83d", "1", "-", ".", "e", "true", "a", "ä", " ", "\n", "```",
        '{"a":', '"[', '\\"', "<t>", '[1,"', "}]",
    ],
)  # fmt: skip


@given(st.lists(PIECES).map("".join).map(str.encode) | st.binary())
def test_no_text_is_a_problem(data):
    found, more = json_spans(data)
    assert more == 0
    for one in found:
        assert isinstance(one, Span)
        assert 0 <= one.start < one.stop <= len(data)
        assert one.closed or one.kind not in ("number", "word")


def is_read_soon(data):
    """Under the eyes of coverage everything takes several times as long."""
    began = time.perf_counter()
    found, _ = json_spans(data)
    assert len(found) <= 500
    return time.perf_counter() - began < (2 if sys.gettrace() is None else 20)


@pytest.mark.parametrize(
    ("piece", "times"),
    [
        (b"{", 1_000_000), (b"[", 1_000_000), (b'{"a":', 200_000), (b'"', 1_000_000), (b"[{", 500_000),
        (b'{"a', 300_000), (b"[1,", 300_000), (b"[1] ", 250_000), (b"x {} ", 200_000), (b'{"a":"[1]"}', 90_000),
    ],
)  # fmt: skip
def test_a_hostile_megabyte_is_read_soon(piece, times):
    assert is_read_soon(piece * times)


@pytest.mark.parametrize("lead", [b"x", b'["', b'x["', b'["['], ids=["prose", "string", "prose-string", "list"])
@pytest.mark.parametrize(
    "piece",
    [
        b"{", b"[", b'{"a":', b'"', b"[{", b'{"a', b"[1,", b"[1] ", b"x {} ", b'{"a":1}', b'{"a":"[1]"}', b'{"a":["',
        b'["[",', b'{"a":"{', b"`", b"```a", b"<a", b"{ ", b"\\", b'["\\', b'\\"', b'\\"[', b"\\u00e4", b" ",
    ],
)  # fmt: skip
def test_hostile_texts_behind_other_beginnings_are_read_soon(lead, piece):
    assert is_read_soon(lead + piece * (100_000 // len(piece)))


@pytest.mark.parametrize("tail", [b" " * 900_000 + b"x", b'"' + b"a" * 900_000 + b"\n", b"1" * 900_000 + b"x"])
def test_many_beginnings_before_one_long_fault_are_read_soon(tail):
    assert is_read_soon(b"x" + b"[" * 900 + tail)
    assert is_read_soon(b"x" + b"[" * 900 + b'{"a"' + tail)


def test_the_search_is_given_up_after_very_many_beginnings():
    assert len(spans("{} " * 5_000 + '{"a": 1}')) == 2
    assert spans("{} " * 20_000 + '{"a": 1}') == []
