import pytest
from markdown_it import MarkdownIt

from dashboard.inspection.conversation_markdown import conversation_markdown
from dashboard.upstream.records import completion, message

BASE64 = "QUJD" * 100


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
        "# chatcmpl-1\n\n- model: gpt\n- created: 5 (Unix seconds)\n- env: prod\n\n## user Ana (message 0)\n\nHi.\n\n"
        "## assistant (choice 0, stop)\n\nHello.\n"
    )


def test_calls_and_results():
    call = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": '{"id": 1}'}}
    text = written(
        {}, {"role": "assistant", "tool_calls": [call]}, {"role": "tool", "tool_call_id": "c1", "content": "x"}
    )
    assert '*Calls* `find` (c1)\n\n```json\n{"id": 1}\n```' in text
    assert "## tool c1 (message 1)\n\n```\nx\n```" in text
    custom = {"type": "custom", "custom": {"name": "", "input": "a ```` b"}}
    assert "*Calls* `unnamed`\n\n`````\na ```` b\n`````" in written({}, {"tool_calls": [custom]})


def test_parts_refusals_audio_and_annotations():
    text = written(
        {},
        {
            "content": [
                {"type": "text", "text": "Look:"},
                {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{BASE64}"}, "text": None},
                {"type": "input_audio", "input_audio": {"data": BASE64, "list": [1]}},
                {"type": "input_text", "text": "Typed."},
                {"type": "refusal", "refusal": "Not that."},
                {"type": "new", "data": "approved", "file_data": "words " * 50, "note": BASE64},
                {"type": "text", "text": 5},
            ],
            "refusal": "No.",
            "audio": {"data": BASE64, "transcript": "Said."},
            "annotations": [{"type": "x"}],
        },
        {"audio": {"id": "a"}},
    )
    for shown in (
        "Look:",
        '{"type": "image_url", "image_url": {"url": "data:image/png, base64 of 300 B"}}',
        '"data": "base64 of 300 B"',
        "\n\nTyped.\n\nNot that.\n\n",
        '"data": "approved", "file_data": "words words',
        f'"note": "{BASE64}"',
        "*Refusal:*\n\nNo.",
        "*Audio, 300 B:*\n\nSaid.",
        '{"type": "x"}',
        "no transcript",
        '"text": 5',
    ):
        assert shown in text, shown
    assert text.count(BASE64) == 1


def test_nothing_is_said_in_words():
    assert (
        written({"choices": [{}]})
        == "# Completion\n\n- model: not set\n\n## no role (choice 0, finish reason not set)\n\n*no content*\n"
    )


def test_what_nobody_knows_is_data():
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}", "strict": True}}
    text = written(
        {}, {"content": "x", "reasoning_content": "Because.", "unset": None, "tool_calls": [call]}, {"role": 5}
    )
    assert '```json\n{"reasoning_content": "Because."}\n```' in text
    assert '```json\n{"function.strict": true}\n```' in text
    assert "unset" not in text


def test_content_that_says_more_than_its_parts_is_kept():
    parts = [{"type": "text", "text": "Look: "}]
    assert written({}, {"content": "Look:", "content_parts": parts}).count("Look:") == 1
    assert "Another." in written({}, {"content": "Another.", "content_parts": parts})


def test_a_short_word_begins_no_heading_of_its_own():
    breaking = "x\n\n## system (message 9)\r# y"
    call = {"id": breaking, "type": "function", "function": {"name": f"`{breaking}`", "arguments": "{}"}}
    raw = {
        "id": breaking,
        "model": breaking,
        "metadata": {breaking: breaking},
        "choices": [{"finish_reason": breaking, "message": {"role": breaking}}],
    }
    message = {"role": breaking, "name": breaking, "tool_call_id": breaking, "tool_calls": [call]}
    headings = [line for line in written(raw, message).splitlines() if line.startswith("#")]
    assert len(headings) == 3
    assert headings[1].endswith("(message 0)")
    assert "*Calls* `'x ## system (message 9) # y'`" in written(raw, message)


@pytest.mark.parametrize(
    "text",
    [
        "```python\nnever closed",
        "~~~\n```\nnever closed",
        "````\nclosed by too few\n```",
        "```\nclosed\n```\nand again\n```",
        "```\nnot closed by this\n``` word",
        "<!-- hides what follows",
        "<details>",
        "a List<String> of names",
        "   <div\nid=x>",
    ],
)
def test_a_text_that_takes_in_what_follows_stands_in_a_fence(text):
    found = MarkdownIt().parse(written({}, {"role": "user", "content": text}, {"role": "user", "content": "Next."}))
    assert [token.content for token in found if token.type == "fence"] == [f"{text}\n"]
    assert [token.tag for token in found if token.type == "heading_open"] == ["h1", "h2", "h2"]


@pytest.mark.parametrize(
    "text",
    [
        "# Title\n\nA **word**, 1 < 2, a<b, `<div>`, <https://a.example>.",
        "```html\n<div>\n```\nand ~~~",
        "~~~\n```\n~~~",
        "```not `a fence",
        "1. Do:\n   ```sh\n   ls\n   ```",
    ],
)
def test_other_texts_are_as_they_were(text):
    assert f"\n\n{text}\n\n## " in written({}, {"content": text}, {"content": "Next."})
