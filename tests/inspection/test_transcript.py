import math

import pytest

from dashboard.inspection import transcript as module
from dashboard.inspection.blocks import Data
from dashboard.inspection.transcript import MOST_BLOCKS, MOST_CHOICES, Entry, compared_confidence, transcript
from dashboard.upstream.records import completion, message


def printed(raw: dict, *messages: dict, system_open: bool = False):
    records = [message(one) for one in messages]
    return transcript(completion(raw), records, range(len(records)), system_open=system_open)


def said(**fields) -> list:
    return list(printed({}, fields).inputs[0].blocks)


def answer(**fields) -> Entry:
    (entry,) = printed({"choices": [fields]}).outputs
    return entry


def words(blocks) -> list[str]:
    return [one.words.text for one in blocks]


def test_content_is_a_text_that_knows_its_place():
    (block,) = said(role="user", content="Hello")
    assert (block.kind, block.words.at, block.words.text, block.refusal) == (
        "text",
        "/messages/0/content",
        "Hello",
        False,
    )


def test_nothing_is_no_block():
    assert said(content=None, refusal=None, tool_calls=None, annotations=[], audio=None) == []
    assert said(content="") == []


def test_only_the_places_that_are_asked_for_are_printed():
    records = [message({"role": "user", "content": str(n)}) for n in range(9)]
    found = transcript(completion({}), records, [0, 7, 99], system_open=False)
    assert [(one.place, one.anchor, one.label) for one in found.inputs] == [
        (0, "message-0", "message 0"),
        (7, "message-7", "message 7"),
    ]


def test_inlined_messages_are_pointed_to_in_the_completion():
    raw = {"input_messages": [{"role": "user", "content": "a"}]}
    assert printed(raw, raw["input_messages"][0]).inputs[0].at == "/completion/input_messages/0"
    single = {"input_messages": {"role": "user", "content": "a"}}
    assert printed(single, single["input_messages"]).inputs[0].at == "/completion/input_messages"


# --- Folding


def test_a_long_text_is_cut_at_the_end_of_a_line():
    (block,) = said(role="user", content=("x" * 99 + "\n") * 60)
    assert (len(block.words.shown), block.words.left_out) == (4_000, 2_000)
    (block,) = said(role="user", content="y" * 3_900 + "\n" + "z" * 3_000)
    assert block.words.shown.endswith("y\n")
    (block,) = said(role="user", content="one\n" + "z" * 9_000)
    assert len(block.words.shown) == 4_000


@pytest.mark.parametrize("role", ["system", "developer"])
def test_system_prompts_show_four_lines(role):
    prompt = {"role": role, "content": "".join(f"line {n}\n" for n in range(9))}
    assert printed({}, prompt).inputs[0].blocks[0].words.shown == "line 0\nline 1\nline 2\nline 3\n"
    assert printed({}, prompt).inputs[0].is_long_prompt
    assert printed({}, prompt, system_open=True).inputs[0].blocks[0].words.left_out == 0
    one_line = {"role": role, "content": "x" * 500}
    assert printed({}, one_line).inputs[0].blocks[0].words.left_out == 100


def test_a_short_system_prompt_is_whole():
    assert said(role="system", content="Be kind.\nBe brief.")[0].words.left_out == 0
    assert not printed({}, {"role": "system", "content": "Be kind."}).inputs[0].is_long_prompt


def test_many_long_texts_are_cut_shorter(monkeypatch):
    monkeypatch.setattr(module, "MOST_CHARACTERS", 10_000)
    found = printed({}, *[{"role": "user", "content": "x" * 9_000}] * 3)
    assert [len(one.blocks[0].words.shown) for one in found.inputs] == [300, 300, 300]


def test_a_message_of_very_many_parts_says_how_many_are_not_here():
    blocks = said(role="user", content=[{"type": "text", "text": str(n)} for n in range(MOST_BLOCKS + 5)])
    assert len(blocks) == MOST_BLOCKS + 1
    assert (blocks[-1].kind, blocks[-1].count, blocks[-1].at) == ("more", 5, "/messages/0")


def test_choices_beyond_the_most_of_the_api_are_counted():
    found = printed({"choices": [{"index": n} for n in range(MOST_CHOICES + 7)]})
    assert (len(found.outputs), found.choices_left_out) == (MOST_CHOICES, 7)


# --- Content, parts, refusal


def test_a_refusal_follows_the_content():
    content, refusal = said(content="a", refusal="no")
    assert (content.words.text, refusal.words.text, refusal.refusal) == ("a", "no", True)


def test_parts_stand_for_the_content_that_repeats_them():
    parts = [
        {"type": "text", "text": "Whose logo is this?: "},
        {"type": "image_url", "image_url": {"url": "https://x"}},
    ]
    found = said(content="Whose logo is this?:  ", content_parts=parts)
    assert [one.kind for one in found] == ["text", "image"]
    assert found[0].words.at == "/messages/0/content_parts/0/text"


def test_content_that_differs_from_the_parts_is_shown_too():
    assert words(said(content="something else", content_parts=[{"type": "text", "text": "part"}])) == [
        "part",
        "something else",
    ]


