"""The typed decoder of large documents gives what the tolerant one gives."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.upstream.decode import decode
from dashboard.upstream.errors import NotJson
from dashboard.upstream.large import SMALLEST, decode_completion, put_back, token_lists
from dashboard.upstream.records import RepeatedKeys
from dashboard.upstream.tokens import BLOCK, Alternative, Token, TokenList, token, tokens

texts = st.text(st.characters(codec=None, exclude_categories=[]), max_size=6)
odd = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts, st.just([]), st.just({}), st.just([{}]))
bytes_of = st.none() | st.lists(st.integers(0, 255), max_size=4) | st.lists(st.integers(-1, 256) | odd, max_size=3)
numbers = st.floats(max_value=0) | st.floats() | st.integers(-(10**30), 10) | st.just(-9999.0) | odd
alternatives = st.fixed_dictionaries(
    {}, optional={"token": texts | odd, "logprob": numbers, "bytes": bytes_of, "new": odd}
)
entries = st.fixed_dictionaries(
    {},
    optional={
        "token": texts | odd,
        "logprob": numbers,
        "bytes": bytes_of,
        "top_logprobs": st.lists(alternatives, max_size=3) | odd,
        "new": odd,
    },
)
lists = st.lists(entries | odd, max_size=5) | odd
choices = st.fixed_dictionaries(
    {"index": odd},
    optional={"logprobs": st.fixed_dictionaries({}, optional={"content": lists, "refusal": lists, "new": odd}) | odd},
)
documents = st.fixed_dictionaries({"id": texts, "choices": st.lists(choices, max_size=3) | odd, "new": odd})


def whole(value):
    """With every list in full."""
    if isinstance(value, RepeatedKeys):
        return [(key, whole(one)) for key, one in value.pairs]
    if isinstance(value, dict):
        return {key: whole(one) for key, one in value.items()}
    return [whole(one) for one in value] if isinstance(value, list | TokenList) else value


def written(value) -> str:
    """Nothing is equal to another type here, nor 0.0 to -0.0."""
    return json.dumps(value)


def entry(n: int, **other) -> dict:
    alternatives = [{"token": f" w{n + m}", "logprob": -1.5 - m, "bytes": [32, 119]} for m in range(20)]
    return {"token": f" w{n}", "logprob": -0.25, "bytes": [32, 119], "top_logprobs": alternatives} | other


def large(content, refusal=None, **other) -> bytes:
    choice = {"index": 0, "message": {"role": "assistant"}, "logprobs": {"content": content, "refusal": refusal}}
    return json.dumps({"id": "chatcmpl-1", "choices": [choice | other]}).encode()


@given(documents, st.sampled_from([None, 1]), st.booleans())
def test_both_decoders_give_the_same_document_and_the_same_tokens(document, indent, ascii_only):
    body = json.dumps(document, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    try:
        expected = decode(body)
    except NotJson as error:
        with pytest.raises(NotJson, match=str(error)[:20]):
            decode_completion(body, smallest=0)
        return
    got = decode_completion(body, smallest=0)
    assert written(whole(got)) == written(expected)
    for (place, field), listed in token_lists(got).items():
        assert tokens(listed) == tokens(expected["choices"][place]["logprobs"][field])


@given(st.lists(entries | odd, max_size=BLOCK * 2 + 3))
def test_tokens_of_several_blocks_are_the_tokens_of_the_whole_list(listed):
    body = large(listed)
    got = decode_completion(body, smallest=0)["choices"][0]["logprobs"]["content"]
    assert tokens(got) == [token(one) for one in decode(body)["choices"][0]["logprobs"]["content"]]


def test_a_long_list_stands_apart_and_a_short_one_does_not():
    document = decode_completion(large([entry(n) for n in range(300)], [entry(1)]))
    logprobs = document["choices"][0]["logprobs"]
    assert isinstance(logprobs["content"], TokenList)
    assert logprobs["refusal"] == [entry(1)]
    assert decode_completion(large([entry(1)]))["choices"][0]["logprobs"]["content"] == [entry(1)]


def test_an_entry_is_read_by_place_from_either_end_and_by_slice():
    listed = decode_completion(large([entry(n) for n in range(600)]))["choices"][0]["logprobs"]["content"]
    assert len(listed) == 600
    assert (listed[0]["token"], listed[599]["token"], listed[-1]["token"]) == (" w0", " w599", " w599")
    assert [one["token"] for one in listed[254:258]] == [" w254", " w255", " w256", " w257"]
    for place in (600, -601):
        with pytest.raises(IndexError):
            listed[place]


def test_repeated_keys_are_kept_around_and_inside_of_a_long_list():
    body = large([entry(n) for n in range(300)])
    body = body.replace(b'{"token": " w7"', b'{"token": "first", "token": " w7"', 1)
    body = body.replace(b'{"id"', b'{"id": "other", "id"', 1)
    assert written(whole(decode_completion(body, keep_repeated=True))) == written(
        whole(decode(body, keep_repeated=True))
    )


def test_lists_of_two_choices_that_begin_alike_come_back_in_their_places():
    same = [entry(n) for n in range(300)]
    body = json.dumps(
        {"choices": [{"logprobs": {"content": same}}, {"logprobs": {"content": [*same, entry(9)]}}]}
    ).encode()
    first, second = (choice["logprobs"]["content"] for choice in decode_completion(body)["choices"])
    assert (len(first), len(second)) == (300, 301)


@pytest.mark.parametrize(
    "change",
    [
        (b'"choices"', b'"copy": ["the token list content of choice 0"], "choices"'),
        (b'"choices"', b'"copy": "\\ud800", "choices"'),
        (b'"choices"', b'"copy": NaN, "choices"'),
        (b'"logprobs": {', b'"logprobs": {"content": 1}, "logprobs": {'),
        (b'"choices"', b'"choices": [], "choices"'),
    ],
)
@pytest.mark.parametrize("keep_repeated", [False, True])
def test_odd_things_around_a_long_list_are_kept(change, keep_repeated):
    body = large([entry(n) for n in range(300)]).replace(change[0], change[1], 1)
    expected = decode(body, keep_repeated=keep_repeated)
    assert written(whole(decode_completion(body, keep_repeated=keep_repeated))) == written(whole(expected))


def test_a_list_that_is_no_utf_8_is_refused_like_any_document():
    body = large([entry(n) for n in range(300)]).replace(b" w7", b" \xff7", 1)
    with pytest.raises(NotJson, match="not valid UTF-8"):
        decode_completion(body)


def test_a_refusal_before_the_content_is_decoded_as_a_whole():
    logprobs = {"refusal": [entry(n) for n in range(300)], "content": [entry(n) for n in range(301)]}
    got = decode_completion(json.dumps({"choices": [{"logprobs": logprobs}]}).encode())
    assert got["choices"][0]["logprobs"] == logprobs


def test_a_document_of_that_size_without_tokens_is_decoded_as_a_whole():
    body = json.dumps({"id": "x" * SMALLEST, "choices": []}).encode()
    assert decode_completion(body) == decode(body)
    assert token_lists([]) == {}


def test_one_odd_entry_costs_its_block_the_speed_and_nothing_else():
    listed = [entry(n) for n in range(600)]
    listed[300] = entry(300, bytes=["97"], logprob="NaN")
    found = tokens(decode_completion(large(listed))["choices"][0]["logprobs"]["content"])
    assert found[300].bytes is None
    assert found[300].logprob is None
    assert [one.token for one in found[300].alternatives] == [f" w{300 + m}" for m in range(20)]
    assert found[599] == token(listed[599])


def test_what_is_no_list_holds_no_tokens():
    assert tokens(None) == tokens({"content": 1}) == []
    assert token("text") == Token()
    assert token({"top_logprobs": [None], "logprob": 10**400}).alternatives == (Alternative(),)


def test_a_mark_that_is_not_in_its_place_is_told():
    lists = {(0, "content"): TokenList(length=0)}
    assert put_back({"choices": []}, lists) is None
    assert put_back({"choices": [{"logprobs": None}]}, lists) is None
    assert put_back({"choices": [{"logprobs": {"content": "other"}}]}, lists) is None
    assert put_back({"choices": 5}, lists) is None


def test_a_list_of_blocks_alone_has_the_same_tokens():
    listed = decode_completion(large([entry(n) for n in range(600)]))["choices"][0]["logprobs"]["content"]
    again = TokenList(block_at=[listed.block(n) for n in range(listed.block_count)].__getitem__, length=len(listed))
    assert (len(again), again[300]) == (600, listed[300])
    assert tokens(again) == tokens(listed)
