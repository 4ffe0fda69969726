import json

import pytest

from dashboard.inspection.visible import visible


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("a\0b\x1b[0m", "a␀b␛[0m"),
        ("\x7f\x85\x9f", "␡‹U+0085›‹U+009F›"),
        ("abc\u202egnp.exe", "abc‹U+202E›gnp.exe"),
        ("\u061c\u200e\u2066\u2069", "‹U+061C›‹U+200E›‹U+2066›‹U+2069›"),
        ("pass\u200bword\u200c\u200d\u2060\ufeff", "pass‹U+200B›word‹U+200C›‹U+200D›‹U+2060›‹U+FEFF›"),
        ("\u200dx", "‹U+200D›x"),
        ("se\u00adcret", "se‹U+00AD›cret"),
        ("hi\U000e0069\U000e0067", "hi‹U+E0069›‹U+E0067›"),
        ("x\U000e0100", "x‹U+E0100›"),
        ("a\u2028b\u3164", "a‹U+2028›b‹U+3164›"),
        ("over\rwrite", "over␍write"),
        ("\U0001f3f4\U000e0069\U000e0067\U000e006e\U000e007f", "\U0001f3f4‹U+E0069›‹U+E0067›‹U+E006E›‹U+E007F›"),
    ],
)
def test_what_hides_is_shown(hidden, shown):
    assert visible(hidden) == shown


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "tab\tline\nwindows\r\n",
        "مرحبا hello 123",
        "می‌خواهم",
        "क्‍ष",
        "👨‍👩‍👧 ❤️",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "葛\U000e0100飾区",
        "日本語のテキスト",
        "",
    ],
)
def test_what_people_write_stays_as_it_is(text):
    assert visible(text) == text


def test_every_string_of_the_list_loses_what_reorders_or_ends_text(shared):
    for case in json.loads((shared / "corpora/unicode_display.json").read_text("utf-8")):
        shown = visible(case["s"])
        assert not set(shown) & {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A)), "\0", "\u200b"}
