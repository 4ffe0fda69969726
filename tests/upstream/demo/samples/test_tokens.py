import math
from typing import Any

import pytest

from dashboard.upstream.demo.samples.dice import seeded
from dashboard.upstream.demo.samples.tokens import entries, logprobs, split, written

TEXTS = (
    "Plain words, 12345 numbers and  double  blanks.",
    "def f(x):\n\treturn x_1 != None  # ½ off\r\n\n",
    "👩‍👩‍👧‍👦 🎉 日本語のテキスト नमस्ते مرحبا naïve",
    "",
    "\u202e\x00_-_",
)


@pytest.mark.parametrize("text", TEXTS)
def test_the_pieces_join_to_the_text(text):
    assert b"".join(split(text)).decode() == text
    assert all(split(text))


def test_an_emoji_falls_into_two_tokens():
    assert split(" 🎉") == [b" \xf0\x9f\x8e", b"\x89"]
    assert [written(piece) for piece in split("🎉")] == ["\\xf0\\x9f\\x8e", "\\x89"]


@pytest.mark.parametrize("alternatives", [0, 1, 2, 5, 20])
def test_every_token_has_as_many_alternatives_as_asked_for(alternatives):
    found = entries("Yes, the lamp is blue.", seeded("test"), alternatives)
    assert [len(entry["top_logprobs"]) for entry in found] == [alternatives] * len(found)


def test_alternatives_differ_and_are_probabilities_in_falling_order():
    for entry in entries("It is likely to be back on Tuesday 🎉.", seeded("test"), 20):
        tokens = [other["token"] for other in entry["top_logprobs"]]
        chances = [other["logprob"] for other in entry["top_logprobs"]]
        assert len(set(tokens)) == len(tokens)
        assert entry["token"] in tokens
        assert chances == sorted(chances, reverse=True)
        assert sum(math.exp(chance) for chance in chances) <= 1.001


def test_named_rivals_come_with_the_space_of_their_token():
    found = entries("priority: high", seeded("test"), 4, {"high": ["low", "medium"]})
    tokens: list[Any] = [other["token"] for other in found[-1]["top_logprobs"]]
    assert {" high", " low", " medium"} < set(tokens)


def test_logprobs_have_a_list_for_content_and_none_for_refusal():
    found = logprobs("Hello", seeded("test"))
    assert [entry["token"] for entry in found["content"]] == ["Hello"]
    assert found["refusal"] is None
