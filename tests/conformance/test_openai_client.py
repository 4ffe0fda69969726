"""The contract of the stored-completions API, with the official Python client as the caller.

What a live server may hold is unknown, so the tests take their models, labels and ids from its first rows, and
rows that arrive meanwhile must not disturb them.
"""

from itertools import islice, pairwise
from typing import Any

import openai
import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletion

WALK = 600


@pytest.fixture(scope="session")
def walks(client):
    """All rows, or the first 600, in either order; at 100 a page, as the fewest rows are lost so."""
    return {
        order: list(islice(client.chat.completions.list(order=order, limit=100), WALK)) for order in ("asc", "desc")
    }


def test_a_live_server_is_held_to_the_contract_too(live):
    """Skipped where no live server is named, so that a run says so."""
    assert live.base_url


def newest(client: OpenAI, limit: int = 100) -> list[ChatCompletion]:
    rows = client.chat.completions.list(order="desc", limit=limit).data
    if not rows:
        pytest.skip("this server has no stored completions")
    return rows


def labels(row: ChatCompletion) -> dict[str, str]:
    """The metadata of a row: a field that the client's own type does not declare."""
    found: dict[str, str] | None = (row.model_extra or {}).get("metadata", row.metadata)
    return found or {}


def times(rows: list[ChatCompletion]) -> list[int]:
    return [row.created for row in rows]


def test_the_newest_come_first_when_nobody_says_otherwise(client):
    rows = client.chat.completions.list().data
    assert times(rows) == sorted(times(rows), reverse=True)
    assert len(rows) <= 20


@pytest.mark.parametrize(("order", "newest_first"), [("asc", False), ("desc", True)])
def test_both_orders_are_kept(client, order, newest_first):
    rows = client.chat.completions.list(order=order, limit=50).data
    assert times(rows) == sorted(times(rows), reverse=newest_first)


@pytest.mark.parametrize("limit", [1, 2, 5, 10, 100])
def test_limits_are_honoured(client, limit):
    page = client.chat.completions.list(limit=limit)
    assert len(page.data) == limit or (len(page.data) < limit and not page.has_more)


def test_a_page_names_its_ends(client):
    page = client.chat.completions.list(order="desc", limit=3)
    extra = page.model_extra or {}
    if page.data:
        assert (extra["first_id"], extra["last_id"]) == (page.data[0].id, page.data[-1].id)


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_whole_walks_have_no_repeats(walks, order):
    rows = walks[order]
    ids = [row.id for row in rows]
    assert len(set(ids)) == len(ids)
    assert times(rows) == sorted(times(rows), reverse=order == "desc")


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_small_pages_join_up_without_repeats(client, order):
    rows = list(islice(client.chat.completions.list(order=order, limit=7), 60))
    assert len({row.id for row in rows}) == len(rows)
    assert times(rows) == sorted(times(rows), reverse=order == "desc")


def test_a_walk_misses_no_second_in_either_direction(walks):
    down, up = times(walks["desc"]), times(walks["asc"])
    if len(down) == WALK:
        pytest.skip("too many rows to walk all of them")
    assert {time for time in up if time <= max(down, default=0)} == set(down)


