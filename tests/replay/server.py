"""A server on loopback that gives prepared answers, byte for byte."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    content_type: str = "application/json"


NOT_FOUND = Answer(404, b'{"error": {"message": "Not here.", "code": "not_found", "param": "completion_id"}}')


@dataclass
class Replay:
    """`answers` by path below the base URL and, for the later pages of a list, by path and cursor."""

    base_url: str
    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    otherwise: Answer = NOT_FOUND
    asked: list[str] = field(default_factory=list)

    def put(self, path: str, answer: Answer, after: str = "") -> None:
        self.answers[path, after] = answer

    def answer(self, target: str) -> Answer:
        self.asked.append(target)
        address = urlsplit(target)
        after = parse_qs(address.query).get("after", [""])[0]
        return self.answers.get((address.path.removeprefix("/v1"), after), self.otherwise)


@contextmanager
def running_replay() -> Iterator[Replay]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body leave together: two small packets would wait 40 ms for each other.
        wbufsize = -1

        def do_GET(self) -> None:
            answer = replay.answer(self.path)
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    # The client keeps its connections open; nobody waits for them at the end.
    server.block_on_close = False
    replay = Replay(f"http://127.0.0.1:{server.server_port}/v1")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield replay
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
