from dashboard.upstream.demo.samples.dice import seeded
from dashboard.upstream.demo.samples.documents import completion_document, new_stamp, stored_messages, text_of
from dashboard.upstream.demo.samples.shapes import Sample, assistant, call, image, part, reply, result, user

DICE = seeded("test")
STAMP = new_stamp(1_790_000_000, DICE)


def test_a_stored_message_has_the_five_recorded_keys():
    [message] = stored_messages(Sample([user("Hi", name="amara")], []), "chatcmpl-1")
    assert message == {"id": "chatcmpl-1-0", "role": "user", "content": "Hi", "content_parts": None, "name": "amara"}


def test_the_content_of_parts_is_their_text():
    parts = [part("text", "What "), image("data:image/png;base64,AA=="), part("text", "is it?")]
    [message] = stored_messages(Sample([user(parts)], []), "x")
    assert message["content"] == "What is it?"
    assert message["content_parts"] == parts
    assert [list(one) for one in parts] == [["type", "text", "image_url", "input_audio", "file"]] * 3
    assert text_of(None) is None


def test_tool_calls_and_results_keep_their_keys():
    made = call(DICE, "look", {"at": "é"})
    call_message, result_message = stored_messages(
        Sample([assistant(None, [made]), result(made, {"seen": "é"})], []), "x"
    )
    assert call_message["tool_calls"][0]["function"] == {"name": "look", "arguments": '{"at": "é"}'}
    assert result_message["tool_call_id"] == made["id"]
    assert result_message["content"] == '{"seen": "é"}'


def test_usage_has_only_totals_for_models_that_do_not_reason():
    usage = completion_document(Sample([user("Hi there")], [reply("Hello")]), STAMP)["usage"]
    assert usage == {"total_tokens": 11, "completion_tokens": 2, "prompt_tokens": 9}


def test_usage_counts_reasoning_and_images_and_no_more_cached_than_asked():
    sample = Sample([user([image("data:,")])], [reply("Hello")], reasoning=64, cached=9_999)
    usage = completion_document(sample, STAMP)["usage"]
    assert usage["completion_tokens"] == 66
    assert usage["prompt_tokens_details"] == {
        "audio_tokens": 0,
        "cached_tokens": 262,
        "text_tokens": 7,
        "image_tokens": 255,
    }
    assert usage["completion_tokens_details"]["reasoning_tokens"] == 64


def test_an_audio_answer_expires_some_time_after_its_creation():
    audio = {"id": "audio_1", "expires_at": 60, "data": "", "transcript": "Hello"}
    document = completion_document(Sample([user("Hi")], [reply(None, audio=audio)]), STAMP)
    assert document["choices"][0]["message"]["audio"]["expires_at"] == 1_790_000_060
    assert audio["expires_at"] == 60
