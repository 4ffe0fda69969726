"""Log records -> lines of JSON that hold no content: no address, no value of a variable, no text of an exception."""

from __future__ import annotations

import json
import logging
import re
import threading
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

REQUEST_ID = "dashboard.request_id"
"""Where the middleware keeps the id of a request, in its META."""
OURS = ("dashboard", "gunicorn")
CONVERSION = re.compile(r"%([^%a-zA-Z]*[a-zA-Z]|%)")
MOST_FRAMES = 30
ROOT = f"{Path(__file__).parent.parent}/"


class JsonLines(logging.Formatter):
    """One object a line. `json` escapes control characters, and whatever else a terminal could act on."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
        }
        return json.dumps(line | (getattr(record, "fields", None) or _described(record)))


def exception_fields(error: BaseException) -> dict[str, Any]:
    """The class of an exception and of those before it, and the last frames as `file:line:function`."""
    return {
        "exception": " < ".join(f"{type(one).__module__}.{type(one).__qualname__}" for one in _chain(error)),
        "traceback": [
            f"{_short(frame.f_code.co_filename)}:{line}:{frame.f_code.co_qualname}"
            for frame, line in traceback.walk_tb(error.__traceback__)
        ][-MOST_FRAMES:],
    }


def failures_only(record: logging.LogRecord) -> bool:
    """Of what Django says about requests, exceptions alone: the rest repeats our own line, with the address."""
    # The text is what the subject of an error mail is made of.
    record.msg, record.args = "A request failed with %d", (getattr(record, "status_code", 500),)
    return bool(record.exc_info)


def without_traceback(record: logging.LogRecord) -> bool:
    """Whoever sends a wrong Host header should not fill the log, and least of all with that header."""
    record.msg, record.args, record.exc_info = "A Host header that is not served", (), None
    return True


def thread_failed(failure: threading.ExceptHookArgs) -> None:
    """In place of the hook that prints the text of an exception that ended a thread."""
    logging.getLogger("dashboard.threads").error("A thread ended early", exc_info=failure.exc_value)


def _described(record: logging.LogRecord) -> dict[str, Any]:
    described: dict[str, Any] = {}
    if text := _text(record):
        described["message"] = text
    if request_id := _request_id(record):
        described["request_id"] = request_id
    if record.exc_info and record.exc_info[1]:
        described |= exception_fields(record.exc_info[1])
    elif record.name.partition(".")[0] not in OURS:
        described["at"] = f"{record.filename}:{record.lineno}"
    return described


def _text(record: logging.LogRecord) -> str:
    """A text is the program's own where it is a template; what it is filled with may be content, numbers apart.

    Others write whole sentences, too, and may have put content into them: `at` tells where to look them up.
    """
    text, ours = str(record.msg), record.name.partition(".")[0] in OURS
    if isinstance(record.args, tuple) and record.args:
        words = ours and not record.exc_info
        filled = (str(one) if _is_harmless(one, words) else "…" for one in record.args)
        # Not by the operator, since its complaint about a wrong template would print what is left out here.
        return CONVERSION.sub(lambda found: "%" if found.group() == "%%" else next(filled, "…"), text)
    # gunicorn repeats the line that it could not read.
    return text.partition(" from ip=")[0] if ours else ""


def _is_harmless(value: object, words: bool) -> bool:
    """Of gunicorn, single words are names of signals and the like."""
    return isinstance(value, int | float) or (words and bool(re.fullmatch(r"[!-~]{1,60}", str(value))))


def _request_id(record: logging.LogRecord) -> str:
    """Django hands the request to its own records."""
    return str(getattr(getattr(record, "request", None), "META", {}).get(REQUEST_ID, ""))


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in seen:
        seen.append(one)
        yield one
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)


def _short(file: str) -> str:
    return file.rpartition("site-packages/")[2].removeprefix(ROOT)
