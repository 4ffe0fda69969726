from dashboard.inspection.conversation_markdown import conversation_markdown
from dashboard.upstream.records import completion, message


def written(raw: dict, *messages: dict) -> str:
    return conversation_markdown(completion(raw), [message(one) for one in messages])


def test_a_conversation_has_a_heading_for_each_message():
    raw = {
        "id": "chatcmpl-1",
        "model": "gpt",
        "created": 5,
        "metadata": {"env": "prod"},
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hello."}}],
    }
    assert written(raw, {"role": "user", "name": "Ana", "content": "Hi."}) == (
        "# chatcmpl-1\n\n- model: gpt\n- created: 5 (Unix seconds)\n- env: prod\n\n## user Ana (message 0)\n\nHi.\n\n\n"
        "## assistant (choice 0, stop)\n\nHello.\n\n"
    )


def test_calls_and_results():
    call = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": '{"id": 1}'}}
    text = written(
        {}, {"role": "assistant", "tool_calls": [call]}, {"role": "tool", "tool_call_id": "c1", "content": "x"}
    )
    assert '*Calls* `find` (c1)\n\n```json\n{"id": 1}\n```' in text
    assert "## tool c1 (message 1)" in text
    custom = {"type": "custom", "custom": {"name": "", "input": "a ```` b"}}
    assert "*Calls* `unnamed`\n\n`````\na ```` b\n`````" in written({}, {"tool_calls": [custom]})


def test_parts_refusals_audio_and_annotations():
    text = written(
        {},
        {
            "content": [
                {"type": "text", "text": "Look:"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}},
                {"type": "input_audio", "input_audio": {"data": "QUJD", "list": [1]}},
                {"type": "text", "text": 5},
            ],
            "refusal": "No.",
            "audio": {"data": "QUJD", "transcript": "Said."},
            "annotations": [{"type": "x"}],
        },
        {"audio": {"id": "a"}},
    )
    for shown in (
        "Look:",
        "data:image/png, base64 of 3 B",
        '"data": "base64 of 3 B"',
        "*Refusal:* No.",
        "*Audio, 3 B:* Said.",
        '{"type": "x"}',
        "no transcript",
        '"text": 5',
    ):
        assert shown in text, shown
    assert "QUJD" not in text


def test_nothing_is_said_in_words():
    assert (
        written({"choices": [{}]})
        == "# Completion\n\n- model: not set\n\n## no role (choice 0, finish reason not set)\n\n*no content*\n\n"
    )
