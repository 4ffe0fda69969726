"""`manage.py demo_upstream`: the sample completions behind a real socket, on this machine only."""

import signal
from threading import Event, Thread
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from dashboard.upstream.demo.server import DemoServer


class Command(BaseCommand):
    help = "Serve the demo upstream (GET /v1/chat/completions and below) on 127.0.0.1 until interrupted."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8601, help="0 picks a free port (default: 8601)")
        parser.add_argument("--api-key", help="demand this key; without it any key, or none, will do")
        parser.add_argument("--latency-ms", type=int, default=0, help="wait so long before each answer")

    def handle(self, *, port: int, api_key: str | None, latency_ms: int, **options: Any) -> None:
        stop = Event()
        before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            with DemoServer(port, api_key=api_key, latency=latency_ms / 1000) as server:
                # Built before the line is printed, so that whoever reads it gets quick answers at once.
                server.source.get()
                Thread(target=server.serve_forever, daemon=True).start()
                self.stdout.write(f"Demo upstream on {server.base_url}")
                self.stdout.flush()
                stop.wait()
                server.shutdown()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
