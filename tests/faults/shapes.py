"""Completions and messages of which one field is missing, null, of another type, out of range, or new."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from tests.faults.server import Behave, Visit, answers
from tests.stub_upstream import Document, Reply, page, question, reply, stored

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SVG = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(2)</script></svg>"


@dataclass(frozen=True)
class Shape:
    """`words` must be readable on the page of the completion, `row_words` in the list."""

    row: object
    messages: list[Document] = field(default_factory=lambda: [question()])
    words: tuple[str, ...] = ()
    row_words: tuple[str, ...] = ()
    messages_fail: int = 0


def message(**fields: object) -> Document:
    """A completion whose answer has these fields."""
    said = {"role": "assistant", "content": "Answer 1", "tool_calls": None} | fields
    return stored(choices=[{"index": 0, "message": said, "finish_reason": "stop", "logprobs": None}])


def choice(**fields: object) -> Document:
    said = {"role": "assistant", "content": "Answer 1"}
    return stored(choices=[{"index": 0, "message": said, "finish_reason": "stop", "logprobs": None} | fields])


def without(*names: str) -> Document:
    return {name: value for name, value in stored().items() if name not in names}


def calls(*calls: object) -> Document:
    return message(content=None, tool_calls=list(calls))


def called(**fields: object) -> Document:
    return {"id": "call_1", "type": "function", "function": {"name": "look_up", "arguments": "{}"}} | fields


def token(**fields: object) -> Document:
    return choice(logprobs={"content": [{"token": "Ans", "logprob": -0.5, "bytes": None, "top_logprobs": []} | fields]})


def asked(*parts: object) -> list[Document]:
    return [question(content=None, content_parts=list(parts))]


def cited(**place: object) -> Document:
    source = {"url": "https://example.org/", "title": "A source", **place}
    return message(annotations=[{"type": "url_citation", "url_citation": source}])


def image(url: object) -> list[Document]:
    return asked({"type": "image_url", "image_url": {"url": url}})


NO_CHOICES = ("The API sent no choices",)
CATALOGUED = {
    "missing-id": Shape(without("id"), words=("Answer 1",), row_words=("Answer 1",)),
    "id-not-string": Shape(stored(id=5), row_words=("Answer 1",)),
    "id-hostile": Shape(stored(id="../../x<script>alert(1)</script>"), row_words=("Answer 1",)),
    "created-null": Shape(stored(created=None), row_words=("No date",)),
    "created-huge": Shape(stored(created=1e20), row_words=("No date",)),
    "created-negative": Shape(stored(created=-1), row_words=("No date",)),
    "choices-missing": Shape(without("choices"), words=NO_CHOICES, row_words=("no choices",)),
    "choices-null": Shape(stored(choices=None), words=NO_CHOICES, row_words=("no choices",)),
    "choices-empty": Shape(stored(choices=[]), words=NO_CHOICES, row_words=("no choices",)),
    "message-null": Shape(choice(message=None)),
    "content-null": Shape(message(content=None)),
    "content-list": Shape(message(content=[{"type": "text", "text": "In parts"}]), words=("In parts",)),
    "role-unknown": Shape(message(role="developer2"), [question(role="developer2")], words=("developer2",)),
    "finish-unknown": Shape(choice(finish_reason="new_value"), words=("new_value",), row_words=("new_value",)),
    "tool-args-bad-json": Shape(
        calls(called(function={"name": "look_up", "arguments": '{"a": '})), words=("look_up", '{"a":')
    ),
    "tool-type-unknown": Shape(
        calls(called(type="brand_new", brand_new={"name": "dig", "input": "x"})), words=("dig",)
    ),
    "refusal": Shape(message(content=None, refusal="I cannot say."), words=("I cannot say.",)),
    "usage-negative": Shape(stored(usage={"prompt_tokens": -5, "completion_tokens": -1})),
    "usage-string": Shape(stored(usage={"prompt_tokens": "many", "completion_tokens": "7"})),
    "metadata-null": Shape(stored(metadata=None)),
    "metadata-odd-values": Shape(stored(metadata={"n": 5, "deep": {"a": [1]}, "null": None}), row_words=("deep",)),
    "logprobs-invalid-bytes": Shape(token(bytes=[255, 254, 300, -1, "x"])),
    "logprobs-mismatch": Shape(token(bytes=[66, 67])),
    "annotations-range": Shape(cited(start_index=50, end_index=-3), words=("A source",)),
    "image-remote": Shape(stored(), image("https://example.org/spy.png"), words=("example.org/spy.png",)),
    "image-svg-data": Shape(stored(), image(SVG)),
    "extra-fields": Shape(stored(brand_new={"deep": ["kept"]}), words=("brand_new", "kept")),
    "object-unknown": Shape(stored(object="chat.completion.v2")),
    "messages-empty": Shape(stored(), [], words=("no input messages",)),
}
OF_OUR_OWN = {
    "id-empty": Shape(stored(id=""), row_words=("Answer 1",)),
    "id-long": Shape(stored(id="c" * 500), row_words=("Answer 1",)),
    "id-spaces": Shape(stored(id="chatcmpl 1\n"), row_words=("Answer 1",)),
    "row-null": Shape(None),
    "row-text": Shape("only a text"),
    "row-list": Shape([1, 2]),
    "row-empty": Shape({}),
    "row-error": Shape({"error": {"message": "A row that broke"}}),
    "created-text": Shape(stored(created="yesterday"), row_words=("No date",)),
    "created-float": Shape(stored(created=1_795_372_571.75), row_words=("Answer 1",)),
    "created-true": Shape(stored(created=True), row_words=("No date",)),
    "created-list": Shape(stored(created=[1]), row_words=("No date",)),
    "model-null": Shape(stored(model=None), row_words=("Answer 1",)),
    "model-number": Shape(stored(model=4.5), row_words=("4.5",)),
    "model-script": Shape(stored(model="<script>alert(1)</script>"), words=("<script>alert(1)</script>",)),
    "model-long": Shape(stored(model="m" * 100_000)),
    "choices-object": Shape(stored(choices={"message": {"content": "Alone"}})),
    "choices-text": Shape(stored(choices="none")),
    "choices-odd": Shape(stored(choices=[None, 5, "text", [], {}])),
    "choices-500": Shape(stored(choices=[{"index": n, "message": {"content": f"Choice {n}"}} for n in range(500)])),
    "index-missing": Shape(stored(choices=[{"message": {"content": "No index"}}]), words=("No index",)),
    "index-twice": Shape(stored(choices=[{"index": 0, "message": {"content": one}} for one in ("First", "Second")])),
    "message-text": Shape(choice(message="a bare text")),
    "message-missing": Shape(stored(choices=[{"index": 0, "finish_reason": "stop"}])),
    "content-number": Shape(message(content=42), words=("42",)),
    "content-object": Shape(message(content={"a": "held"}), words=("held",)),
    "content-blank": Shape(message(content="   \n")),
    "content-odd-parts": Shape(message(content=[None, 5, "bare", {"type": None}, {"type": "text", "text": 7}, []])),
    "role-null": Shape(message(role=None), [question(role=None)]),  # type: ignore[arg-type]
    "role-object": Shape(message(role={"a": 1})),
    "finish-null": Shape(choice(finish_reason=None)),
    "finish-object": Shape(choice(finish_reason={"type": "odd"})),
    "tool-calls-object": Shape(message(tool_calls=called())),
    "tool-calls-odd": Shape(calls(None, 5, {}, called(function=None), called(function="text"), called(id=7))),
    "tool-args-object": Shape(calls(called(function={"name": "look_up", "arguments": {"a": "held"}})), words=("held",)),
    "tool-args-null": Shape(calls(called(function={"name": None, "arguments": None}))),
    "tool-custom": Shape(
        calls({"id": "c", "type": "custom", "custom": {"name": "dig", "input": "deep"}}), words=("dig",)
    ),
    "function-call-text": Shape(message(content=None, function_call="old")),
    "tool-answer-unasked": Shape(stored(), [question(role="tool", tool_call_id="call_nowhere")]),
    "refusal-number": Shape(message(content=None, refusal=5)),
    "usage-null": Shape(stored(usage=None)),
    "usage-list": Shape(stored(usage=[1, 2])),
    "usage-float": Shape(stored(usage={"prompt_tokens": 1.5, "completion_tokens": True})),
    "usage-huge": Shape(stored(usage={"prompt_tokens": 10**300, "completion_tokens": 10**18})),
    "usage-details-odd": Shape(stored(usage={"prompt_tokens": 5, "prompt_tokens_details": "x", "new": {"a": None}})),
    "usage-sum-wrong": Shape(stored(usage={"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 1})),
    "metadata-list": Shape(stored(metadata=["a", "b"])),
    "metadata-text": Shape(stored(metadata="env=prod")),
    "metadata-hostile": Shape(stored(metadata={"<b>": "<script>", "": "", "a[b]&c=d": "é" * 600, "__proto__": "x"})),
    "metadata-many": Shape(stored(metadata={f"key-{n}": "v" for n in range(2_000)})),
    "logprobs-text": Shape(choice(logprobs="none")),
    "logprobs-list": Shape(choice(logprobs=[1])),
    "logprobs-content-null": Shape(choice(logprobs={"content": None, "refusal": None})),
    "logprobs-odd-tokens": Shape(choice(logprobs={"content": [None, 5, "x", {}, []]})),
    "logprobs-values-odd": Shape(token(logprob="low", top_logprobs=None, token=5)),
    "logprobs-positive": Shape(token(logprob=3.5)),
    "logprobs-top-odd": Shape(token(top_logprobs=[None, {"token": None}, {"logprob": -9999}, "x"])),
    "annotations-odd": Shape(message(annotations=[None, "x", {"type": "new"}, {"type": "url_citation"}])),
    "annotations-text": Shape(message(annotations="none")),
    "annotations-script": Shape(cited(url="javascript:alert(1)", start_index=0, end_index=3)),
    "audio-text": Shape(message(audio="none")),
    "audio-damaged": Shape(message(content=None, audio={"id": "a", "data": "!!not base64!!", "transcript": "Heard"})),
    "image-damaged": Shape(stored(), image("data:image/png;base64,!!!")),
    "image-not-text": Shape(stored(), image({"url": 5})),
    "image-null": Shape(stored(), asked({"type": "image_url", "image_url": None})),
    "image-file-address": Shape(stored(), image("file:///etc/passwd")),
    "image-sound": Shape(stored(), image(f"data:image/png;base64,{PIXEL}")),
    "part-unknown": Shape(stored(), asked({"type": "hologram", "hologram": {"depth": "held"}}), words=("held",)),
    "part-file-odd": Shape(stored(), asked({"type": "file", "file": {"file_data": 5}}, {"type": "file"})),
    "tools-odd": Shape(stored(tools=[None, {"type": "function"}, {"function": {"parameters": 5}}, "x"])),
    "tools-object": Shape(stored(tools={"a": 1})),
    "response-format-odd": Shape(stored(response_format={"type": "json_schema", "json_schema": {"schema": [1]}})),
    "response-schema-loop": Shape(
        stored(response_format={"type": "json_schema", "json_schema": {"schema": {"$ref": "#"}}}),
    ),
    "input-messages-odd": Shape(stored(input_messages=[None, "x", {"role": 5}])),
    "messages-odd": Shape(stored(), [None, "x", 5, {}, []]),  # type: ignore[list-item]
    "messages-same-id": Shape(stored(), [question(0), question(0)]),
    "messages-500": Shape(stored(), words=("Input messages are missing here", "Answer 1"), messages_fail=500),
    "messages-404": Shape(stored(), words=("does not offer input messages", "Answer 1"), messages_fail=404),
}
SHAPES = {f"shape-{name}": shape for name, shape in {**CATALOGUED, **OF_OUR_OWN}.items()}


def behave_as(shape: Shape) -> Behave:
    """The damaged row with a good one behind it in the list, and alone at its address."""

    def answer(visit: Visit) -> Reply:
        if visit.path.endswith("/messages"):
            if shape.messages_fail:
                return reply({"error": "nothing here"}, shape.messages_fail)
            return page([], data=shape.messages)
        return page([], data=[shape.row, stored(2)]) if visit.path == "/chat/completions" else reply(shape.row)

    return answers(answer)


def body_of(shape: Shape) -> bytes:
    """The bytes at the address of the completion."""
    return json.dumps(shape.row).encode()


def many_messages(visit: Visit) -> Reply:
    """5,000 of them, 20 a page whatever was asked for."""
    if not visit.path.endswith("/messages"):
        return page([stored(1), stored(2)]) if visit.path == "/chat/completions" else reply(stored(1))
    start = int(visit.query.get("after", "").rpartition("-")[2] or -1) + 1
    return page([question(number) for number in range(start, start + 20)], has_more=start + 20 < 5_000)


def stuck_messages(visit: Visit) -> Reply:
    if not visit.path.endswith("/messages"):
        return reply(stored(1))
    return page([question(0), question(1)], has_more=True)
