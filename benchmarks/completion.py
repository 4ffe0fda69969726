"""The completion page beside the bare upstream calls that it makes: time, bytes of HTML, and the peak memory of the process.

Each document is measured in a process of its own, so that its peak is its own. Run by `make bench`.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from wsgiref.util import setup_testing_defaults

ROUNDS = 5
ROUTE = "/v1/chat/completions/chatcmpl-bench"


def documents() -> dict[str, tuple[bytes, bytes]]:
    """Body of the completion and of its messages, by name."""
    lines = "A line of a long prompt, as people write them.\n" * 42_000
    token = {"token": " the", "logprob": -0.12, "bytes": [32, 116, 104, 101]}
    tokens = [token | {"top_logprobs": [token | {"logprob": -1.2 - n} for n in range(20)]}] * 13_500
    return {
        "small": (_completion(), _messages(["Where is my order?"])),
        "100 messages": (_completion(), _messages(["A message of some length. " * 60] * 100)),
        "2 MB prompt": (_completion(), _messages([lines])),
        "20 MB": (_completion({"content": tokens, "refusal": None}), _messages(["Why?"])),
    }


def main() -> None:
    print(
        f"\n{'completion page':<16}{'upstream':>12}{'bare ms':>10}{'page ms':>10}{'ratio':>8}{'HTML':>10}{'peak MB':>10}"
    )
    for name, bodies in documents().items():
        with ThreadingHTTPServer(("127.0.0.1", 0), _handler(*bodies)) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            measured = _measured(f"http://127.0.0.1:{server.server_port}/v1")
            server.shutdown()
        received = sum(map(len, bodies))
        ratio = measured["page"] / measured["bare"]
        print(
            f"{name:<16}{received / 1e3:>10,.0f}kB{measured['bare']:>10.1f}{measured['page']:>10.1f}{ratio:>8.1f}"
            f"{measured['html'] / 1e3:>8.0f}kB{measured['peak']:>10.0f}"
        )


def _completion(logprobs: Any = None) -> bytes:
    message = {"role": "assistant", "content": "It left this morning. " * 40}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": logprobs}
    usage = {"prompt_tokens": 900, "completion_tokens": 200, "total_tokens": 1100}
    return json.dumps({"id": "chatcmpl-bench", "created": 1_795_372_571, "choices": [choice], "usage": usage}).encode()


def _messages(texts: list[str]) -> bytes:
    listed = [{"id": f"m-{n}", "role": "user", "content": text} for n, text in enumerate(texts)]
    return json.dumps({"object": "list", "data": listed, "has_more": False}).encode()


def _handler(completion: bytes, messages: bytes) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_GET(self) -> None:
            body = completion if self.path == ROUTE else messages
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    return Handler


def _measured(base_url: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as data:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "dashboard.settings",
            "DASHBOARD_DATA_DIR": data,
            "OPENAI_API_KEY": "sk-benchmark",
            "OPENAI_BASE_URL": base_url,
        }
        command = [sys.executable, "-m", "benchmarks.completion", base_url]
        answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return dict[str, float](json.loads(answer.stdout.splitlines()[-1]))


def _measure(base_url: str) -> dict[str, float]:
    """In a process of its own: milliseconds of the bare calls and of the page, bytes of HTML, peak in megabytes."""
    import requests
    from django.core.management import call_command

    from dashboard.wsgi import application

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    session = requests.Session()

    def bare() -> int:
        return sum(
            len(json.loads(session.get(base_url + path).content))
            for path in (ROUTE[3:], f"{ROUTE[3:]}/messages?limit=100")
        )

    def page() -> int:
        environ: dict[str, Any] = {"PATH_INFO": "/default/completions/chatcmpl-bench/", "REMOTE_ADDR": "127.0.0.1"}
        setup_testing_defaults(environ)
        return sum(map(len, application(environ, lambda status, headers: None)))

    html = page()
    timed = {"page": _median(page), "html": html, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3}
    return timed | {"bare": _median(bare)}


def _median(call: Callable[[], int]) -> float:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        call()
        times.append((time.perf_counter() - began) * 1e3)
    return statistics.median(times)


if __name__ == "__main__":
    print(json.dumps(_measure(sys.argv[1])))
