"""What the first answer of an API says of the connection, the key and the list."""

import json

import pytest

from dashboard.doctor.examination import AFTER_THE_LIST
from tests.stub_upstream import page, reply, stored

HTML = (200, {"content-type": "text/html"}, b"<!doctype html><title>Sign in</title>")
MOVED = (302, {"location": "https://login.example/"}, b"")


def error(status: int, message: str = "No.", code: str | None = None, **headers: str):
    return reply({"error": {"message": message, "code": code}}, status, **headers)


# What the API answers to the list, where the fault is, and what is said of it.
ANSWERS = {
    "wrong key": (
        error(401, "Incorrect API key provided.", "invalid_api_key"),
        "key",
        "The API refused the key. It answered 401 (invalid_api_key): Incorrect API key provided. "
        "The key itself is not known there: mistyped, deleted, or of another server. "
        "It comes from OPENAI_API_KEY and is 20 to 99 characters.",
        "→ Put a key that is active into OPENAI_API_KEY.",
    ),
    "missing scope": (
        error(401, "You have insufficient permissions for this operation."),
        "key",
        "No error code came with it: so OpenAI answers a key that is valid, but lacks the permission (scope) for "
        "stored completions.",
        "→ Let the key of OPENAI_API_KEY read stored completions, or use one that may do everything.",
    ),
    "permission": (error(403), "key", "The key is known, but may not do this.", "→ The key lacks a permission"),
    "region": (
        error(403, "Country not supported.", "unsupported_country_region_territory"),
        "key",
        "The API is not offered in the country that this machine, or its proxy, calls from.",
        "Ask the administrator.",
    ),
    "no such address": (
        reply({"detail": "Not Found"}, 404),
        "list",
        "The API does not offer this route. It answered 404: Not Found. Nothing is there: a wrong base URL, or a "
        "server without stored completions.",
        "→ Check the base URL.",
    ),
    "not for reading": (
        error(405, "Method Not Allowed", "method_not_supported"),
        "list",
        "There is such an address, but not for reading: the server makes completions and keeps none.",
        "→ Check OPENAI_BASE_URL. If it is right, this server has nothing that the dashboard could show.",
    ),
    "too many requests": (
        error(429, "Slow down.", retry_after="7"),
        "list",
        "The API limits our requests. It answered 429: Slow down. It asks to wait 7 seconds. This is no lack of credit.",
        "→ It counts the requests of this key, whichever program makes them. Wait a little.",
    ),
    "too many requests, without a time": (
        error(429, retry_after="0"),
        "list",
        "It names no time to wait. This is no lack of credit.",
        "→ It counts the requests of this key, whichever program makes them. Wait a little.",
    ),
    "no credit": (
        error(429, "You exceeded your quota.", "insufficient_quota"),
        "list",
        "The API account has no credit left. It answered 429 (insufficient_quota): You exceeded your quota.",
        "→ Ask whoever pays for the account.",
    ),
    "redirect": (
        MOVED,
        "list",
        "The API answered with a redirect. It answered 302.",
        "→ Redirects are not followed, so that the key goes nowhere else. Check the base URL. It stands in",
    ),
    "page": (
        HTML,
        "list",
        "The answer was not JSON. It answered 200: Expecting value at character 0 of 37. It calls itself text/html.",
        "→ A proxy or a sign-in page may stand between",
    ),
    "other document": (
        reply({"status": "fine"}),
        "list",
        "The answer had an unexpected shape. It answered 200: It has no list of data.",
        "→ The server may not offer stored completions at this address.",
    ),
    "error as 200": (reply({"error": "Nope"}), "list", "It answered 200: It holds an error: Nope.", "Check the base"),
    "fault": (error(500, "Oh."), "list", "The API failed. It answered 500: Oh.", "→ The fault is on its side."),
    "busy": (
        error(503, ""),
        "list",
        "The API is overloaded. It answered 503.",
        "→ The fault is on its side. Wait a little.",
    ),
    "late": (error(504, ""), "list", "The API did not answer in time. It answered 504.", "→ It may be busy."),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_a_refused_list_is_explained(upstream, examined, case):
    answer, place, words, advice = ANSWERS[case]
    status, headers, body = answer
    upstream.answer = lambda path, query: (status, {**headers, "x-request-id": "req_first"}, body)
    told = examined()
    assert told.status == 1
    assert [told.outcome(check) for check in ("connection", "key", "list")] == (
        ["ok", "fault", "skipped"] if place == "key" else ["ok", "skipped", "fault"]
    )
    assert words in told.words
    assert advice in told.words
    assert "Request id: req_first" in told.words
    assert {told.outcome(check) for check in AFTER_THE_LIST} == {"skipped"}
    # A call that may pass by itself is made twice.
    assert len(set(upstream.asked)) == 1


def test_a_base_url_without_v1_is_remarked_on(configured, doctor, upstream):
    upstream.fails(404)
    configured(OPENAI_API_KEY="k" * 30, OPENAI_BASE_URL=upstream.base_url.removesuffix("/v1"))
    told = doctor()
    assert told.status == 1
    assert "Most base URLs end in /v1, this one does not." in told.words
    assert "Check the base URL. Some servers and some keys do not offer stored completions. It stands in" in told.words


def test_the_variables_of_a_further_project_are_named(configured, doctor, upstream):
    upstream.fails(401, {"error": {"message": "Who?", "code": "invalid_api_key"}})
    configured(
        DASHBOARD_PROJECTS="my-stage", MY_STAGE_OPENAI_API_KEY="k" * 120, MY_STAGE_OPENAI_BASE_URL=upstream.base_url
    )
    told = doctor()
    assert "→ Put a key that is active into MY_STAGE_OPENAI_API_KEY." in told.words
    assert "It comes from MY_STAGE_OPENAI_API_KEY and is 100 characters or more." in told.words


def test_a_key_that_the_answer_repeats_is_not_printed(upstream, examined):
    # `examined` looks for every piece of the key.
    upstream.answer = lambda path, query: error(
        401, f"Incorrect API key provided: {upstream.headers[0]['authorization']}", "invalid_api_key"
    )
    assert "Incorrect API key provided: Bearer [key]." in examined().words


def test_a_limit_in_the_middle_ends_the_calls(upstream, api, examined):
    upstream.answer = lambda path, query: error(429, retry_after="9") if "model" in dict(query) else api(path, query)
    told = examined()
    assert (told.status, told.outcome("model filter")) == (1, "fault")
    assert told.outcome("metadata filter") == told.outcome("unknown id") == "skipped"
    assert "It was not tried after the fault above." in told.words
    assert "model=" in upstream.asked[-1]


def test_what_the_api_says_cannot_touch_the_terminal(upstream, examined):
    hostile = "\x1b[2J\x1b]0;owned\x07 \u202eevil\u2066 \x9b31m a\r\nok      key  fine\x00\x7f\u200b"
    upstream.answer = lambda path, query: error(418, hostile, hostile, x_request_id="req\x1b[31m")
    told = examined()
    assert told.status == 1
    assert "␛[2J␛]0;owned␇ ‹U+202E›evil‹U+2066› ‹U+009B›31m a ok key fine␀␡‹U+200B›" in told.words
    assert [one for one in told.text if not one.isprintable() and one != "\n"] == []
    assert told.outcome("key") == "skipped"
    assert "req[31m" in told.text


def test_ids_and_the_rest_of_a_list_cannot_touch_the_terminal(upstream, examined):
    hostile = "\x1b[2J\u202e\n"
    rows = [
        stored(number, model=f"{hostile}{number % 2}", metadata={hostile: hostile}, id=f"chatcmpl-{number}")
        for number in range(4)
    ]
    upstream.answer = lambda path, query: page([rows[0] | {"id": hostile}, *rows], has_more=True, last_id=hostile)
    for arguments in ((), ("--json",)):
        text = examined(*arguments).text
        assert [one for one in text if not one.isprintable() and one != "\n"] == []


def test_hostile_words_are_the_same_as_json(upstream, examined):
    upstream.answer = lambda path, query: error(500, "a\u202e\x1b[2Jb")
    told = examined("--json")
    assert told.status == 1
    (fault,) = [one for one in json.loads(told.text)["projects"][0]["findings"] if one["outcome"] == "fault"]
    assert fault["words"] == "The API failed. It answered 500: a‹U+202E›␛[2Jb."