def test_the_cursor_continues_below_the_second_of_its_row(client):
    rows = newest(client)
    cursor = rows[len(rows) // 2]
    following = client.chat.completions.list(order="desc", limit=100, after=cursor.id).data
    assert all(row.created <= cursor.created for row in following)
    assert cursor.id not in [row.id for row in following]
    # Tied rows may be lost, older ones may not.
    older = [row.id for row in rows if row.created < cursor.created]
    assert set(older) <= {row.id for row in following}


def test_after_the_last_row_there_is_an_empty_page(client):
    oldest = client.chat.completions.list(order="asc", limit=1).data
    if not oldest:
        pytest.skip("this server has no stored completions")
    page = client.chat.completions.list(order="desc", after=oldest[0].id)
    assert (page.data, bool(page.has_more)) == ([], False)


@pytest.mark.parametrize("order", ["asc", "desc", None])
@pytest.mark.parametrize("pairs", [0, 1, 2])
@pytest.mark.parametrize("by_model", [False, True])
@pytest.mark.parametrize("limit", [3, 100])
def test_every_combination_of_filters_agrees_with_the_rows(client, order, pairs, by_model, limit):
    rows = [row for row in newest(client) if len(labels(row)) >= pairs]
    if not rows:
        pytest.skip(f"none of the newest rows has {pairs} labels")
    sought = rows[0]
    wanted = dict(list(labels(sought).items())[:pairs])
    options: dict[str, Any] = {"limit": limit}
    options |= {"metadata": wanted} if pairs else {}
    options |= {"model": sought.model} if by_model else {}
    options |= {"order": order} if order else {}
    found = client.chat.completions.list(**options).data
    assert found
    assert all(wanted.items() <= labels(row).items() for row in found)
    assert not by_model or {row.model for row in found} == {sought.model}
    assert times(found) == sorted(times(found), reverse=order != "asc")


def test_every_model_among_the_newest_can_be_filtered(client):
    for model in {row.model for row in newest(client)}:
        assert {row.model for row in client.chat.completions.list(model=model, limit=20).data} == {model}


def test_filtered_pages_join_up(client):
    model = newest(client)[0].model
    ids = [row.id for row in islice(client.chat.completions.list(model=model, order="desc", limit=5), 40)]
    assert len(set(ids)) == len(ids)


def test_a_filter_that_matches_nothing_gives_an_empty_page(client):
    page = client.chat.completions.list(metadata={"no-such-label": "no-such-value"})
    assert (page.data, bool(page.has_more)) == ([], False)


def test_a_retrieved_completion_equals_its_row(client):
    for row in newest(client, 5):
        assert client.chat.completions.retrieve(row.id).to_dict() == row.to_dict()


def test_the_recorded_fields_are_there(client):
    row = newest(client)[0].to_dict()
    assert {"object", "id", "model", "created", "choices", "usage", "metadata"} <= set(row)
    assert row["object"] == "chat.completion"


def test_messages_are_in_the_order_asked_for(client):
    row = newest(client)[0]
    up = [message.id for message in client.chat.completions.messages.list(row.id)]
    down = [message.id for message in client.chat.completions.messages.list(row.id, order="desc")]
    assert up
    assert up == down[::-1]
    assert len(set(up)) == len(up)


def test_messages_come_in_pages(client):
    for row in newest(client, 20):
        whole = [message.id for message in client.chat.completions.messages.list(row.id, limit=100)]
        single = [message.id for message in client.chat.completions.messages.list(row.id, limit=1)]
        assert single == whole
        if len(whole) > 1:
            rest = client.chat.completions.messages.list(row.id, after=whole[0]).data
            assert [message.id for message in rest] == whole[1 : len(rest) + 1]
        last = client.chat.completions.messages.list(row.id, after=whole[-1])
        assert (last.data, bool(last.has_more)) == ([], False)


@pytest.mark.parametrize("call", ["retrieve", "messages"])
def test_an_unknown_completion_is_not_found(client, call):
    unknown = "chatcmpl-0000000000000000000000000none"
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.retrieve(unknown) if call == "retrieve" else client.chat.completions.messages.list(
            unknown
        )
    assert caught.value.body == {
        "message": f"Completion {unknown} not found",
        "type": "invalid_request_error",
        "param": "completion_id",
        "code": "not_found",
    }


def test_a_wrong_key_is_refused(target):
    with (
        OpenAI(base_url=target.base_url, api_key="sk-not-a-key-at-all", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError) as caught,
    ):
        stranger.chat.completions.list()
    assert caught.value.code == "invalid_api_key"


# What follows is in no recording of the real service, or would change what it stores.


@pytest.mark.parametrize("limit", [0, -1, 101])
def test_the_demo_refuses_other_limits(demo_client, limit):
    with pytest.raises(openai.BadRequestError) as caught:
        demo_client.chat.completions.list(limit=limit)
    assert caught.value.param == "limit"


def test_the_demo_refuses_other_orders(demo_client):
    with pytest.raises(openai.BadRequestError) as caught:
        demo_client.chat.completions.list(order="newest")
    assert (caught.value.param, caught.value.code) == ("order", "invalid_value")


def test_the_demo_does_not_know_unknown_cursors(demo_client):
    with pytest.raises(openai.NotFoundError) as caught:
        demo_client.chat.completions.list(after="chatcmpl-none")
    assert caught.value.param == "after"


def test_the_demo_is_read_only(demo_client):
    [row] = demo_client.chat.completions.list(limit=1).data
    for change in (
        lambda: demo_client.chat.completions.delete(row.id),
        lambda: demo_client.chat.completions.update(row.id, metadata={"env": "changed"}),
        lambda: demo_client.chat.completions.create(model="gpt-5.4", messages=[{"role": "user", "content": "Hi"}]),
    ):
        with pytest.raises(openai.APIStatusError) as caught:
            change()
        assert caught.value.status_code == 405


def test_a_walk_over_the_demo_loses_the_rows_tied_with_the_end_of_a_page(demo_client):
    whole = [row.id for row in demo_client.chat.completions.list(limit=100).data]
    walked = [row.id for row in islice(demo_client.chat.completions.list(), 60)]
    assert [position for position, one in enumerate(whole[:60]) if one not in walked] == [20, 21]


def test_seeds_and_empty_ends_survive_the_client(demo_client):
    [row] = demo_client.chat.completions.list(limit=1).data
    assert abs(row.model_extra["seed"]) > 2**53
    page = demo_client.chat.completions.list(model="gpt-none")
    assert (page.model_extra["first_id"], page.model_extra["last_id"]) == (None, None)


def test_pairs_of_messages_follow_each_other_in_the_long_conversation(demo_client):
    [row] = demo_client.chat.completions.list(metadata={"size": "120 messages"}).data
    first = demo_client.chat.completions.messages.list(row.id)
    assert (len(first.data), first.has_more) == (20, True)
    numbers = [int(message.id.rpartition("-")[2]) for message in demo_client.chat.completions.messages.list(row.id)]
    assert len(numbers) == 120
    assert all(later == earlier + 1 for earlier, later in pairwise(numbers))
