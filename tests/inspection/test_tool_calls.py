from dashboard.inspection.tool_calls import PairedResult, pair
from dashboard.upstream.records import completion, message


def calls(*pairs: tuple[str, str]) -> dict:
    listed = [{"id": one, "type": "function", "function": {"name": name, "arguments": ""}} for one, name in pairs]
    return {"role": "assistant", "tool_calls": listed}


def result(call_id: str, **fields) -> dict:
    return {"role": "tool", "tool_call_id": call_id, "content": "x"} | fields


def paired(*messages: dict, choices: tuple[dict, ...] = ()):
    found = completion({"choices": [{"message": one} for one in choices]}).choices
    return pair([message(one) for one in messages], found)


def test_parallel_calls_find_their_results_in_any_order():
    found = paired(calls(("a", "find"), ("b", "price")), result("b"), result("a"))
    assert found.call("message", 0, 0).results == (2,)
    assert found.call("message", 0, 1).results == (1,)
    assert found.result(1) == PairedResult(2, 2, "price", False)
    assert found.result(0) is None


def test_numbers_count_through_the_conversation_and_its_choices():
    found = paired(calls(("a", "f")), result("a"), calls(("b", "f")), choices=(calls(("c", "f"), ("d", "g")),))
    assert [
        found.call(*place).number
        for place in (("message", 0, 0), ("message", 2, 0), ("choice", 0, 0), ("choice", 0, 1))
    ] == [1, 2, 3, 4]
    assert found.called == {"f": 3, "g": 1}


def test_an_id_that_comes_again_belongs_to_the_nearest_call():
    found = paired(calls(("call_0", "f")), result("call_0"), calls(("call_0", "g")), result("call_0"))
    assert found.call("message", 0, 0).results == (1,)
    assert found.call("message", 2, 0).results == (3,)
    assert found.result(3).name == "g"


def test_two_results_for_one_call_are_both_marked():
    found = paired(calls(("a", "f")), result("a"), result("a"))
    assert found.call("message", 0, 0).results == (1, 2)
    assert found.result(1).doubled
    assert found.result(2).doubled


def test_a_result_without_its_call_is_told():
    assert paired(result("gone", name="f")).result(0) == PairedResult(None, None, "f", False)
    assert paired(result("")).result(0) == PairedResult(None, None, "", False)
    assert paired(result("a"), calls(("a", "f"))).call("message", 1, 0).results == ()


def test_the_old_function_role_names_the_function():
    old = {"role": "assistant", "function_call": {"name": "f", "arguments": "{}"}}
    found = paired(old, {"role": "function", "name": "f", "content": "x"})
    assert found.result(1) == PairedResult(1, 1, "f", False)


def test_hues_begin_again_after_six():
    found = paired(calls(*[(str(n), "f") for n in range(8)]))
    assert [found.call("message", 0, n).hue for n in range(8)] == [1, 2, 3, 4, 5, 6, 1, 2]
