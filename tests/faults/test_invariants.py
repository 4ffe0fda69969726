"""Each invariant can be broken: a breach of it is planted, and seen."""

from __future__ import annotations

import json
import random

import pytest

from tests.faults import invariants
from tests.faults.canary import Search, new_key
from tests.faults.catalogue import Step
from tests.faults.dashboard_process import Answer

HTML = {"content-type": "text/html; charset=utf-8"}


def answer(body: str = "<p>fine</p>", status: int = 200, seconds: float = 1.0, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, HTML | named, body.encode(), seconds)


def test_an_answer_that_is_late_is_seen():
    assert invariants.in_time(answer(seconds=16.5), lag=0.2)
    assert not invariants.in_time(answer(seconds=16.5), lag=0.6)


@pytest.mark.parametrize(
    ("step", "given", "fault"),
    [
        (Step("", 502), answer(), "200 instead of 502"),
        (Step("", 200, ("two words",)), answer("<p>two</p>"), "does not say 'two words'"),
        (Step("", 200, absent=("<script>",)), answer("<script>"), "holds '<script>'"),
        (Step("", 200, body=b"{}"), answer("{ }"), "bytes"),
        (Step("", 200, requests=2), answer(), "1 upstream requests instead of 2"),
        (Step("", 503, retry_after=(1, 5)), answer(status=503), "Retry-After is missing"),
        (Step("", 503, retry_after=(1, 5)), answer(status=503, retry_after="6"), "Retry-After is 6"),
        (Step("", 200), answer('<p id="a"></p><p class="b" id="a"></p>'), "DOM ids more than once: ['a']"),
    ],
)
def test_an_answer_that_is_not_as_told_is_seen(step, given, fault):
    assert fault in invariants.as_told(step, given, 1)[0]


def test_words_may_stand_in_several_elements():
    assert not invariants.as_told(
        Step("", 200, ("It answered 500 & said",)), answer("It\n answered <b>500</b> &amp; said"), 0
    )


def test_a_key_in_a_header_is_seen():
    key = new_key(random.Random(3))
    assert invariants.keeps_secrets(Search([key]), answer(x_echo=key[-9:]))
    assert not invariants.keeps_secrets(Search([key]), answer(x_echo=key[:10]))


@pytest.mark.parametrize("given", [answer(status=500), answer("Traceback (most recent call last):")])
def test_a_crash_is_seen(given):
    assert invariants.stands(given)


def test_an_error_that_nobody_hears_of_is_seen():
    assert invariants.announced(answer(status=502))
    assert not invariants.announced(answer('<p role="alert">No</p>', status=502))
    assert not invariants.announced(answer(status=502, hx_retarget="#toasts"))


def line(**fields: object) -> bytes:
    whole = {"request_id": "r", "route": "/", "status": 502, "ms": 1, "upstream_ms": 1, "upstream_kind": "broken-off"}
    return json.dumps(whole | fields).encode() + b"\n"


def test_a_line_that_is_missing_or_wrong_is_seen():
    failed = answer(status=502, x_request_id="r")
    assert not invariants.told_in_log(invariants.json_lines(b"started\n" + line()), failed)
    assert invariants.told_in_log(invariants.json_lines(line(request_id="other")), failed)
    assert invariants.told_in_log(invariants.json_lines(line(status=200)), failed)
    assert invariants.told_in_log(invariants.json_lines(line(upstream_kind="")), failed)


def test_content_in_the_log_is_seen(tmp_path):
    assert not invariants.of_log(line())
    assert invariants.of_log(line(route="/?after=chatcmpl-1"))
    assert invariants.of_log(b"Traceback (most recent call last):\n")
    assert invariants.of_log(b'{"route": "/", "request_id": "r"}\n')