def test_parts_that_are_no_objects_are_texts_at_their_place():
    assert [(one.words.text, one.words.at) for one in said(content=["bare", 5])] == [
        ("bare", "/messages/0/content/0"),
        ("5", "/messages/0/content/1"),
    ]
    assert said(content_parts="alone")[0].words.at == "/messages/0/content_parts"
    assert said(content_parts={"type": "text", "text": "a"})[0].words.at == "/messages/0/content_parts/text"


def test_two_lists_of_parts_are_both_shown():
    first, second = said(content=[{"type": "text", "text": "a"}], content_parts=[{"type": "text", "text": "b"}])
    assert (first.words.text, first.words.at) == ("a", "/messages/0/content/0/text")
    assert (second.title, second.at) == ("content_parts", "/messages/0/content_parts")
    same = [{"type": "text", "text": "a"}]
    assert len(said(content=same, content_parts=same)) == 1


def test_annotations_without_a_text_are_data():
    assert [(one.kind, one.title) for one in said(annotations=[{"type": "x"}])] == [("data", "annotations")]


def test_citations_are_anchored_and_other_annotations_are_data():
    cited = {
        "type": "url_citation",
        "url_citation": {"url": "https://a.example/", "title": "A", "start_index": 0, "end_index": 3},
    }
    text, others = said(content="abc def", annotations=[cited, {"type": "file_citation", "x": 1}])
    assert text.cited.sources[0].anchored
    assert (others.title, others.node.size) == ("annotations", 1)


def test_a_text_with_citations_is_folded_late():
    cited = {"type": "url_citation", "url_citation": {"url": "https://a.example/", "start_index": 0, "end_index": 3}}
    assert said(content="x" * 9_000, annotations=[cited])[0].words.left_out == 0


def test_fields_that_nobody_knows_are_data():
    found = said(role="user", content="a", reasoning="why", x=None)
    assert [(one.title, one.line) for one in found[1:]] == [("reasoning", '"why"'), ("x", "null")]


# --- Calls and results

TOOLS = [{"type": "function", "function": {"name": "find", "parameters": {"type": "object", "required": ["id"]}}}]


def call(arguments, **fields) -> dict:
    return {"id": "call_1", "type": "function", "function": {"name": "find", "arguments": arguments}} | fields


def test_arguments_are_a_tree_and_the_text_as_received():
    (block,) = said(role="assistant", tool_calls=[call('{"id": 1}')])
    assert (block.kind, block.name, block.id, block.fault, block.paired.number) == ("call", "find", "call_1", "", 1)
    assert block.tree.children[0].key == "id"
    assert (block.words.text, block.words.at) == ('{"id": 1}', "/messages/0/tool_calls/0/function/arguments")


def test_broken_arguments_say_where():
    (block,) = said(role="assistant", tool_calls=[call('{"id": "BW')])
    assert block.fault == "the text ends inside a string, at character 10"
    assert block.tree is None


def test_arguments_that_are_very_long_are_not_taken_apart():
    (block,) = said(role="assistant", tool_calls=[call('"' + "x" * 1_000_001 + '"')])
    assert "too long" in block.fault


@pytest.mark.parametrize(
    "called", [{"function": {"name": "find"}}, {"type": "custom", "custom": {"name": "sql", "input": "{"}}]
)
def test_no_arguments_and_free_text_are_no_fault(called):
    (block,) = said(role="assistant", tool_calls=[called])
    assert (block.tree, block.fault) == (None, "")


def test_the_pointer_of_free_text():
    (block,) = said(role="assistant", tool_calls=[{"type": "custom", "custom": {"name": "sql", "input": "x"}}])
    assert block.words.at == "/messages/0/tool_calls/0/custom/input"


def test_arguments_are_checked_against_the_declared_schema():
    (entry,) = printed({"tools": TOOLS}, {"role": "assistant", "tool_calls": [call("{}")]}).inputs
    assert [one.words for one in entry.blocks[0].check.problems] == ["id is required"]
    assert said(role="assistant", tool_calls=[call("{}")])[0].check is None


def test_the_old_function_call_is_a_call():
    (block,) = said(role="assistant", function_call={"name": "find", "arguments": "{}"})
    assert (block.type, block.words.at) == ("function_call", "/messages/0/function_call/arguments")


def test_what_else_a_call_holds_is_data():
    blocks = said(tool_calls=[call("{}", index=4), "odd"])
    assert [(one.title, one.node.text) for one in blocks if one.kind == "data"] == [
        ("index", "4"),
        ("unreadable", '"odd"'),
    ]


def test_a_single_call_that_is_no_list_is_pointed_to():
    assert said(tool_calls=call("{}"))[0].words.at == "/messages/0/tool_calls/function/arguments"


