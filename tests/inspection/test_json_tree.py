import json
import random

import pytest

from dashboard.inspection.json_tree import CARD, PAGE, pointer, resolve, search, steps, trail, tree
from dashboard.upstream.decode import decode
from dashboard.upstream.records import Verbatim


def nodes(node):
    yield node
    for child in node.children:
        yield from nodes(child)


def test_every_kind_of_value_is_a_node():
    found = tree({"o": {}, "a": [], "s": "x\ny", "i": 2**70, "f": 1.0, "t": True, "n": None, "v": Verbatim("1e999")})
    assert [(one.key, one.kind, one.text, one.at) for one in found.children] == [
        ("o", "object", "", "/o"),
        ("a", "array", "", "/a"),
        ("s", "string", '"x\\ny"', "/s"),
        ("i", "number", str(2**70), "/i"),
        ("f", "number", "1.0", "/f"),
        ("t", "word", "true", "/t"),
        ("n", "word", "null", "/n"),
        ("v", "number", "1e999", "/v"),
    ]


def test_it_is_open_to_the_third_level():
    found = tree({"a": {"b": {"c": {"d": {}}}}})
    assert [one.open for one in nodes(found)] == [True, True, True, False, False]


def test_long_lists_go_on_where_they_were_cut():
    value = [f"item {n}" for n in range(120)]
    seen, start = [], 0
    while True:
        found = tree(value, at="/x", start=start)
        seen += [json.loads(one.text) for one in found.children]
        if not found.left_out:
            break
        assert found.left_out + len(seen) == 120
        start = found.first_left_out
    assert seen == value


def test_long_strings_go_on_where_they_were_cut():
    value = 'aä\n"' * 60_000
    inside = tree({"s": value}, at="").children[0]
    assert (inside.size, inside.left_out, inside.first_left_out) == (240_000, 238_000, 2_000)
    written, start = inside.text, inside.first_left_out
    while start:
        found = tree(value, at="/s", start=start)
        written, start = written + found.text, found.first_left_out
    assert json.loads(written) == value


def test_a_start_behind_the_end_is_the_end():
    assert tree([1, 2], start=9).children == ()
    assert tree("ab", start=9).text == '"'


def test_token_lists_come_when_they_are_asked_for():
    tokens = [{"token": "a", "logprob": -0.5, "top_logprobs": []} for _ in range(158)]
    found = tree({"content": tokens, "top_logprobs": [{"x": 1}]})
    content, top = found.children
    assert (content.children, content.left_out, content.first_left_out) == ((), 158, 0)
    assert content.about_bytes == pytest.approx(len(json.dumps(tokens)), rel=0.2)
    assert top.left_out == 1
    assert len(tree(tokens, at="/content").children) == 50


def test_the_number_of_nodes_is_bounded_and_nothing_is_lost():
    value = [[[n, {"a": n}] for n in range(40)] for _ in range(40)]
    found = tree(value)
    assert sum(1 for _ in nodes(found)) <= PAGE.nodes + 60
    closed = [one for one in nodes(found) if one.kind in ("array", "object") and one.left_out]
    assert closed
    assert all(one.left_out + len(one.children) == one.size for one in nodes(found) if one.kind in ("array", "object"))
    assert sum(1 for _ in nodes(tree(value, limits=CARD))) <= CARD.nodes + 60


def test_the_size_of_what_is_left_out_is_an_estimate_for_any_value():
    odd = [{"logprob": 1, "a": [], "b": {}, "c": "x", "d": [1, 2.5, None], "e": True}, []]
    assert tree({"x": odd}).children[0].about_bytes > 40
    assert tree({"top_logprobs": []}).children[0].about_bytes == 2


def test_a_key_that_stands_twice_is_shown_twice():
    value = decode(b'{"a": 1, "a": {"b": 2}, "c": 3}', keep_repeated=True)
    found = tree(value)
    assert [(one.key, one.text, one.repeated) for one in found.children] == [
        ("a", "1", True),
        ("a", "", True),
        ("c", "3", False),
    ]
    assert found.size == 3


