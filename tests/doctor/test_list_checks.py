"""What is said of a list that does not do what it is asked."""

import pytest

from tests.doctor.conftest import rows
from tests.stub_upstream import page, reply, stored

CHECKS = ["limit", "next page", "model filter", "metadata filter", "order"]


def test_a_server_that_keeps_to_the_api_has_no_fault(examined):
    told = examined()
    assert told.status == 0
    assert {told.outcome(check) for check in CHECKS} == {"ok"}
    assert "It came with 20 rows, and says that there are more." in told.words
    assert "10 rows came, as asked for." in told.words
    assert "It goes on with 20 rows that were not there before." in told.words
    assert "Asked for one model, it sent 20 rows, and all of them match." in told.words
    assert "Newest first and oldest first both come as asked for." in told.words


def test_an_empty_store_is_told_with_what_fills_it(api, examined):
    api.rows = []
    told = examined()
    assert told.status == 0
    assert told.outcome("list") == "note"
    assert "Nothing is stored yet" in told.words
    assert "store=True; they appear after some seconds and are kept about 30 days." in told.words
    assert {told.outcome(check) for check in [*CHECKS, "completion", "messages", "more messages"]} == {"skipped"}
    assert told.outcome("unknown id") == "ok"


def test_rows_that_cannot_be_opened_are_told(api, examined):
    api.rows = [stored(number, id=f"../{number}") for number in range(3)]
    told = examined()
    assert told.outcome("list") == "note"
    assert "None of its rows has an id that can stand in an address" in told.words
    assert told.outcome("completion") == "skipped"


def test_a_page_size_that_is_ignored_is_told(api, examined):
    api.ignores = {"limit"}
    told = examined()
    assert (told.status, told.outcome("limit"), told.outcome("next page")) == (0, "note", "ok")
    assert "The page size is ignored: 30 rows came where 10 were asked for." in told.words


def test_a_page_that_is_too_short_is_told(upstream, api, examined):
    upstream.answer = lambda path, query: (
        page(api.rows[:3], has_more=True) if ("limit", "10") in query else api(path, query)
    )
    told = examined()
    assert (told.status, told.outcome("limit"), told.outcome("next page")) == (0, "note", "ok")
    assert "Only 3 rows came where 10 were asked for, though the list before had more." in told.words


def test_a_page_that_is_empty_leads_nowhere(upstream, api, examined):
    upstream.answer = lambda path, query: page([], has_more=True) if ("limit", "10") in query else api(path, query)
    told = examined()
    assert (told.outcome("limit"), told.outcome("next page")) == ("note", "skipped")


def test_a_cursor_that_is_ignored_is_a_fault(api, examined):
    api.ignores = {"after"}
    told = examined()
    assert (told.status, told.outcome("next page")) == (1, "fault")
    assert "The cursor is ignored: 10 rows of the page before came once more." in told.words


@pytest.mark.parametrize(
    ("answered", "words"),
    [
        ({"has_more": False}, "The API says that nothing follows these 10 rows, though it listed more before."),
        ({"has_more": True, "last_id": "a/b"}, "The API says that there is more, but gives no cursor to go on from."),
    ],
)
def test_a_list_that_cannot_be_gone_on_with_is_a_fault(upstream, api, examined, answered, words):
    api.rows = [stored(number, id=f"no/{number}") for number in range(30)]
    upstream.answer = lambda path, query: (
        page(api.rows[:10], **answered) if ("limit", "10") in query else api(path, query)
    )
    told = examined()
    assert (told.status, told.outcome("next page")) == (1, "fault")
    assert words in told.words


