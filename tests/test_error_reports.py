"""A view fails with a key in its hands: what gets out, by mail, on the page and into the log."""

import json
import logging
import threading
from typing import Any

import pytest
from django.core import mail
from django.utils.log import AdminEmailHandler
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter, get_default_exception_reporter_filter

from dashboard import gunicorn_settings
from dashboard.error_reports import NoValues, ShortReporter
from dashboard.log_lines import JsonLines, exception_fields
from tests.failing_urls import CANARY

DJANGOS = f"{ExceptionReporter.__module__}.{ExceptionReporter.__name__}"
DJANGOS_FILTER = f"{SafeExceptionReporterFilter.__module__}.{SafeExceptionReporterFilter.__name__}"
cache_of_filters: Any = get_default_exception_reporter_filter
QUERY = "?question=my-medical-record"


@pytest.fixture
def failure(client, settings, caplog):
    """What the failing view came to: its answer, and the record that Django made of it."""
    settings.ROOT_URLCONF = "tests.failing_urls"
    client.raise_request_exception = False
    answer = client.get(f"/fails/chatcmpl-private/{QUERY}", headers={"cookie": f"seen={CANARY}"})
    (record,) = [one for one in caplog.records if one.name == "django.request"]
    return answer, record


@pytest.fixture
def mailed(failure, settings):
    """The error mail, as text and as HTML, made by the given reporter and filter."""

    def send(reporter: str, filter_: str) -> str:
        settings.ADMINS = [("Admin", "admin@example.org")]
        settings.UPSTREAM = {"bearer": CANARY}
        settings.DEFAULT_EXCEPTION_REPORTER_FILTER = filter_
        cache_of_filters.cache_clear()
        AdminEmailHandler(include_html=True, reporter_class=reporter).emit(failure[1])
        cache_of_filters.cache_clear()
        (message,) = mail.outbox
        mail.outbox.clear()
        return message.message().as_bytes().decode() + message.subject + message.body

    return send


def test_an_error_mail_holds_no_value(mailed, failure, settings):
    text = mailed(settings.DEFAULT_EXCEPTION_REPORTER, settings.DEFAULT_EXCEPTION_REPORTER_FILTER)
    for secret in (CANARY, CANARY[:12], "my-medical-record", "chatcmpl-private", "bearer"):
        assert secret not in text
    assert "A request failed with 500" in text
    assert "builtins.ValueError < builtins.LookupError" in text
    assert f"Reference: {failure[0].headers['X-Request-ID']}" in text
    assert "tests/failing_urls.py:" in text


def test_a_mail_of_django_itself_would_hold_them(mailed):
    text = mailed(DJANGOS, DJANGOS_FILTER)
    for secret in (CANARY, "my-medical-record", "chatcmpl-private"):
        assert secret in text


def test_the_filter_takes_all_values_from_the_reporter_of_django(mailed):
    """What is left is the address and the text of the exception, which no filter is asked about."""
    text = mailed(DJANGOS, f"{NoValues.__module__}.{NoValues.__name__}")
    assert "bearer" not in text.replace("nothing for {&#x27;bearer&#x27;", "").replace("nothing for {'bearer'", "")
    assert "seen" not in text
    assert "SECRET_KEY" not in text


def test_a_report_without_a_request_has_its_frames(failure):
    error = failure[1].exc_info
    assert "tests/failing_urls.py" in ShortReporter(None, *error).get_traceback_text()
    assert "&lt;" in ShortReporter(None, *error).get_traceback_html()
    without_exception: Any = (None, "A text alone", None)
    assert ShortReporter(None, *without_exception).get_traceback_text() == ""


def test_the_page_names_its_reference_and_nothing_else(failure):
    answer, _ = failure
    assert answer.status_code == 500
    page = answer.content.decode()
    assert "The dashboard failed" in page
    assert f'Reference <span class="mono">{answer.headers["X-Request-ID"]}</span>' in page
    assert "CANARY" not in page


