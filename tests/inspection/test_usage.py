import pytest

from dashboard.inspection.usage import Part, usage_bars
from dashboard.upstream.records import Verbatim

FULL = {
    "total_tokens": 2432,
    "prompt_tokens": 2210,
    "completion_tokens": 222,
    "prompt_tokens_details": {"cached_tokens": 1792, "audio_tokens": 0},
    "completion_tokens_details": {
        "reasoning_tokens": 64,
        "audio_tokens": 0,
        "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0,
    },
}


def test_a_bar_shows_its_parts_and_what_is_left():
    prompt, answer = usage_bars(FULL).bars
    assert [(one.label, one.value, one.percent, one.colour) for one in prompt.parts] == [
        ("cached", 1792, "81%", "1"),
        ("not cached", 418, "19%", "2"),
    ]
    assert [(one.label, one.value) for one in answer.parts] == [("reasoning", 64), ("text", 158)]
    assert (prompt.parts[0].x, prompt.parts[0].width, prompt.parts[1].x, prompt.parts[1].width) == (
        "0.00",
        "80.59",
        "81.09",
        "18.91",
    )
    assert prompt.words == "Prompt: 2,210 tokens, 1,792 cached, 418 not cached"
    assert usage_bars(FULL).others == (Part("Total", 2432),)


def test_without_details_the_bar_is_whole():
    (bar,) = usage_bars({"prompt_tokens": 7}).bars
    assert [(one.label, one.percent, one.width) for one in bar.parts] == [("not cached", "100%", "100.00")]
    assert bar.drawn


def test_every_kind_of_detail_has_its_place():
    details = {"audio_tokens": 10, "rejected_prediction_tokens": 5, "reasoning_tokens": 20, "novel_tokens": 1}
    (bar,) = usage_bars({"completion_tokens": 1000, "completion_tokens_details": details}).bars
    assert [(one.label, one.colour) for one in bar.parts] == [
        ("audio", "0"),
        ("rejected prediction", "0"),
        ("reasoning", "3"),
        ("novel", "0"),
        ("text", "4"),
    ]
    assert bar.parts[3].percent == "<1%"


def test_details_by_kind_are_numbers_without_a_part_of_the_bar():
    details = {"cached_tokens": 60, "text_tokens": 90, "image_tokens": 10, "cache_write_tokens": 40}
    (bar,) = usage_bars({"prompt_tokens": 100, "prompt_tokens_details": details}).bars
    assert [(one.label, one.value, bool(one.width)) for one in bar.parts] == [
        ("cached", 60, True),
        ("not cached", 40, True),
        ("text", 90, False),
        ("image", 10, False),
        ("cache write", 40, False),
    ]


def test_a_rest_that_the_server_counts_too_is_said_once():
    details = {"reasoning_tokens": 20, "text_tokens": 80}
    (bar,) = usage_bars({"completion_tokens": 100, "completion_tokens_details": details}).bars
    assert [(one.label, one.value) for one in bar.parts] == [("reasoning", 20), ("text", 80)]
    details["text_tokens"] = 70
    (bar,) = usage_bars({"completion_tokens": 100, "completion_tokens_details": details}).bars
    assert [(one.label, one.value) for one in bar.parts] == [("reasoning", 20), ("text", 80), ("text", 70)]


def test_hardly_any_is_not_none_and_nearly_all_is_not_all():
    (bar,) = usage_bars({"prompt_tokens": 10_000, "prompt_tokens_details": {"cached_tokens": 9_999}}).bars
    assert [one.percent for one in bar.parts] == [">99%", "<1%"]


def test_numbers_of_any_length_raise_nothing():
    long = 10**399
    details = {"cached_tokens": long - 1, "audio_tokens": Verbatim("1e999")}
    (bar,) = usage_bars({"prompt_tokens": long, "prompt_tokens_details": details}).bars
    assert (bar.drawn, [one.value for one in bar.parts]) == (True, [long - 1, 1, "1e999"])
    assert usage_bars({"prompt_tokens": Verbatim("9" * 5000)}).bars[0].total == "9" * 5000


def test_parts_that_are_all_leave_nothing_over():
    (bar,) = usage_bars({"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": 5}}).bars
    assert [one.label for one in bar.parts] == ["cached"]


def test_details_that_are_more_than_their_total_are_told():
    (bar,) = usage_bars({"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": 9}}).bars
    assert (bar.drawn, bar.fault) == (False, "The details add up to more than the total.")
    assert [(one.label, one.value) for one in bar.parts] == [("cached", 9)]


@pytest.mark.parametrize("total", [None, "five", 0, -1, True, 1.5])
def test_a_total_that_is_no_number_is_shown_without_a_bar(total):
    (bar,) = usage_bars({"completion_tokens": total, "completion_tokens_details": {"reasoning_tokens": 4}}).bars
    assert not bar.drawn
    assert bar.total == (total if total is None or type(total) is int else str(total).lower())
    assert bar.parts[0].value == 4


@pytest.mark.parametrize(
    ("details", "parts"),
    [
        ("odd", [("details", "odd")]),
        ({"x_tokens": None}, [("x", None)]),
        ({"cached_tokens": "a"}, [("cached", "a")]),
        ({"cached_tokens": -3}, [("cached", -3)]),
    ],
)
def test_odd_details_are_shown(details, parts):
    (bar,) = usage_bars({"prompt_tokens_details": details}).bars
    assert [(one.label, one.value) for one in bar.parts] == parts
    (bar,) = usage_bars({"prompt_tokens": 5, "prompt_tokens_details": details}).bars
    assert parts[0] in [(one.label, one.value) for one in bar.parts]


def test_details_that_are_null_are_none():
    (bar,) = usage_bars({"prompt_tokens_details": None}).bars
    assert bar.parts == ()


def test_counts_that_nobody_knows_are_shown():
    assert usage_bars({"cost": {"usd": 1.5}, "total_tokens": None}).others == (
        Part("cost", '{"usd": 1.5}'),
        Part("Total", None),
    )
    assert usage_bars({}).bars == ()
