"""The logprobs page of 16,000 tokens with 20 alternatives each: the server, its memory, and Chromium where there is one.

In the browser it stands beside the same page ready-made: a static file, in which the text is one bare `<i>` with a class for
each token, in sections with `content-visibility: auto`.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import statistics
import sys
import urllib.request
from collections.abc import Iterator
from functools import partial
from html import escape
from http.server import SimpleHTTPRequestHandler
from math import log
from pathlib import Path

from benchmarks.documents import ALTERNATIVES, ID, TOKENS, with_logprobs
from benchmarks.in_process import ROUNDS, measured, median, peak, prepared, resident, timed
from benchmarks.report import Row
from benchmarks.servers import dashboard, one_completion, serving

PAGE = f"/default/completions/{ID}/"
STEPS = ((log(0.9), ""), (log(0.5), " class=b1"), (log(0.2), " class=b2"), (log(0.05), " class=b3"))
SETTLED = """window.settled = new Promise((done) => addEventListener("load", () =>
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())))))"""


def rows() -> Iterator[Row]:
    bodies = with_logprobs()
    with one_completion(*bodies) as base_url:
        yield from _server_rows(measured("benchmarks.logprobs", base_url), len(bodies[0]))
        if program := os.environ.get("CHROME") or shutil.which("chromium"):
            times = _in_browser(program, bodies[0], base_url)
            yield Row(
                "logprobs in Chromium, settled, beside a ready-made page", times["ours"], "ms", times["ready-made"]
            )
        else:
            print("logprobs in Chromium: not measured, as there is none here")


def _server_rows(found: dict[str, float], received: int) -> Iterator[Row]:
    bare = found["bare"]
    yield Row(f"logprobs, {TOKENS:,} × {ALTERNATIVES}, first time", found["cold"], "ms", bare)
    yield Row("logprobs, again", found["again"], "ms", bare)
    yield Row("its transcript", found["transcript"], "ms", bare)
    yield Row("one token, p50", found["token"], "ms", bare)
    yield Row("one token, p95", found["token95"], "ms", bare)
    yield Row("logprobs: HTML beside JSON", found["html"] / 1e3, "kB", received / 1e3)
    yield Row("logprobs: HTML, compressed", found["gzip"] / 1e3, "kB", None, "60 kB")
    yield Row("logprobs: memory at most, more than before", found["peak"] - found["before"], "MB", None, "300 MB")
    yield Row("logprobs: memory afterwards, more than before", found["after"] - found["before"], "MB")


# --- The server, in a process of its own


def _measure(base_url: str) -> dict[str, float]:
    """Milliseconds, bytes, and megabytes of the process: before, at most while pages are made, and afterwards."""
    import requests

    get, session = prepared(), requests.Session()
    from django.core.cache import caches

    def cold() -> bytes:
        caches["content"].clear()
        return get(f"{PAGE}logprobs/")

    before = resident()
    html = cold()
    times = {"cold": median(cold), "again": median(lambda: get(f"{PAGE}logprobs/"))}
    places = [f"{PAGE}tokens/0/{place * 79}/" for place in range(200)]
    tokens = sorted(timed(partial(get, place, HTTP_HX_REQUEST="true")) for place in places)
    times |= {"token": tokens[100], "token95": tokens[190], "transcript": median(lambda: get(PAGE))}
    memory = {"before": before, "peak": peak(), "after": resident()}
    bare = median(lambda: json.loads(session.get(f"{base_url}/chat/completions/{ID}").content))
    return times | memory | {"html": len(html), "gzip": len(gzip.compress(html, 6)), "bare": bare}


# --- In a browser


def _in_browser(program: str, body: bytes, base_url: str) -> dict[str, float]:
    """Milliseconds from the navigation to two paints after everything is loaded."""
    from playwright.sync_api import sync_playwright

    with dashboard(base_url, DASHBOARD_WORKERS="1") as ours:
        address = f"{ours.address}{PAGE}logprobs/"
        _write_ready_made(ours.data, address, body)
        with serving(partial(_Files, directory=str(ours.data))) as static, sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=program)
            pages = {"ready-made": f"{static}/page.html", "ours": address}
            times: dict[str, list[float]] = {name: [] for name in pages}
            for _ in range(ROUNDS * 2):
                for name, place in pages.items():
                    context = chromium.new_context(viewport={"width": 1440, "height": 1000})
                    page = context.new_page()
                    page.goto("about:blank")
                    page.wait_for_timeout(500)  # for the processes of Chromium to have started
                    page.add_init_script(SETTLED)
                    page.goto(place)
                    times[name].append(page.evaluate("window.settled"))
                    context.close()
            chromium.close()
    return {name: statistics.median(every) for name, every in times.items()}


class _Files(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Quiet."""


def _write_ready_made(folder: Path, address: str, body: bytes) -> None:
    content = json.loads(body)["choices"][0]["logprobs"]["content"]
    spans = []
    for place, one in enumerate(content):
        css = next((css for step, css in STEPS if one["logprob"] >= step), " class=b4")
        cut = "</section><section>" if place % 1_000 == 999 else ""
        spans.append(f"{cut} <i{css}>{escape(one['token'][1:])}</i>")
    with urllib.request.urlopen(address) as answer:
        html = answer.read().decode()
    before, text, after = (html.partition("<section>")[0], "".join(spans), html.rpartition("</section></div>")[2])
    (folder / "page.html").write_text(f"{before}<section>{text}</section></div>{after}", encoding="utf-8")
    shutil.copytree(next(folder.glob("static-*")), folder / "static")


if __name__ == "__main__":
    print(json.dumps(_measure(sys.argv[1])))
