"""The documents that the completion and the logprobs page are measured with: bodies of the API, always the same."""

from __future__ import annotations

import json
from random import Random
from typing import Any

ID = "chatcmpl-bench"
TOKENS, ALTERNATIVES = 16_000, 20

Bodies = tuple[bytes, bytes]
"""Of the completion and of its messages."""


def completions() -> dict[str, Bodies]:
    """By a name that says what is in it."""
    lines = "A line of a long prompt, as people write them.\n" * 42_000
    token = {"token": " the", "logprob": -0.12, "bytes": [32, 116, 104, 101]}
    tokens = [token | {"top_logprobs": [token | {"logprob": -1.2 - n} for n in range(20)]}] * 13_500
    return {
        "small": (_completion(), messages(["Where is my order?"])),
        "100 messages": (_completion(), messages(["A message of some length. " * 60] * 100)),
        "prompt of 2 MB": (_completion(), messages([lines])),
        "19 MB of logprobs": (_completion({"content": tokens, "refusal": None}), messages(["Why?"])),
    }


def with_logprobs() -> Bodies:
    """Three quarters of the tokens nearly certain, and few words frequent, as in life."""
    dice = Random(7)
    vocabulary = ["".join(dice.choices("etaoinshrdlu", k=dice.randint(2, 6))) for _ in range(2_000)]
    words = dice.choices(vocabulary, [1 / (place + 1) for place in range(2_000)], k=50_000)

    def entry(word: str, logprob: float) -> dict[str, Any]:
        return {"token": f" {word}", "logprob": round(logprob, 7), "bytes": list(f" {word}".encode())}

    content = []
    for _ in range(TOKENS):
        logprob = -dice.random() * (0.1 if dice.random() < 0.75 else 2.5)
        chosen = entry(dice.choice(words), logprob)
        others = [entry(dice.choice(words), -1 - 12 * dice.random()) for _ in range(ALTERNATIVES - 1)]
        content.append(chosen | {"top_logprobs": [chosen, *others]})
    message = {"role": "assistant", "content": "".join(one["token"] for one in content)}
    choice = {"index": 0, "message": message, "logprobs": {"content": content, "refusal": None}}
    document = {"id": ID, "created": 1_795_372_571, "choices": [choice]}
    return json.dumps(document).encode(), messages(["Write a long text."])


def messages(texts: list[str]) -> bytes:
    listed = [{"id": f"m-{n}", "role": "user", "content": text} for n, text in enumerate(texts)]
    return json.dumps({"object": "list", "data": listed, "has_more": False}).encode()


def _completion(logprobs: Any = None) -> bytes:
    message = {"role": "assistant", "content": "It left this morning. " * 40}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": logprobs}
    usage = {"prompt_tokens": 900, "completion_tokens": 200, "total_tokens": 1100}
    return json.dumps({"id": ID, "created": 1_795_372_571, "choices": [choice], "usage": usage}).encode()
