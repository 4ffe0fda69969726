import base64
import contextlib
import gc
import json
import random
import time
import tracemalloc
from contextlib import suppress

import pytest

from dashboard.inspection.properties import other_blocks
from dashboard.inspection.summary import summarise
from dashboard.upstream.decode import DEEPEST, decode
from dashboard.upstream.errors import NotJson, UpstreamError
from dashboard.upstream.records import RepeatedKeys, Verbatim, completion, completion_page, message


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 401, "7" * 5000])
def test_numbers_that_python_cannot_hold_stay_as_they_were_written(number):
    value = decode(f'{{"x": {number}}}'.encode())["x"]
    assert isinstance(value, Verbatim)
    assert value == number


@pytest.mark.parametrize(
    ("written", "value"),
    [("9007199254740993", 9007199254740993), ("-0.5", -0.5), ("1e3", 1000.0), ("9" * 400, int("9" * 400))],
)
def test_other_numbers_are_numbers(written, value):
    found = decode(f"[{written}]".encode())[0]
    assert found == value
    assert type(found) is type(value)


def test_a_byte_order_mark_is_skipped():
    assert decode(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_the_last_of_two_equal_keys_wins():
    assert decode(b'{"id": "a", "id": "b"}') == {"id": "b"}


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (r'"a\ud800b"', r"a\ud800b"),
        (r'"\udc00"', r"\udc00"),
        (r'"\uD83D"', r"\ud83d"),
        (r'"\ud83d\ude00"', "\U0001f600"),
        (r'"\\ud83d\ude00"', r"\ud83d" + r"\ude00"),
        (r'"\\\ud83d\ude00"', "\\\U0001f600"),
        (r'"\ude00\ud83d"', r"\ude00\ud83d"),
        (r'"\u0000"', "\0"),
    ],
)
def test_lone_surrogates_become_visible_and_pairs_stay(written, shown):
    assert decode(written.encode()) == shown


def test_lone_surrogates_are_found_in_keys_and_at_any_depth():
    assert decode(rb'{"a\ud800": [{"b": "\udfff", "n": NaN, "t": true}]}') == {
        "a\\ud800": [{"b": "\\udfff", "n": "NaN", "t": True}]
    }


def test_no_surrogate_survives_any_mixture_of_escapes():
    dice = random.Random(4)
    atoms = [r"\\", r"\ud83d", r"\ude00", r"\uDBFF", r"\uDFFF", "a", r"\"", "ud83d", r"A", "é"]
    for _ in range(20_000):
        decode(f'"{"".join(dice.choices(atoms, k=dice.randint(1, 7)))}"'.encode()).encode()


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


def test_what_is_not_too_deep_stays_a_value():
    assert json.dumps(decode(nested(DEEPEST).encode())) == nested(DEEPEST)


@pytest.mark.parametrize("levels", [DEEPEST + 1, 900, 5_000, 100_000])
def test_what_is_too_deep_is_kept_as_text_and_the_rest_is_whole(levels):
    deep = nested(levels - 1)
    document = decode(f'{{"before": "[{{", "deep": {deep}, "after": [1, {{"x": "]"}}]}}'.encode())
    assert (document["before"], document["after"]) == ("[{", [1, {"x": "]"}])
    value, depth = document["deep"], 1
    while isinstance(value, list):
        value, depth = value[0], depth + 1
    assert depth == DEEPEST
    assert value == nested(levels - DEEPEST)


def test_two_deep_parts_are_both_kept():
    document = decode(f'[{nested(100)}, "between", {{"k": {nested(2000)}}}]'.encode())
    assert document[1] == "between"
    assert json.dumps(document).count("[") == 100 + 2000 + 1


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "[" * 100_000 + '"', "[" * 100_000 + r"\"" * 300_000, "[" * 2000 + '"\\', '{"a":' * 50_000]
)
def test_a_deep_document_that_is_not_closed_is_refused_quickly(text):
    started = time.process_time()
    with pytest.raises(NotJson):
        decode(text.encode())
    assert time.process_time() - started < 2


@pytest.mark.parametrize("was_on", [True, False])
@pytest.mark.parametrize("body", [b"{}", b"{"])
def test_the_collector_is_left_as_it_was(was_on, body):
    try:
        (gc.enable if was_on else gc.disable)()
        with contextlib.suppress(NotJson):
            decode(body)
        assert gc.isenabled() is was_on
    finally:
        gc.enable()


def test_a_large_document_costs_a_bounded_amount_of_memory():
    rows = [{"id": f"chatcmpl-{n}", "content": "x" * 40, "logprob": -0.25, "bytes": [1, 2]} for n in range(50_000)]
    body = json.dumps(rows).encode()
    del rows
    tracemalloc.start()
    decode(body)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 * len(body)


def test_the_odd_documents_of_the_list_cost_nothing_but_themselves(shared):
    cases = json.loads((shared / "corpora/json_extra.json").read_text("utf-8"))
    for case in [case for case in cases if "b64" in case]:
        with suppress(UpstreamError):
            document = decode(base64.b64decode(case["b64"]))
            for one in (
                completion({"x": document} | (document if isinstance(document, dict) else {})),
                *rows(document),
            ):
                summarise(one)
                other_blocks(one)


def rows(document):
    return completion_page({"data": [document]}, b"").items + completion_page(document, b"").items


def test_every_string_of_the_list_can_be_encoded(shared):
    for case in json.loads((shared / "corpora/unicode_display.json").read_text("utf-8")):
        document = decode(json.dumps({"id": "a", "choices": [{"message": {"content": case["s"]}}]}).encode())
        summarise(completion(document)).output.encode()


def test_tokens_of_every_kind_are_carried_along(shared):
    tokens = json.loads((shared / "corpora/logprob_tokens.json").read_text("utf-8"))
    document = decode(json.dumps({"choices": [{"logprobs": {"content": tokens}}]}).encode())
    assert len(completion(document).choices[0].raw["logprobs"]["content"]) == len(tokens)
    message(document)


def test_repeated_keys_are_kept_where_they_are_asked_for():
    body = b'{"a": {"b": 1, "b": "\\ud800"}, "c": 2}'
    assert decode(body) == {"a": {"b": "\\ud800"}, "c": 2}
    inside = decode(body, keep_repeated=True)["a"]
    assert isinstance(inside, RepeatedKeys)
    assert inside.pairs == [("b", 1), ("b", "\\ud800")]
    assert inside == {"b": "\\ud800"}


def test_depth_is_cut_behind_a_repeated_key_too():
    deep = b"[" * 100 + b"]" * 100
    found = decode(b'{"a": ' + deep + b', "a": 1}', keep_repeated=True)
    for _ in range(DEEPEST - 1):
        found = found.pairs[0][1] if isinstance(found, RepeatedKeys) else found[0]
    assert isinstance(found[0], str)
