"""From a sample to the documents that the API returns: the completion and its stored messages."""

import json
from dataclasses import dataclass
from random import Random
from typing import Any

from dashboard.upstream.demo.samples.dice import code
from dashboard.upstream.demo.samples.shapes import Document, Sample

_FINGERPRINTS = ("fp_560af6e559", "fp_9b1c04d7e2", "fp_44e8a0b61f")
_IMAGE_TOKENS = 255
_SAFE_INTEGER = 2**53


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the service adds to a completion: id, time, request id, seed, fingerprint."""

    id: str
    created: int
    request_id: str
    seed: int
    fingerprint: str


def new_stamp(created: int, dice: Random) -> Stamp:
    """A stamp; the seed is a signed 64-bit integer beyond 2^53, as in all 1088 recorded items."""
    seed = dice.randrange(_SAFE_INTEGER + 1, 2**63)
    return Stamp(
        id=f"chatcmpl-{code(dice, 29)}",
        created=created,
        request_id=f"req_{dice.getrandbits(128):032x}",
        seed=-seed if dice.random() < 0.5 else seed,
        fingerprint=dice.choice(_FINGERPRINTS),
    )


def completion_document(sample: Sample, stamp: Stamp) -> Document:
    """The stored completion: the 19 recorded keys in their order, then whatever the sample adds."""
    choices = sample.later() if sample.later else sample.choices
    document: Document = {
        "object": "chat.completion",
        "id": stamp.id,
        "model": sample.model,
        "created": stamp.created,
        "request_id": stamp.request_id,
        "tool_choice": None,
        "usage": sample.usage or usage(sample, choices),
        "seed": stamp.seed,
        "top_p": 1.0,
        "temperature": 1.0,
        "presence_penalty": 0.0,
        "frequency_penalty": 0.0,
        "system_fingerprint": stamp.fingerprint,
        "input_user": None,
        "service_tier": "default",
        "tools": None,
        "metadata": sample.metadata,
        "choices": [{"index": index, **_dated(choice, stamp)} for index, choice in enumerate(choices)],
        "response_format": None,
    }
    return document | sample.settings


def _dated(choice: Document, stamp: Stamp) -> Document:
    """Samples give the life of an audio answer in seconds; the document gives its end as a time."""
    audio = choice["message"].get("audio")
    if audio is None:
        return choice
    audio = {**audio, "expires_at": stamp.created + audio["expires_at"]}
    return {**choice, "message": {**choice["message"], "audio": audio}}


def stored_messages(sample: Sample, completion_id: str) -> list[Document]:
    """The request's messages: the five recorded keys, and the keys of tool calls where the role has them."""
    return [
        {
            "id": f"{completion_id}-{position}",
            "role": message["role"],
            "content": text_of(message["content"]),
            "content_parts": message["content"] if isinstance(message["content"], list) else None,
            "name": message.get("name"),
            **{key: value for key, value in message.items() if key not in ("role", "content", "name")},
        }
        for position, message in enumerate(sample.messages)
    ]


def text_of(content: Any) -> str | None:
    """The `content` of a stored message: for a list of parts their texts, joined."""
    if isinstance(content, list):
        return "".join(part["text"] or "" for part in content)
    return str(content) if content is not None else None


def usage(sample: Sample, choices: list[Document]) -> Document:
    """Plausible token counts that add up; details only for samples with a reasoning count."""
    images = sum(_images(message["content"]) for message in sample.messages) * _IMAGE_TOKENS
    asked = 3 + images + sum(4 + _tokens(text_of(message["content"])) for message in sample.messages)
    asked += sum(
        _tokens(json.dumps(sample.settings[name])) for name in ("tools", "response_format") if name in sample.settings
    )
    spoken = sum(_audio_tokens(choice) for choice in choices)
    written = sum(_answer_tokens(choice) for choice in choices)
    answered = written + spoken + (sample.reasoning or 0)
    totals: Document = {
        "total_tokens": asked + answered,
        "completion_tokens": answered,
        "prompt_tokens": asked,
    }
    if sample.reasoning is None and not spoken:
        return totals
    prompt_details = {"audio_tokens": 0, "cached_tokens": min(sample.cached, asked)}
    if images:
        prompt_details |= {"text_tokens": asked - images, "image_tokens": images}
    answer_details = {
        "reasoning_tokens": sample.reasoning or 0,
        "audio_tokens": spoken,
        "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0,
    }
    if spoken:
        answer_details |= {"text_tokens": written}
    return totals | {"prompt_tokens_details": prompt_details, "completion_tokens_details": answer_details}


def _tokens(text: str | None) -> int:
    """About four bytes a token: close enough for English, and dearer for other scripts as in life."""
    return -(-len((text or "").encode("utf-8", "surrogatepass")) // 4)


def _images(content: Any) -> int:
    return sum(part["type"] == "image_url" for part in content) if isinstance(content, list) else 0


def _answer_tokens(choice: Document) -> int:
    """The tokens of one choice: exact where there are logprobs, else counted from all its text."""
    logprobs = choice["logprobs"] or {}
    if entries := logprobs.get("content") or logprobs.get("refusal"):
        return len(entries)
    message = choice["message"]
    calls = [*(message["tool_calls"] or []), message["function_call"]]
    return _tokens(message["content"] or message.get("refusal")) + sum(
        _tokens(json.dumps(call)) for call in calls if call
    )


def _audio_tokens(choice: Document) -> int:
    """Speech is dearer than text: about four times the tokens of its transcript."""
    audio = choice["message"].get("audio")
    return 4 * _tokens(audio["transcript"]) if audio else 0
