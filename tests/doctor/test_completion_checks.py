"""What is said of one completion, of its messages, and of one that is not there."""

import pytest

from dashboard.doctor.completion_checks import UNKNOWN
from tests.doctor.conftest import GONE
from tests.stub_upstream import page, question, reply, stored


def test_a_completion_its_messages_and_an_unknown_id_are_tried(upstream, examined):
    told = examined()
    assert told.status == 0
    assert "chatcmpl-1 came with 0.4 kB." in told.words
    assert "The first one came, as asked for, and there are more." in told.words
    assert "2 messages came." in told.words
    assert "It answered 404 and says that it has no such completion." in told.words
    assert "Answer 1" not in told.text
    assert "A question" not in told.text


def test_a_completion_that_the_list_names_and_nobody_finds_is_a_fault(api, examined):
    api.instead["chatcmpl-1"] = GONE
    told = examined()
    assert (told.status, told.outcome("completion")) == (1, "fault")
    assert "The list names chatcmpl-1, but alone it is not found." in told.words
    assert (told.outcome("messages"), told.outcome("more messages")) == ("skipped", "skipped")


def test_another_completion_than_the_one_asked_for_is_a_fault(api, examined):
    api.instead["chatcmpl-1"] = reply(stored(2))
    told = examined()
    assert (told.status, told.outcome("completion")) == (1, "fault")
    assert "Asked for chatcmpl-1, it sent another completion." in told.words


def test_a_completion_too_large_or_broken_is_explained(api, examined):
    api.instead["chatcmpl-1"] = reply(["no completion"])
    told = examined()
    assert (told.status, told.outcome("completion")) == (1, "fault")
    assert "The answer had an unexpected shape. It answered 200: An object was expected, not a list." in told.words


def test_a_server_without_the_messages_route_is_told(api, examined):
    api.instead["chatcmpl-1/messages"] = reply({"detail": "Not Found"}, 404)
    told = examined()
    assert (told.status, told.outcome("messages"), told.outcome("more messages")) == (0, "note", "skipped")
    assert "There is no route for messages. This server does not offer input messages" in told.words


def test_messages_inside_of_the_completion_need_no_route(api, examined):
    api.rows = [stored(number, input_messages=[question()]) for number in range(5)]
    api.instead["chatcmpl-0/messages"] = reply({"detail": "Not Found"}, 404)
    told = examined()
    assert (told.status, told.outcome("messages")) == (0, "ok")
    assert "They come inside of each completion instead." in told.words


def test_messages_that_are_not_kept_are_told(api, examined):
    api.instead["chatcmpl-1/messages"] = GONE
    told = examined()
    assert (told.status, told.outcome("messages")) == (0, "note")
    assert "The API has no messages for chatcmpl-1." in told.words


def test_an_empty_list_of_messages_is_told(api, examined):
    api.questions = []
    told = examined()
    assert (told.status, told.outcome("messages")) == (0, "note")
    assert "The list of the input messages of chatcmpl-1 is empty." in told.words


def test_messages_that_fail_are_a_fault(api, examined):
    api.instead["chatcmpl-1/messages"] = reply({"error": {"message": "Oh."}}, 500, x_request_id="req_500")
    told = examined()
    assert (told.status, told.outcome("messages"), told.outcome("unknown id")) == (1, "fault", "ok")
    assert "The API failed. It answered 500: Oh." in told.words
    assert "Request id: req_500" in told.words


@pytest.mark.parametrize("count", [1, 2])
def test_the_answer_listed_as_input_is_told(api, examined, count):
    said = {"role": "assistant", "content": "Answer 1"}
    api.questions = [question(number, **said) for number in range(count)]
    told = examined()
    assert (told.status, told.outcome("messages" if count == 1 else "more messages")) == (0, "note")
    assert "The answer is listed where the input should be" in told.words


def test_one_message_alone_has_no_second_page(api, examined):
    api.questions = [question()]
    told = examined()
    assert (told.outcome("messages"), told.outcome("more messages")) == ("ok", "skipped")
    assert "1 message came." in told.words


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        ([page([], has_more=True)], "but gives no cursor"),
        ([page([question(id="a/b")], has_more=True)], "but gives no cursor"),
        ([page([question()], has_more=True), page([question()])], "The cursor is ignored: the first message came"),
        ([page([question()], has_more=True), page([])], "but nothing came after the first"),
    ],
)
def test_messages_that_cannot_be_paged_are_a_fault(upstream, api, examined, pages, words):
    upstream.answer = lambda path, query: (
        pages["after" in dict(query)] if path.endswith("/messages") else api(path, query)
    )
    told = examined()
    assert (told.status, told.outcome("more messages")) == (1, "fault")
    assert words in told.words


@pytest.mark.parametrize(
    ("answer", "outcome", "words"),
    [
        (reply({"detail": f"Chat completion with id {UNKNOWN} not found"}, 400), "ok", "It answered 400 and says"),
        (reply({"detail": "Bad id"}, 400), "note", "It answered 400 for a completion that it does not have."),
        (reply({}, 500), "note", "The page of one that is gone will say: The API failed."),
        (reply(stored(9)), "note", "It sent a completion for an id that nobody has."),
    ],
)
def test_an_unknown_id_may_be_answered_in_several_ways(api, examined, answer, outcome, words):
    api.instead[UNKNOWN] = answer
    told = examined()
    assert (told.status, told.outcome("unknown id")) == (0, outcome)
    assert words in told.words