def test_the_log_holds_class_and_frames(failure):
    answer, record = failure
    line = JsonLines().format(record)
    for secret in ("CANARY", "medical", "private"):
        assert secret not in line
    document = json.loads(line)
    assert document["request_id"] == answer.headers["X-Request-ID"]
    assert (document["level"], document["exception"]) == ("ERROR", "builtins.ValueError < builtins.LookupError")
    file, number, function = document["traceback"][-1].split(":")
    assert (file, function) == ("tests/failing_urls.py", "fails")
    assert int(number) > 0
    assert document["message"] == "A request failed with 500"


def test_what_django_says_of_other_requests_is_not_repeated(client, caplog):
    client.get("/nowhere/private/")
    assert [one.name for one in caplog.records] == ["dashboard.requests"]


def test_a_chain_of_exceptions_that_is_a_circle_ends():
    first, second = ValueError(), LookupError()
    first.__cause__, second.__cause__ = second, first
    assert exception_fields(first) == {"exception": "builtins.ValueError < builtins.LookupError", "traceback": []}


def test_a_recursion_without_end_is_cut():
    def again() -> None:
        again()

    with pytest.raises(RecursionError) as caught:
        again()
    assert len(exception_fields(caught.value)["traceback"]) == 30


def record(name: str, text: str, *args: object, error: BaseException | None = None) -> dict[str, object]:
    exc_info = (type(error), error, None) if error else None
    return json.loads(
        JsonLines().format(logging.LogRecord(name, logging.WARNING, "/a/b/c.py", 7, text, args, exc_info))
    )


@pytest.mark.parametrize(
    ("name", "text", "args", "message"),
    [
        ("urllib3.connectionpool", "Retrying (%r) %s after %d s", ("secret", "secret", 3), "Retrying (…) … after 3 s"),
        ("somebody", "secret as a whole", (), None),
        ("gunicorn.error", "Handling signal: %s", ("term",), "Handling signal: term"),
        ("gunicorn.error", "Exit:\n%s", ("a\nsecret",), "Exit:\n…"),
        ("gunicorn.error", "Invalid request from ip=127.0.0.1: 'secret'", (), "Invalid request"),
        ("gunicorn.error", "WORKER TIMEOUT (pid:%s)", (12,), "WORKER TIMEOUT (pid:12)"),
        ("urllib3", "%.1f%% of %-5s in %*d", ("secret", "secret", 3), "…% of … in 3"),
        ("somebody", "%d of %s", ("secret",), "… of …"),
        ("dashboard.x", "100 %% of %s", ("it",), "100 % of it"),
    ],
)
def test_of_a_text_only_what_is_no_content_is_written(name, text, args, message):
    line = record(name, text, *args)
    assert line.get("message") == message
    assert ("at" in line) == (name.partition(".")[0] not in {"dashboard", "gunicorn"})
    assert "secret" not in str(line)


def test_words_beside_an_exception_are_left_out():
    line = record("gunicorn.error", "Error handling request %s %s", "GET", "/s/secret", error=OSError("secret"))
    assert (line["message"], line["exception"]) == ("Error handling request … …", "builtins.OSError")


def test_a_thread_that_fails_is_told_without_its_text(caplog, monkeypatch):
    monkeypatch.setattr(threading, "excepthook", None)
    worker: Any = None
    gunicorn_settings.post_worker_init(worker)
    thread = threading.Thread(target=int, args=["secret"])
    thread.start()
    thread.join()
    (failed,) = caplog.records
    line = json.loads(JsonLines().format(failed))
    assert (line["level"], line["message"], line["exception"]) == (
        "ERROR",
        "A thread ended early",
        "builtins.ValueError",
    )
    assert "secret" not in str(line)


def test_named_arguments_are_left_out():
    line = record("somebody", "%(path)s is odd", {"path": "secret"})
    assert line["at"] == "c.py:7"
    assert "secret" not in str(line)


def test_nothing_of_a_line_acts_on_a_terminal():
    formatted = JsonLines().format(
        logging.LogRecord("dashboard", logging.WARNING, "f", 1, "a\n\x1b[31m\x9b\u2028\x00b", (), None)
    )
    assert formatted.isprintable()
    assert formatted.isascii()
    assert json.loads(formatted)["message"] == "a\n\x1b[31m\x9b\u2028\x00b"