def test_a_result_is_the_other_half_of_its_call():
    found = printed(
        {},
        {"role": "assistant", "tool_calls": [call("{}")]},
        {"role": "tool", "tool_call_id": "call_1", "content": '{"a": [1]}'},
    )
    (block,) = found.inputs[1].blocks
    assert (block.kind, block.paired.number, block.paired.name, block.characters) == ("result", 1, "find", 10)
    assert [one.kind for one in block.blocks] == ["json_text"]
    assert found.inputs[0].blocks[0].paired.results == (1,)
    assert found.inputs[1].is_result
    assert not found.inputs[0].is_result


@pytest.mark.parametrize("content", ["plain", "[broken", "5", "[1]" + " " * 1_000_000])
def test_a_result_that_is_no_json_is_text(content):
    (block,) = said(role="tool", tool_call_id="x", content=content)
    assert [one.kind for one in block.blocks] == ["text"]


def test_calls_are_counted_by_name():
    assert printed({"choices": [{"message": {"tool_calls": [call("{}"), call("{}")]}}]}).called == {"find": 2}


# --- Audio


def test_audio_has_a_place_and_a_transcript():
    (block,) = said(audio={"id": "a", "data": "UklGRg==", "transcript": "Good morning", "expires_at": 5})
    assert (block.kind, block.at, block.id, block.expires_at) == ("audio", "/messages/0/audio/data", "a", 5)
    assert block.transcript.text == "Good morning"


def test_audio_shows_what_nobody_knows():
    blocks = said(audio={"id": "a", "data": 5, "expires_at": "soon", "mood": "calm"})
    assert (blocks[0].expires_at, blocks[0].transcript) == (None, None)
    assert [one.title for one in blocks[1:]] == ["data", "expires_at", "mood"]


# --- Choices


def test_a_choice_has_its_ending_in_words():
    entry = answer(index=3, finish_reason="length", message={"content": "x"})
    assert (entry.anchor, entry.label, entry.finish_reason) == ("choice-3", "choice 3", "length")
    assert "token limit" in entry.finish_words
    assert entry.text_at == "/completion/choices/0/message/content"


def test_choices_with_one_index_have_anchors_of_their_own():
    found = printed({"choices": [{"index": 0}, {"index": 0}]})
    assert [one.anchor for one in found.outputs] == ["choice-0", "choice-0-1"]


def test_a_choice_shows_what_cannot_be_used():
    entry = answer(index="one", logprobs="text", message={"name": "n", "content": "x"}, extra=1)
    assert [one.title for one in entry.blocks[1:] if isinstance(one, Data)] == ["name", "index", "logprobs", "extra"]
    (odd,) = printed({"choices": "odd"}).outputs
    assert (odd.at, odd.text_at) == ("/completion/choices/message", "")


FORMAT = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object", "required": ["a"]}}}


def structured(content: str):
    (entry,) = printed({"response_format": FORMAT, "choices": [{"message": {"content": content}}]}).outputs
    return entry.blocks[0]


def test_a_structured_answer_is_checked():
    assert structured('{"a": 1}').check.problems == ()
    assert structured('{"a": 1}').tree.size == 1
    assert [one.words for one in structured("{}").check.problems] == ["a is required"]
    assert "not the JSON that was asked for: the text ends too early" in structured('{"a": 1').check.note


def test_what_stands_beside_the_lists_of_tokens_is_shown():
    blocks = answer(logprobs={"content": None, "refusal": "odd", "text_offset": [1, 2]}).blocks
    assert [(one.title, one.at) for one in blocks if isinstance(one, Data)] == [
        ("logprobs.refusal", "/completion/choices/0/logprobs/refusal"),
        ("logprobs.text_offset", "/completion/choices/0/logprobs/text_offset"),
    ]


def token(logprob: float, *others: float) -> dict:
    return {"token": "a", "logprob": logprob, "top_logprobs": [{"token": "b", "logprob": one} for one in others]}


def test_a_choice_with_logprobs_says_how_sure_the_model_was():
    entry = answer(logprobs={"content": [token(-1, -0.5), token(-3, -4)], "refusal": None})
    assert entry.confidence is not None
    assert (entry.confidence.tokens, entry.confidence.not_top) == (2, 1)
    assert entry.confidence.perplexity == pytest.approx(math.exp(2))


def test_the_tokens_of_a_refusal_count_where_there_is_no_content():
    entry = answer(logprobs={"content": None, "refusal": [token(-1)]})
    assert entry.confidence is not None
    assert entry.confidence.tokens == 1


@pytest.mark.parametrize("logprobs", [None, "x", {}, {"content": [], "refusal": None}, {"content": "x"}])
def test_a_choice_without_tokens_says_nothing_of_it(logprobs):
    assert answer(logprobs=logprobs).confidence is None


def test_choices_are_compared_by_their_surprise_per_token():
    content = [[token(-1)], [token(-2)], None, [token(-9999)], [token(-5000)]]
    outputs = printed({"choices": [{"logprobs": {"content": one}} for one in content]}).outputs
    compared = compared_confidence(outputs)
    assert [(entry.place, share) for entry, share in compared] == [(0, 0.5), (1, 1.0), (3, 0.0), (4, 1.0)]
    assert [share for _, share in compared_confidence(outputs[3:4])] == [0.0]
