"""The logprobs page of 16,000 tokens with 20 alternatives each: the server, its memory, and Chromium where there is one.

In the browser it stands beside the same page ready-made: a static file, in which the text is one bare `<i>` with a class for
each token, in sections with `content-visibility: auto`. Run by `make bench`.
"""

import gzip
import json
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from html import escape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from math import log
from pathlib import Path
from random import Random
from typing import Any
from wsgiref.util import setup_testing_defaults

from benchmarks.completion import _handler, _messages

TOKENS, ALTERNATIVES = 16_000, 20
ROUNDS = 5
PAGE = "/default/completions/chatcmpl-bench/"
STEPS = ((log(0.9), ""), (log(0.5), " class=b1"), (log(0.2), " class=b2"), (log(0.05), " class=b3"))
SETTLED = """window.settled = new Promise((done) => addEventListener("load", () =>
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())))))"""


def main() -> None:
    body = _document()
    with _serving(_handler(body, _messages(["Write a long text."]))) as base_url:
        _print_server(_measured(f"{base_url}/v1"), len(body))
        if program := os.environ.get("CHROME") or shutil.which("chromium"):
            _print_browser(_in_browser(program, body, f"{base_url}/v1"))
        else:
            print("in a browser: not measured, as there is no Chromium here")


def _document() -> bytes:
    """Three quarters of the tokens nearly certain, and few words frequent, as in life."""
    dice = Random(7)
    vocabulary = ["".join(dice.choices("etaoinshrdlu", k=dice.randint(2, 6))) for _ in range(2_000)]
    words = dice.choices(vocabulary, [1 / (place + 1) for place in range(2_000)], k=50_000)

    def entry(word: str, logprob: float) -> dict[str, Any]:
        return {"token": f" {word}", "logprob": round(logprob, 7), "bytes": list(f" {word}".encode())}

    content = []
    for _ in range(TOKENS):
        logprob = -dice.random() * (0.1 if dice.random() < 0.75 else 2.5)
        chosen = entry(dice.choice(words), logprob)
        others = [entry(dice.choice(words), -1 - 12 * dice.random()) for _ in range(ALTERNATIVES - 1)]
        content.append(chosen | {"top_logprobs": [chosen, *others]})
    message = {"role": "assistant", "content": "".join(one["token"] for one in content)}
    choice = {"index": 0, "message": message, "logprobs": {"content": content, "refusal": None}}
    return json.dumps({"id": "chatcmpl-bench", "created": 1_795_372_571, "choices": [choice]}).encode()


# --- The server, in a process of its own


def _measured(base_url: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as data:
        command = [sys.executable, "-m", "benchmarks.logprobs", base_url]
        answer = subprocess.run(command, env=_environment(data, base_url), capture_output=True, text=True, check=True)
    return dict[str, float](json.loads(answer.stdout.splitlines()[-1]))


def _environment(data: str, base_url: str) -> dict[str, str]:
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "DASHBOARD_DATA_DIR": data,
        "OPENAI_API_KEY": "sk-benchmark",
        "OPENAI_BASE_URL": base_url,
    }


def _measure(base_url: str) -> dict[str, float]:
    """Milliseconds, bytes, and megabytes of the process: before, at most while pages are made, and afterwards."""
    import requests
    from django.core.cache import caches
    from django.core.management import call_command

    from dashboard.wsgi import application

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    session = requests.Session()

    def get(path: str) -> bytes:
        environ: dict[str, Any] = {"PATH_INFO": PAGE + path, "REMOTE_ADDR": "127.0.0.1", "HTTP_HX_REQUEST": "true"}
        if not path.startswith("tokens/"):
            del environ["HTTP_HX_REQUEST"]
        setup_testing_defaults(environ)
        return b"".join(application(environ, lambda status, headers: None))

    def cold() -> bytes:
        caches["content"].clear()
        return get("logprobs/")

    before = _resident()
    html = cold()
    times = {"cold": _median(cold), "again": _median(lambda: get("logprobs/"))}
    tokens = sorted(_time(partial(get, f"tokens/0/{place * 79}/")) for place in range(200))
    times |= {"token": tokens[100], "token95": tokens[190], "transcript": _median(lambda: get(""))}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    memory = {"before": before, "peak": peak, "after": _resident()}
    bare = _median(lambda: json.loads(session.get(f"{base_url}/chat/completions/chatcmpl-bench").content))
    return times | memory | {"html": len(html), "gzip": len(gzip.compress(html, 6)), "bare": bare}


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def _median(call: Callable[[], object]) -> float:
    return statistics.median(_time(call) for _ in range(ROUNDS))


def _time(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1e3


def _print_server(measured: dict[str, float], received: int) -> None:
    print(f"\nlogprobs page: {TOKENS:,} tokens, {ALTERNATIVES} alternatives each, {received / 1e6:.1f} MB of JSON")
    print(f"{'HTML':<34}{measured['html'] / 1e3:>8.0f} kB{measured['gzip'] / 1e3:>8.1f} kB compressed")
    rows = (("bare", "bare call and json.loads"), ("cold", "page, first time"), ("again", "page, again"))
    for name, words in (*rows, ("transcript", "transcript"), ("token", "one token, median of 200")):
        print(f"{words:<34}{measured[name]:>8.1f} ms{measured[name] / measured['bare']:>8.2f} times the bare call")
    print(f"{'one token, 95th percentile':<34}{measured['token95']:>8.1f} ms")
    print(
        f"{'memory before, at most, after':<34}{measured['before']:>8.0f}, {measured['peak']:.0f}, {measured['after']:.0f} MB"
    )


# --- In a browser


def _in_browser(program: str, body: bytes, base_url: str) -> dict[str, list[float]]:
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory(prefix="benchmark-") as data, _dashboard(data, base_url) as ours:
        _write_ready_made(Path(data), f"{ours}{PAGE}logprobs/", body)
        with _serving(partial(_Quiet, directory=data)) as static, sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=program)
            pages = {"ready-made": f"{static}/page.html", "ours": f"{ours}{PAGE}logprobs/"}
            times: dict[str, list[float]] = {name: [] for name in pages}
            for _ in range(ROUNDS * 2):
                for name, address in pages.items():
                    context = chromium.new_context(viewport={"width": 1440, "height": 1000})
                    page = context.new_page()
                    page.goto("about:blank")
                    page.wait_for_timeout(500)  # for the processes of Chromium to have started
                    page.add_init_script(SETTLED)
                    page.goto(address)
                    times[name].append(page.evaluate("window.settled"))
                    context.close()
            chromium.close()
    return times


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


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


@contextmanager
def _dashboard(data: str, base_url: str) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = _environment(data, base_url) | {"PORT": str(port), "DASHBOARD_WORKERS": "1"}
    process = subprocess.Popen([sys.executable, "manage.py", "serve"], env=environment, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/healthz")
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(address: str) -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(address, timeout=1)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{address} does not answer")


@contextmanager
def _serving(handler: Any) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _print_browser(times: dict[str, list[float]]) -> None:
    """Settled: from the navigation to two paints after everything is loaded."""
    ready = statistics.median(times["ready-made"])
    for name, every in times.items():
        median = statistics.median(every)
        print(f"{f'in Chromium, settled, {name}':<34}{median:>8.1f} ms{median / ready:>8.2f} times the ready-made page")


if __name__ == "__main__":
    print(json.dumps(_measure(sys.argv[1])))
