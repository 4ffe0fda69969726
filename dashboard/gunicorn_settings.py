"""How gunicorn serves the dashboard: `gunicorn --config python:dashboard.gunicorn_settings dashboard.wsgi`."""

from __future__ import annotations

import queue
import signal
import sys
import threading
from contextlib import suppress

from django.conf import settings
from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.glogging import Logger

from dashboard.gunicorn_worker import DrainingWorker
from dashboard.log_lines import JsonLines, thread_failed


class JsonLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """What gunicorn itself has to say, as the same lines of JSON."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(JsonLines())


def post_fork(server: Arbiter, worker: DrainingWorker) -> None:
    """Until it has handlers of its own, a worker has those of the master, and a signal to stop would get lost in them."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with suppress(queue.Empty):
        while server.SIG_QUEUE.get_nowait() != signal.SIGTERM:
            pass
        sys.exit(0)


def post_worker_init(worker: DrainingWorker) -> None:
    threading.excepthook = thread_failed


bind = f"127.0.0.1:{settings.PORT}"
worker_class = "dashboard.gunicorn_worker.DrainingWorker"
workers = settings.WORKERS
threads = settings.THREADS
# All workers share one start: the demo data's dates depend on it.
preload_app = True
timeout = 30
graceful_timeout = 20
keepalive = 5
# Far apart, since two workers that end at the same time leave nobody to answer.
max_requests = 10_000
max_requests_jitter = 10_000
logger_class = JsonLogger
# At DEBUG it would print its configuration, and what it could not read.
loglevel = "warning" if settings.LOG_LEVEL == "WARNING" else "info"
control_socket_disable = True
# Filters make long addresses, and htmx sends the address of its page as a header. The middleware has a limit.
limit_request_line = 0
limit_request_field_size = 210_000
# No header may move the site or its paths; a proxy on this machine may say https, for a public site alone.
forwarder_headers = ""
forwarded_allow_ips = "" if settings.LOOPBACK_ONLY else "127.0.0.1,::1"