@pytest.mark.parametrize(
    ("created", "came", "outcome", "words"),
    [
        (7, slice(11, 30), "note", "1 row of the second in which the page before ends is left out."),
        (7, slice(30, 30), "note", "10 rows of the second in which the page before ends are left out."),
        (None, slice(12, 30), "note", "After the cursor 2 rows are missing that the list before had."),
        (None, slice(30, 30), "fault", "After the cursor 10 rows are missing that the list before had."),
    ],
)
def test_rows_lost_between_two_pages_are_told(upstream, api, examined, created, came, outcome, words):
    api.rows = [stored(number, **({"created": created} if created else {})) for number in range(30)]
    upstream.answer = lambda path, query: (
        page(api.rows[came]) if "after" in dict(query) and path.endswith("completions") else api(path, query)
    )
    told = examined()
    assert (told.status, told.outcome("next page")) == (int(outcome == "fault"), outcome)
    assert words in told.words


@pytest.mark.parametrize(("ignored", "kind"), [("model", "model"), ("metadata", "pair of metadata")])
def test_a_filter_that_is_ignored_is_told(api, examined, ignored, kind):
    api.ignores = {ignored}
    told = examined()
    assert (told.status, told.outcome(f"{ignored} filter")) == (0, "note")
    assert "The filter is ignored: rows came that do not match." in told.words
    assert f"The list shows all rows when it is filtered by a {kind}, and says so above them." in told.words


@pytest.mark.parametrize("ignored", ["model", "metadata"])
def test_a_filter_that_is_ignored_is_told_even_where_all_rows_are_alike(api, examined, ignored):
    api.rows = [stored(number) for number in range(5)]
    assert examined().outcome(f"{ignored} filter") == "ok"
    api.ignores = {ignored}
    told = examined()
    assert told.outcome(f"{ignored} filter") == "note"
    assert "The filter is ignored: rows came for a" in told.words


@pytest.mark.parametrize(
    ("ignores", "outcome", "words"),
    [
        (
            set(),
            "ok",
            "Nothing came for a pair of metadata that nobody has. No row that was loaded has a pair of metadata.",
        ),
        ({"metadata"}, "note", "rows came for a pair of metadata that nobody has. No row that was loaded has a pair"),
    ],
)
def test_the_metadata_filter_can_be_judged_without_metadata(api, examined, ignores, outcome, words):
    api.rows = [stored(number, metadata=None) for number in range(5)]
    api.ignores = ignores
    told = examined()
    assert told.outcome("metadata filter") == outcome
    assert words in told.words


def test_a_model_that_is_refused_because_nobody_has_it_is_no_fault(upstream, api, examined):
    api.rows = [stored(number) for number in range(5)]
    upstream.answer = lambda path, query: (
        reply({"detail": "There is no such model."}, 404)
        if "nobody" in dict(query).get("model", "")
        else api(path, query)
    )
    told = examined()
    assert (told.status, told.outcome("model filter")) == (0, "ok")


def test_a_filter_that_finds_nothing_is_told(upstream, api, examined):
    upstream.answer = lambda path, query: page([]) if "model" in dict(query) else api(path, query)
    told = examined()
    assert (told.status, told.outcome("model filter")) == (0, "note")
    assert "Nothing came for the model of a row that the list shows." in told.words


def test_values_of_metadata_are_not_printed(api, examined):
    api.rows = [stored(number, metadata={"customer": f"Ms Pseudonym {number % 2}"}) for number in range(5)]
    for ignores in (set(), {"metadata"}):
        api.ignores = ignores
        assert "Pseudonym" not in examined().text


def test_an_order_that_is_ignored_is_told(api, examined):
    api.ignores = {"order"}
    told = examined()
    assert (told.status, told.outcome("order")) == (0, "note")
    assert "The order is ignored: order=asc did not come so." in told.words
    api.rows = api.rows[::-1]
    assert "The order is ignored: order=desc did not come so." in examined().words


def test_both_orders_may_be_wrong(api, examined):
    api.rows = rows(9)[::2] + rows(9)[1::2]
    assert "order=desc and order=asc did not come so." in examined().words


def test_an_order_cannot_be_seen_in_one_moment(api, examined):
    api.rows = [stored(number, created=7) for number in range(5)]
    assert examined().outcome("order") == "skipped"
