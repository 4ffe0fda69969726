import math

import pytest

from dashboard.upstream.errors import WrongShape
from dashboard.upstream.records import (
    LATEST_MOMENT,
    Verbatim,
    completion,
    completion_page,
    message,
    message_page,
    text,
)


def page(*items, **fields):
    return completion_page({"data": list(items), "has_more": True} | fields, b"")


def test_a_whole_completion():
    document = {
        "id": "chatcmpl-1",
        "created": 1_795_372_571,
        "model": "gpt-5",
        "choices": [{"index": 3, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
        "metadata": {"env": "prod", "n": 1},
    }
    found = completion(document, b"bytes")
    assert (found.id, found.created, found.model, found.body) == ("chatcmpl-1", 1_795_372_571, "gpt-5", b"bytes")
    assert found.addressable
    assert (found.usage.prompt, found.usage.completion, found.usage.total) == (1, 2, 3)
    assert found.metadata == {"env": "prod", "n": "1"}
    assert found.input_messages is None
    assert (found.choices[0].index, found.choices[0].finish_reason) == (3, "stop")
    assert found.choices[0].message.content == "Hi"
    assert found.raw is document


@pytest.mark.parametrize("created", [None, -1, 1e20, 10**30, True, "soon", {}, Verbatim("NaN"), LATEST_MOMENT + 1])
def test_a_creation_time_that_is_no_moment_is_none(created):
    assert completion({"created": created}).created is None


@pytest.mark.parametrize("created", [0, 1.9, LATEST_MOMENT])
def test_a_creation_time_is_whole_seconds(created):
    assert completion({"created": created}).created == math.floor(created)


@pytest.mark.parametrize("given", [None, -1, True, "7", 1.5, [], Verbatim("9" * 500)])
def test_a_count_that_is_no_number_is_none(given):
    assert completion({"usage": {"prompt_tokens": given}}).usage.prompt is None


@pytest.mark.parametrize(
    ("given", "shown"), [(None, ""), (5, "5"), (True, "true"), ({"a": "é"}, '{"a": "é"}'), ("x", "x")]
)
def test_any_value_has_a_text(given, shown):
    assert text(given) == shown


@pytest.mark.parametrize(
    ("given", "addressable"), [("a-b_C9", True), ("../x", False), (5, True), (None, False), ({}, False)]
)
def test_only_plain_ids_have_an_address(given, addressable):
    assert completion({"id": given}).addressable is addressable


@pytest.mark.parametrize("nothing", [None, [], "", {}])
def test_nothing_where_a_list_or_an_object_should_be_is_nothing(nothing):
    found = completion({"choices": nothing, "metadata": nothing, "usage": nothing})
    assert (found.choices, found.metadata, found.usage.raw) == ((), {}, {})


def test_nothing_that_stands_in_the_wrong_place_is_lost():
    choices = ["text", {"message": "said", "index": "first"}, None]
    found = completion({"choices": choices, "usage": "much", "metadata": 5, "input_messages": {"role": "user"}})
    assert [one.raw for one in found.choices] == [{"unreadable": "text"}, choices[1], {"unreadable": None}]
    assert found.choices[1].message.raw == {"unreadable": "said"}
    assert [one.index for one in found.choices] == [0, 1, 2]
    assert found.usage.raw == {"unreadable": "much"}
    assert found.metadata == {"unreadable": "5"}
    assert [one.role for one in found.input_messages or ()] == ["user"]
    assert completion({"choices": {"message": {"content": "one"}}}).choices[0].message.content == "one"


@pytest.mark.parametrize(
    ("call", "type_", "name", "arguments", "rest"),
    [
        ({"id": "c", "type": "function", "function": {"name": "f", "arguments": "{"}}, "function", "f", "{", {}),
        ({"id": "c", "type": "custom", "custom": {"name": "f", "input": "x"}}, "custom", "f", "x", {}),
        ({"id": "c", "function": {"name": "f", "arguments": "{}", "strict": True}, "index": 0}, "", "f", "{}", {"index": 0, "function.strict": True}),
        ({"id": "c", "type": "new", "new": {"name": "f"}}, "new", "f", "", {}),
        ({"id": "c", "type": ["odd"], "function": {"arguments": {"a": 1}}}, '["odd"]', "", '{"a": 1}', {}),
        ({"id": "c", "type": "function", "function": "f()"}, "function", "", "", {"function": "f()"}),
        ({"id": "c", "type": "id", "custom": {"name": "f", "input": "i", "arguments": "a"}}, "id", "f", "a", {"custom.input": "i"}),
    ],
)  # fmt: skip
def test_tool_calls(call, type_, name, arguments, rest):
    (found,) = message({"tool_calls": [call]}).tool_calls
    assert (found.id, found.type, found.name, found.arguments, found.rest) == ("c", type_, name, arguments, rest)


def test_an_old_function_call_is_a_call():
    (found,) = message({"function_call": {"name": "f", "arguments": "{}", "more": 1}}).tool_calls
    assert (found.type, found.name, found.arguments, found.rest) == ("function_call", "f", "{}", {"more": 1})


def test_a_function_call_that_is_a_text_is_kept():
    assert message({"function_call": "f"}).tool_calls[0].rest == {"unreadable": "f"}


def test_content_may_be_text_parts_or_neither():
    assert message({"content": "x"}).content == "x"
    assert message({"content": None}).content is None
    assert message({"content": 7}).content == "7"
    listed = message({"content": ["a", {"type": "text"}], "content_parts": [{"type": "other"}]})
    assert (listed.content, listed.parts) == (None, ({"type": "text", "text": "a"}, {"type": "text"}))
    assert message({"content": "x", "content_parts": {"type": "text"}}).parts == ({"type": "text"},)


def test_annotations_and_audio_of_any_type_are_kept():
    found = message({"annotations": ["a", {"type": "b"}], "audio": "c"})
    assert found.annotations == ({"unreadable": "a"}, {"type": "b"})
    assert found.audio == {"unreadable": "c"}
    assert message({"audio": {}}).audio is None


@pytest.mark.parametrize(
    ("fields", "after"),
    [
        ({"last_id": "chatcmpl-9"}, "chatcmpl-9"),
        ({"last_id": None}, "b"),
        ({"last_id": ""}, "b"),
        ({"last_id": "../x"}, "b"),
        ({"last_id": 5}, "5"),
        ({"has_more": False}, None),
        ({"has_more": "true"}, None),
        ({"has_more": 1}, None),
    ],
)
def test_the_cursor_to_the_next_page(fields, after):
    found = page({"id": "a"}, {"id": "b"}, **fields)
    assert (found.next_after, found.has_more) == (after, after is not None)


@pytest.mark.parametrize("items", [[], [{"id": None}], ["odd"], [{"id": "a b"}]])
def test_more_rows_without_a_cursor_have_none(items):
    assert (page(*items).has_more, page(*items).next_after) == (True, None)


def test_one_odd_row_does_not_cost_the_others():
    found = page({"id": "a"}, None, "x", 5, [], {"error": {"message": "half"}}, {"id": "b"})
    assert [one.id for one in found.items] == ["a", "", "", "", "", "", "b"]
    assert found.items[2].raw == {"unreadable": "x"}


def test_a_page_whose_data_is_null_is_empty():
    assert completion_page({"data": None}, b"").items == ()


def test_messages_come_in_pages_too():
    found = message_page({"data": [{"role": "user", "content": "x"}, 3]}, b"bytes")
    assert [one.role for one in found.items] == ["user", ""]
    assert found.body == b"bytes"


@pytest.mark.parametrize("data", [{}, "x", 5, False])
def test_a_page_without_a_list_is_none(data):
    with pytest.raises(WrongShape):
        completion_page({"data": data}, b"")
