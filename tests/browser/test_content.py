"""Content that attacks, garbles or breaks, in every place of a completion and in every form of its page.

The guard of `conftest.py` fails a test whose pages run a script of the content, show a dialog, ask another host, violate
the policy or log an error; `test_guard.py` proves that it sees all that.
"""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.replay.recordings import recorded_server

FORMS = (
    *("?as=text", "?as=markdown", "json/", "json/?at=/messages", "code/", "conversation.md"),
    *("logprobs/?t=2", "logprobs/?table=1", "logprobs/?field=refusal"),
)
AT_ONCE = 24
GENERATED = {
    "deep-array-100000": b"[" * 100_000 + b"]" * 100_000,
    "deep-array-900": b"[" * 900 + b"]" * 900,
    "deep-array-64": b"[" * 64 + b"]" * 64,
    "deep-in-tool-args": json.dumps("[" * 5_000).encode(),
    "wide-array-1e6": b"[" + b"0," * 999_999 + b"0]",
}


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from strings(one)


def payloads(shared, corpus: str) -> list[str]:
    cases = json.loads((shared / f"corpora/{corpus}.json").read_text("utf-8"))
    field = {"md_xss": "markdown", "unicode_display": "s"}.get(corpus)
    return [case[field] for case in cases] if field else list(dict.fromkeys(strings(cases)))


def everywhere(payload: str) -> list[dict[str, Any]]:
    """Two messages that hold it in each of their fields."""
    call = {
        "id": payload,
        "type": "function",
        "function": {"name": payload, "arguments": json.dumps({payload: payload})},
    }
    cited = {"url": payload, "title": payload, "start_index": 0, "end_index": 2}
    said = {"role": "assistant", "content": payload, "name": payload, "refusal": payload, "tool_calls": [call]}
    parts = [
        {"type": "text", "text": payload},
        {"type": payload, payload: payload},
        {"type": "image_url", "image_url": {"url": payload, "detail": payload}},
        {"type": "file", "file": {"filename": payload, "file_id": payload}},
    ]
    annotations = [{"type": "url_citation", "url_citation": cited}]
    return [
        said | {"annotations": annotations},
        {"role": payload[:40], "content": None, "content_parts": parts, "audio": {"transcript": payload}},
        {"role": "tool", "tool_call_id": payload, "content": payload},
    ]


def around(payload: str) -> dict[str, Any]:
    """A completion that holds it in each of its own fields."""
    function = {
        "name": payload,
        "description": payload,
        "parameters": {"properties": {payload: {"description": payload}}},
    }
    message = {"role": "assistant", "content": payload, "custom": payload}
    return {
        "model": payload, "request_id": payload, "system_fingerprint": payload, "input_user": payload, payload: payload,
        "metadata": {payload: payload}, "tools": [{"type": "function", "function": function}],
        "usage": {"prompt_tokens": payload, payload: payload},
        "choices": [{"index": 0, "finish_reason": payload, "message": message}],
    }  # fmt: skip


def as_tokens(payloads: list[str]) -> dict[str, Any]:
    """Logprobs that hold them in each of their fields, as text and as keys and values of an answer in JSON."""
    listed = [{"token": one, "logprob": -2, "bytes": None, one: one} for one in payloads]
    content = [one | {"logprob": -1, "top_logprobs": listed} for one in listed]
    answer = {"token": json.dumps({one: one for one in payloads}), "logprob": -0.5}
    return {"content": content, "refusal": [answer], payloads[0]: payloads}


@pytest.mark.parametrize("corpus", ["md_xss", "unicode_display", "blns"])
def test_hostile_text_is_shown_and_does_nothing(page, connected_url, upstream, shared, corpus):
    every = payloads(shared, corpus)
    assert len(every) > 40
    for start in range(0, len(every), AT_ONCE // 3):
        some = every[start : start + AT_ONCE // 3]
        document = around(some[0])
        document["choices"][0]["logprobs"] = as_tokens(some)
        path = upstream.hold(document, [message for one in some for message in everywhere(one)])
        for form in FORMS:
            assert page.goto(f"{connected_url}{path}{form}").status == 200, (form, some)


def test_hostile_text_in_the_panel_does_nothing(page, connected_url, upstream, shared):
    for payload in payloads(shared, "md_xss")[::12]:
        path = upstream.hold(around(payload), everywhere(payload))
        assert page.goto(f"{connected_url}/default/completions/?peek={path.split('/')[-2]}").status == 200
        assert page.locator("#panel h2").is_visible()


def test_odd_json_is_shown_or_told(page, connected_url, upstream, shared):
    for case in json.loads((shared / "corpora/json_extra.json").read_text("utf-8")):
        body = base64.b64decode(case["b64"]) if "b64" in case else GENERATED.get(case["name"])
        if body is None:
            continue
        inside = b'{"id": "chatcmpl-x", "choices": [{"message": {"content": "x"}}], "odd": ' + body + b"}"
        for document in (body, inside):
            path = upstream.hold(document)
            for form in ("", "json/"):
                assert page.goto(f"{connected_url}{path}{form}").status in (200, 502), case["name"]


@pytest.mark.parametrize("server", ["openai", "llamastack", "codex"])
def test_what_real_servers_sent_is_shown(page, connected_url, upstream, shared, server):
    recorded = recorded_server(shared, server)
    assert recorded.completions
    for (completion_id, _), answer in recorded.completions.items():
        pages = recorded.messages.get(completion_id, {}).values()
        messages = [one for listed in pages for one in json.loads(listed.body)["data"]]
        path = upstream.hold(answer.body, messages)
        for form in ("", "?as=markdown", "logprobs/", "json/", "code/"):
            assert page.goto(f"{connected_url}{path}{form}").status == 200, (completion_id, form)
