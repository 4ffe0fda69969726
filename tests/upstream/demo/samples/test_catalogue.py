"""What the samples promise to those who look at them, and to the pages that show them."""

import base64
import io
import json
import re
import wave
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from dashboard.upstream.demo.api import answer

Document = dict[str, Any]

KEYS = [
    "object",
    "id",
    "model",
    "created",
    "request_id",
    "tool_choice",
    "usage",
    "seed",
    "top_p",
    "temperature",
    "presence_penalty",
    "frequency_penalty",
    "system_fingerprint",
    "input_user",
    "service_tier",
    "tools",
    "metadata",
    "choices",
    "response_format",
]


def choices(documents: list[Document]) -> Iterator[Document]:
    return (choice for document in documents for choice in document["choices"])


def answers(documents: list[Document]) -> Iterator[Document]:
    return (choice["message"] for choice in choices(documents))


def texts(documents: list[Document]) -> list[str]:
    return [message["content"] for message in answers(documents) if message["content"]]


def entries(documents: list[Document]) -> Iterator[tuple[str, list[Document]]]:
    """Each list of token entries with the text that it belongs to."""
    for choice in choices(documents):
        for name in ("content", "refusal"):
            if found := (choice["logprobs"] or {}).get(name):
                yield choice["message"][name], found


def parts(conversations: list[list[Document]]) -> list[Document]:
    return [part for messages in conversations for message in messages for part in message["content_parts"] or ()]


def test_there_are_more_than_four_hundred_with_ids_of_their_own(documents):
    assert len(documents) >= 400
    ids = {document["id"] for document in documents}
    assert len(ids) == len({document["request_id"] for document in documents}) == len(documents)
    assert all(re.fullmatch(r"chatcmpl-[A-Za-z0-9]{29}", one) for one in ids)


def test_dates_lie_in_the_14_days_before_the_start(documents, now):
    created = [document["created"] for document in documents]
    assert created == sorted(created, reverse=True)
    assert now - 14 * 86_400 <= created[-1] < created[0] < now


def test_all_have_the_recorded_keys_and_one_has_unknown_ones(documents):
    assert all(list(document)[:19] == KEYS for document in documents)
    [odd] = [document for document in documents if len(document) > 19]
    assert {"moderation", "x_experiment", "prompt_filter_results"} < set(odd)
    assert "reasoning_content" in odd["choices"][0]["message"]
    assert "content_filter_results" in odd["choices"][0]


def test_choices_and_messages_have_the_recorded_keys(documents):
    for choice in choices(documents):
        assert {"index", "message", "finish_reason", "logprobs"} <= set(choice)
        assert {"content", "role", "tool_calls", "function_call"} <= set(choice["message"])
    usual = [message for message in answers(documents) if len(message) == 4]
    assert len(usual) > 400


def test_seeds_are_beyond_what_a_browser_counts_exactly(documents):
    seeds = [document["seed"] for document in documents]
    assert all(2**53 < abs(seed) < 2**63 for seed in seeds)
    assert min(seeds) < 0 < max(seeds)


def test_the_first_page_is_light(store):
    assert len(answer(store, "GET", "/v1/chat/completions", "limit=50").body) < 300_000


def test_few_of_the_newest_have_twenty_alternatives(documents):
    wide = [
        document
        for document in documents[:50]
        if any(len(entry["top_logprobs"]) == 20 for _, found in entries([document]) for entry in found)
    ]
    assert len(wide) <= 2


def test_the_newest_are_a_showcase(documents):
    newest = documents[:14]
    assert {"stop", "tool_calls", "length", "content_filter"} == {choice["finish_reason"] for choice in choices(newest)}
    assert {"support", "triage", "digest", "code", "research", "voice", "extract"} == {
        document["metadata"]["flow"] for document in newest
    }
    assert any(len(document["choices"]) == 3 for document in newest)
    assert any(re.search("[ぁ-ん]", text) for text in texts(newest))
    assert any(message.get("annotations") for message in answers(newest))
    assert any(message.get("audio") for message in answers(newest))
    assert any(message.get("refusal") for message in answers(newest))
    assert any(list(entries(newest)))


