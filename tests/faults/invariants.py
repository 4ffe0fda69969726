"""The nine invariants, each for one answer or one case; an empty list means that it holds.

(a) in time (b) status and words (c) no canary (d) no crash (e) slots are free again (f) memory (g) the next healthy
call works (h) a line in the log (i) the error is announced.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

from tests.faults.canary import Search
from tests.faults.catalogue import Step
from tests.faults.dashboard_process import Answer

LONGEST = 16.0
"""Seconds: the deadline of the API and one more. What `/healthz` takes meanwhile is the machine's, and comes on top."""
LETTERS = "abcdefghi"
CRASHED = ("Traceback (most recent call last)", "Server Error (500)", "The dashboard failed</h1>")
_DOM_ID = re.compile(r'<[a-z][^<>]*?\sid="([^"]*)"')


def in_time(answer: Answer, lag: float) -> list[str]:
    return [] if answer.seconds <= LONGEST + lag else [f"a: took {answer.seconds:.1f} s"]


def as_told(step: Step, answer: Answer, requests: int) -> list[str]:
    """Status, words, bytes, the time to wait, and what it cost upstream."""
    faults = []
    if answer.status != step.status:
        faults.append(f"b: {answer.status} instead of {step.status}: {answer.text[:200]}")
    text = answer.text if step.words else ""
    faults += [f"b: does not say {words!r}" for words in step.words if words not in text]
    faults += [f"b: holds {words!r}" for words in step.absent if words in answer.html]
    if step.body is not None and answer.body != step.body:
        faults.append("b: the bytes are not those of the API")
    if step.requests is not None and requests != step.requests:
        faults.append(f"b: {requests} upstream requests instead of {step.requests}")
    return faults + _waits(step, answer) + _ids_once(answer)


def _waits(step: Step, answer: Answer) -> list[str]:
    if step.retry_after is None or answer.status != step.status:
        return []
    least, most = step.retry_after
    seconds = answer.headers.get("retry-after", "")
    return [] if seconds.isdigit() and least <= int(seconds) <= most else [f"b: Retry-After is {seconds or 'missing'}"]


def _ids_once(answer: Answer) -> list[str]:
    if not answer.headers.get("content-type", "").startswith("text/html"):
        return []
    twice = [name for name, times in Counter(_DOM_ID.findall(answer.html)).items() if times > 1]
    return [f"b: DOM ids more than once: {twice[:3]}"] if twice else []


def keeps_secrets(search: Search, answer: Answer) -> list[str]:
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items()).encode()
    return [f"c: the canary is in the answer ({how})" for how in search.finds(headers + b"\n" + answer.body)]


def stands(answer: Answer) -> list[str]:
    crashed = [words for words in CRASHED if words in answer.html]
    return [f"d: status 500, {crashed}"] if crashed or answer.status == 500 else []


def announced(answer: Answer) -> list[str]:
    """An alert, a message for the live region of toasts, or the status line of a completion that is not there yet."""
    if answer.status < 400 or not answer.headers.get("content-type", "").startswith("text/html"):
        return []
    told = 'role="alert"' in answer.html or answer.headers.get("hx-retarget") == "#toasts"
    return [] if told or 'class="wait-again" role="status"' in answer.html else ["i: the error is in no live region"]


def json_lines(log: bytes) -> dict[str, dict[str, object]]:
    """The lines of requests by their id; none before the dashboard writes them."""
    lines = {}
    for line in log.splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict) and "route" in value:
            lines[str(value.get("request_id"))] = value
    return lines


NEEDED = {"request_id", "route", "status", "ms", "upstream_ms", "upstream_kind"}
CONTENT = ("Answer 1", "A question", "A long answer", "metadata[", "?after=", "Sign in")


def told_in_log(lines: dict[str, dict[str, object]], answer: Answer) -> list[str]:
    """The answer names the id of its line, which says how it went and, of a failed one, how the API failed."""
    line = lines.get(answer.headers.get("x-request-id", ""))
    if line is None:
        return [f"h: no line for an answer of status {answer.status}"]
    faults = [] if line["status"] == answer.status else [f"h: the line says {line['status']}, not {answer.status}"]
    if answer.status in {502, 504} and not line["upstream_kind"]:
        faults.append(f"h: the line of a {answer.status} does not say what failed")
    return faults


def of_log(log: bytes) -> list[str]:
    """Of the whole run: no traceback, no content, and lines of requests that lack nothing."""
    faults = [f"d: the log holds {words!r}" for words in CRASHED[:1] if words.encode() in log]
    faults += [f"h: the log holds content ({words})" for words in CONTENT if words.encode() in log]
    lacking = [line for line in json_lines(log).values() if not line.keys() >= NEEDED]
    return faults + ([f"h: {len(lacking)} lines lack a field, such as {lacking[0]}"] if lacking else [])


def of_disk(search: Search, log: bytes, data: Path) -> list[str]:
    """The log, the database, the static files and whatever else is in the data folder."""
    faults = [f"c: the canary is in the log ({how})" for how in search.finds(log)]
    return faults + [f"c: the canary is in {place}" for place in search.in_folder(data)]