def test_very_many_repeated_keys_cost_no_more_than_others():
    value = decode(b"{" + b",".join(b'"a": 1' for _ in range(3_000)) + b"}", keep_repeated=True)
    assert all(one.repeated for one in tree(value).children)


def test_what_was_too_deep_to_be_taken_apart_is_raw():
    value = decode(b"[" * 900 + b"]" * 900)
    deepest = list(nodes(tree(value)))[-1]
    while deepest.kind == "array":
        deepest = list(nodes(tree(resolve(value, deepest.at), at=deepest.at)))[-1]
    assert deepest.kind in ("raw", "string")
    assert "[[[" in deepest.text


# --- Pointers


@pytest.mark.parametrize("path", [(), ("a",), ("a/b", "c~d", ""), (0, "x", 17), ("~1", "/")])
def test_pointers_lead_back(path):
    assert steps(pointer(*path)) == [str(step) for step in path]


def test_a_pointer_finds_its_value():
    value = {"a/b": [{"~": "here"}]}
    assert resolve(value, "") is value
    assert resolve(value, pointer("a/b", 0, "~")) == "here"


def test_a_pointer_goes_on_into_a_text_that_is_json():
    assert resolve({"arguments": '{"id": [7, "{}"]}'}, "/arguments/id/0") == 7
    with pytest.raises(LookupError):
        resolve({"arguments": '{"id": 7'}, "/arguments/id")


def test_what_records_call_unreadable_is_the_value_itself():
    assert resolve({"message": [1]}, "/message/unreadable") == [1]
    assert resolve({"message": "odd"}, "/message/unreadable") == "odd"
    assert resolve({"message": {"unreadable": 5}}, "/message/unreadable") == 5


@pytest.mark.parametrize("at", ["a", "/x", "/a/1", "/a/-1", "/a/x", "/a/0/y", "/a/٣", "/a/99999999999"])
def test_a_pointer_to_nothing_is_an_error(at):
    with pytest.raises(LookupError):
        resolve({"a": [5]}, at)


def test_a_trail_names_every_step():
    assert trail("/completion/choices/0") == [
        ("completion", "/completion"),
        ("choices", "/completion/choices"),
        ("0", "/completion/choices/0"),
    ]


def test_every_node_can_be_resolved():
    dice = random.Random("nodes")
    value = [{f"k/{n}~": [n, str(n), {"x": dice.random()}]} for n in range(10)]
    for node in nodes(tree(value, limits=PAGE)):
        resolve(value, node.at)


# --- Search


def test_a_search_looks_at_keys_and_values():
    value = {"Order": [{"id": "BW-1"}, 17, None, True], "note": "the order is late"}
    assert [one.at for one in search(value, "ORDER", at="/completion").hits] == [
        "/completion/Order",
        "/completion/note",
    ]
    assert [one.at for one in search(value, "17").hits] == ["/Order/1"]
    assert [one.at for one in search(value, "id").hits] == ["/Order/0/id"]
    assert search(value, "absent").hits == ()


def test_a_hit_stands_in_its_surroundings():
    (hit,) = search(["x" * 100 + "Needle" + "y" * 100], "needle").hits
    assert (len(hit.before), hit.match, len(hit.after)) == (60, "Needle", 60)


def test_a_text_that_grows_when_folded_shows_its_beginning():
    (hit,) = search(["straße " * 40], "strasse").hits
    assert (hit.before, len(hit.match)) == ("", 120)


def test_a_search_ends_early():
    found = search(["a"] * 500, "a", most=20)
    assert (len(found.hits), found.more) == (20, True)
    assert not search(["a"], "a").more
    assert search(["a"], "").hits == ()


def test_a_search_in_a_scalar_and_in_depth():
    assert search("abc", "b", at="/x").hits[0].at == "/x"
    assert len(search(decode(b"[" * 55 + b'"deep"' + b"]" * 55), "deep").hits) == 1