def test_models_and_metadata_are_mixed(documents):
    models = Counter(document["model"] for document in documents)
    assert len(models) == 5
    assert min(models.values()) >= 5
    environments = Counter((document["metadata"] or {}).get("env") for document in documents)
    assert environments["prod"] > environments["staging"] > environments["dev"] > 20


def test_neighbours_do_not_look_alike(documents):
    openings = Counter(text[:60] for text in texts(documents))
    assert len(openings) > 310
    assert all(count <= 12 for _, count in openings.most_common(3))


def test_answers_end_in_every_way(documents):
    finished = Counter(choice["finish_reason"] for choice in choices(documents))
    assert set(finished) == {"stop", "length", "tool_calls", "content_filter", "function_call", None}
    assert finished["stop"] > finished["tool_calls"] > finished["length"] > finished["content_filter"] >= 2


def test_some_answers_are_empty_or_null(documents):
    filtered = [choice for choice in choices(documents) if choice["finish_reason"] == "content_filter"]
    assert all(choice["message"]["content"] == "" for choice in filtered)
    assert any(
        message["content"] is None and not message["tool_calls"] and len(message) == 4 for message in answers(documents)
    )


def test_there_are_several_numbers_of_choices(documents):
    assert {len(document["choices"]) for document in documents} == {1, 2, 3, 5}
    assert all(
        [choice["index"] for choice in document["choices"]] == list(range(len(document["choices"])))
        for document in documents
    )


def test_metadata_reaches_its_limits(documents):
    found = [document["metadata"] for document in documents]
    assert {} in found
    assert None in found
    assert any("" in pairs.values() for pairs in found if pairs)
    assert {0, 16} <= {len(pairs) for pairs in found if pairs is not None}
    pairs = [pair for one in found if one for pair in one.items()]
    assert max(len(key) for key, _ in pairs) == 64
    assert max(len(value) for _, value in pairs) == 512
    assert all(isinstance(value, str) for _, value in pairs)
    assert any("[" in key for key, _ in pairs)


def test_documents_agree_with_the_rows_that_are_filtered(store, documents):
    for row, document in zip(store.rows, documents, strict=True):
        assert (row.id, row.created, row.model) == (document["id"], document["created"], document["model"])
        assert row.metadata == (document["metadata"] or {})


def test_token_bytes_join_to_the_text(documents):
    found = list(entries(documents))
    assert len(found) >= 25
    for text, tokens in found:
        joined = b"".join(
            token["token"].encode() if token["bytes"] is None else bytes(token["bytes"]) for token in tokens
        )
        assert joined.decode() == text


def test_the_odd_cases_of_logprobs_exist(documents):
    tokens = [token for _, found in entries(documents) for token in found]
    assert any(token["bytes"] is None for token in tokens)
    assert any(token["logprob"] == -9999.0 for token in tokens)
    assert any(other["logprob"] == -9999.0 for token in tokens for other in token["top_logprobs"])
    assert any(
        token["top_logprobs"] and token["token"] not in [other["token"] for other in token["top_logprobs"]]
        for token in tokens
    )
    assert {len(token["top_logprobs"]) for token in tokens} >= {0, 1, 2, 3, 4, 5, 8, 12, 20}
    assert max(len(token["top_logprobs"]) for token in tokens) == 20
    assert any("\\x" in token["token"] for token in tokens)
    lists = [choice["logprobs"] for choice in choices(documents) if choice["logprobs"]]
    assert {"content": [], "refusal": None} in lists
    assert {"content": None, "refusal": None} in lists
    assert any(one["refusal"] for one in lists)


