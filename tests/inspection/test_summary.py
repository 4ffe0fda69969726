import base64
import time

import pytest

from dashboard.inspection.summary import Mark, first_line, input_line, output_text, summarise, wav_seconds
from dashboard.upstream.records import completion, message


def summary(*messages, **choice):
    return summarise(completion({"choices": [{"message": one} | choice for one in messages]}))


def marks(fields) -> list[tuple[str, str]]:
    return [(one.kind, one.label) for one in summary(fields).marks]


def wav(seconds: float, rate: int = 16_000) -> str:
    header = b"RIFF" + bytes(24) + rate.to_bytes(4, "little") + bytes(12)
    return base64.b64encode(header + bytes(int(seconds * rate))).decode()


def test_the_output_is_one_line():
    assert summary({"content": "  First\n\n line\tof it "}).output == "First line of it"


def test_without_choices_there_is_a_mark():
    assert summarise(completion({})).marks == (Mark("unreadable", "no choices"),)


@pytest.mark.parametrize("choices", [["odd"], [{"message": "odd"}], "odd"])
def test_an_unreadable_choice_is_marked(choices):
    assert Mark("unreadable", "unreadable") in summarise(completion({"choices": choices})).marks


def test_refusal_comes_before_content():
    found = summary({"content": "x", "refusal": "I cannot"})
    assert found.output == "I cannot"
    assert Mark("refusal", "refusal") in found.marks


def test_marks_of_every_kind():
    assert marks({"tool_calls": [{"function": {"name": "a" * 99}}, {}]}) == [("calls", f"ƒ {'a' * 59}…, unnamed")]
    assert marks({"audio": {"data": wav(2.2)}}) == [("audio", "♪ 2 s")]
    assert marks({"audio": {"id": "x"}}) == [("audio", "♪ audio")]
    assert marks({"annotations": [{"type": "url_citation"}]}) == [("citations", "1 citation")]
    assert marks({"annotations": [{"type": "url_citation"}] * 2 + [{"type": []}]}) == [("citations", "2 citations")]
    assert summary({}, {}, {}).marks == (Mark("choices", "×3 choices"),)


def test_finish_reasons_are_named_once():
    reasons = ["stop", None, "length", "stop", "x" * 99]
    found = summarise(completion({"choices": [{"finish_reason": one} for one in reasons]}))
    assert found.finish_reasons == ("stop", "length", "x" * 59 + "…")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"content": "a"}, "a"),
        ({"content": [{"text": "a"}, {"text": None}, {"text": "b"}]}, "ab"),
        ({"content": None, "audio": {"transcript": "spoken"}}, "spoken"),
        ({"content": "", "audio": {"transcript": "spoken"}}, "spoken"),
        ({}, ""),
    ],
)
def test_what_a_message_says(fields, said):
    assert output_text(message(fields)) == said


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("", ""),
        ("short", "short"),
        ("0123456789", "0123456789"),
        ("01234567890", "012345678…"),
        ("a" + " " * 5000 + "b", "a b"),
        (" " * 5000 + "late", "late"),
        ("one two three", "one two t…"),
        ("12345678 9 x", "12345678…"),
    ],
)
def test_a_line_is_collapsed_and_cut(content, line):
    assert first_line(content, 10) == line


def test_a_line_of_a_huge_text_is_quick():
    started = time.process_time()
    assert first_line("word " * 2_000_000, 100).endswith("…")
    assert time.process_time() - started < 0.05


@pytest.mark.parametrize(
    ("data", "seconds"),
    [(wav(0.2), 1), (wav(7), 7), ("UklGRg==", None), ("A" * 63, None), ("é" * 64, None), (None, None), (["x"], None), (base64.b64encode(b"OggS" + bytes(60)).decode(), None)],
)  # fmt: skip
def test_the_length_of_a_wav(data, seconds):
    assert wav_seconds({"data": data}) == seconds


def test_the_input_is_the_last_user_message():
    messages = [message({"role": "user", "content": one}) for one in ("first", "last")]
    assert input_line([*messages, message({"role": "tool", "content": "result"})]) == "last"


def test_without_a_user_message_the_last_one_is_named_with_its_role():
    assert input_line([message({"role": "system", "content": "Be brief"})]) == "system: Be brief"
    assert input_line([]) is None


def test_parts_without_text_are_named_once():
    parts = [{"type": "text", "text": "See"}, {"type": "image_url"}, {"type": "image_url"}, {"type": ["odd"]}]
    assert input_line([message({"role": "user", "content": parts})]) == 'See [image_url] [["odd"]]'
    assert input_line([message({"role": "user"})]) == "no text"