def test_one_answer_has_16000_tokens(store, documents, now):
    [huge] = [document for document in documents if any(len(found) == 16_000 for _, found in entries([document]))]
    size = len(store.by_id[huge["id"]].read())
    assert 4_000_000 < size < 6_000_000
    assert huge["usage"]["completion_tokens"] == 16_000
    assert 6 <= (now - huge["created"]) / 86_400 <= 12
    assert documents.index(huge) >= 100


def test_the_huge_answer_reads_the_same_each_time(store):
    [huge] = [row for row in store.rows if not isinstance(row.document, bytes)]
    assert huge.read() == huge.read()


def test_usage_adds_up_but_for_one_sample(documents):
    [usage] = [document["usage"] for document in documents if document["usage"] and not adds_up(document["usage"])]
    assert usage["completion_tokens_details"]["reasoning_tokens"] > usage["completion_tokens"]
    assert [document["usage"] for document in documents].count(None) == 1


def adds_up(usage: Document) -> bool:
    """Rejected and reasoning tokens are counted among the answer's, accepted ones are part of its text."""
    asked, answered = usage["prompt_tokens"], usage["completion_tokens"]
    details: Document = usage.get("completion_tokens_details", {})
    inputs: Document = usage.get("prompt_tokens_details", {})
    written = sum(details.get(f"{kind}_tokens") or 0 for kind in ("reasoning", "audio", "text", "rejected_prediction"))
    read = sum(inputs.get(f"{kind}_tokens") or 0 for kind in ("audio", "text", "image"))
    within = written <= answered and max(read, inputs.get("cached_tokens", 0)) <= asked
    return within and bool(asked + answered == usage["total_tokens"])


def test_some_usages_have_details_and_most_only_totals(documents):
    details = [document["usage"] for document in documents if document["usage"] and len(document["usage"]) > 3]
    assert 50 < len(details) < len(documents) / 2
    assert any(usage["completion_tokens_details"]["reasoning_tokens"] > 0 for usage in details)
    assert any(usage["prompt_tokens_details"]["cached_tokens"] > 0 for usage in details)
    assert any(usage["prompt_tokens_details"].get("image_tokens") for usage in details)
    assert any(usage["completion_tokens_details"].get("rejected_prediction_tokens") for usage in details)


def test_citations_hit_their_links_by_code_points(documents):
    cited = [message for message in answers(documents) if message.get("annotations")]
    assert len(cited) >= 10
    assert any(ord(sign) > 0xFFFF for message in cited for sign in message["content"])
    for message in cited:
        for annotation in message["annotations"]:
            citation = annotation["url_citation"]
            linked = message["content"][citation["start_index"] : citation["end_index"]]
            assert linked == f"[{citation['title']}]({citation['url']})"


def test_audio_is_a_real_wav(documents):
    spoken = [
        (document, message["audio"])
        for document in documents
        for message in answers([document])
        if message.get("audio")
    ]
    assert len(spoken) >= 5
    for document, audio in spoken:
        with wave.open(io.BytesIO(base64.b64decode(audio["data"], validate=True))) as sound:
            assert 0.1 < sound.getnframes() / sound.getframerate() < 2
        assert audio["transcript"]
        assert audio["expires_at"] > document["created"]


def test_questions_hold_every_kind_of_part(conversations):
    assert {part["type"] for part in parts(conversations)} == {"text", "image_url", "input_audio", "file"}
    assert all(list(part) == ["type", "text", "image_url", "input_audio", "file"] for part in parts(conversations))


def test_pictures_are_real_pngs_of_several_sizes(conversations):
    addresses = [part["image_url"]["url"] for part in parts(conversations) if part["image_url"]]
    pictures = {
        base64.b64decode(address.partition(",")[2]) for address in addresses if address.startswith("data:image/png")
    }
    assert len({picture[16:24] for picture in pictures}) >= 4
    for picture in pictures:
        assert picture.startswith(b"\x89PNG\r\n\x1a\n")
        length = int.from_bytes(picture[picture.index(b"IDAT") - 4 :][:4], "big")
        assert zlib.decompress(picture[picture.index(b"IDAT") + 4 :][:length])
    assert any(address.startswith("https://") for address in addresses)


def test_messages_are_numbered_and_hold_the_recorded_keys(store, conversations):
    for row, messages in zip(store.rows, conversations, strict=True):
        assert [message["id"] for message in messages] == [f"{row.id}-{n}" for n in range(len(messages))]
        assert all(list(message)[:5] == ["id", "role", "content", "content_parts", "name"] for message in messages)


def test_all_roles_speak(conversations):
    roles = {message["role"] for messages in conversations for message in messages}
    assert roles >= {"system", "developer", "user", "assistant", "tool", "function"}
    assert any(message["name"] for messages in conversations for message in messages)


def test_one_conversation_is_long_enough_to_have_pages(conversations):
    assert max(len(messages) for messages in conversations) == 120


def test_one_message_has_100_kilobytes(conversations):
    assert max(len(message["content"] or "") for messages in conversations for message in messages) >= 100_000


def test_results_follow_their_calls(conversations):
    answered, lost = 0, 0
    for messages in conversations:
        known = {call["id"] for message in messages for call in message.get("tool_calls", ())}
        for message in messages:
            if "tool_call_id" in message:
                answered += message["tool_call_id"] in known
                lost += message["tool_call_id"] not in known
    assert answered > 20
    assert lost == 1


def test_tool_calls_come_in_every_shape(documents):
    calls = [call for message in answers(documents) for call in message["tool_calls"] or ()]
    assert {call["type"] for call in calls} == {"function", "custom"}
    assert any(len(message["tool_calls"] or ()) >= 3 for message in answers(documents))
    assert any(message["function_call"] for message in answers(documents))
    broken = [
        call["function"]["arguments"]
        for call in calls
        if call["type"] == "function" and not is_json(call["function"]["arguments"])
    ]
    assert "" in broken
    assert any("}{" in arguments for arguments in broken)
    assert len(broken) >= 5
    assert {type(document["tool_choice"]) for document in documents} == {str, dict, type(None)}


def test_schemas_are_mostly_followed(documents):
    extracted = [document for document in documents if (document["response_format"] or {}).get("type") == "json_schema"]
    assert len(extracted) > 50
    broken = [document for document in extracted if not is_json(document["choices"][0]["message"]["content"])]
    assert len(broken) == 1
    invoices = [
        json.loads(document["choices"][0]["message"]["content"])
        for document in extracted
        if document["response_format"]["json_schema"]["name"] == "invoice" and document not in broken
    ]
    assert sum("due" not in invoice for invoice in invoices) == 1
    assert any((document["response_format"] or {}).get("type") == "json_object" for document in documents)


def is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    "needle",
    [
        "<script>",
        "<img src=x onerror=",
        "\u202e",
        "\0",
        "\x1b[31m",
        "\u200b",
        "\ufeff",
        "![loading](https://",
        "javascript:",
        "=HYPERLINK(",
        "a" * 10_000,
        "\ud83d",
        "{{ settings.",
        "👩‍👩‍👧‍👦",
        "🇳🇱",
        "注文",
        "طلبك",
        "पार्सल",
        "\t",
        "   \n",
        "    return",
        "->",
        "!=",
        "\r\n",
        "\u2028",
        "```diff",
        "|---|",
    ],
)
def test_it_stands_in_some_answer(documents, needle):
    assert any(needle in text for text in texts(documents))


def test_only_one_document_holds_a_surrogate(store):
    halves = [row for row in store.rows if b"\\ud83d" in row.read()]
    assert len(halves) == 1
    assert all(row.read().decode() for row in store.rows)


def test_metadata_is_hostile_somewhere(documents):
    assert any("<script>" in (document["metadata"] or {}) for document in documents)
