"""Everything from an installed checkout to a served dashboard: database, static files, gunicorn."""

import os
import socket
import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection

from dashboard.access import sync_rights
from dashboard.setup_link import new_setup_path
from dashboard.shared_memory import redis_fault
from dashboard.start_lock import alone


class Command(BaseCommand):
    help = "Prepare the database and the static files, then serve on 127.0.0.1:$PORT."

    def handle(self, *args: Any, **options: Any) -> None:
        _require_free_port()
        path = _prepare_data()
        if fault := redis_fault():
            self.stderr.write(
                f"CACHE_URL names a Redis that cannot be used ({fault}); until it can, each process has a cache of its own."
            )
        address = f"http://127.0.0.1:{settings.PORT}"
        self.stdout.write(f"Completions Dashboard on {address}/")
        if path:
            self.stdout.write(f"Make the first administrator, once, at {address}{path}")
        self.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *_gunicorn_arguments()])  # noqa: S606


def _require_free_port() -> None:
    """First of all, so that a second start touches nothing of the instance that runs."""
    with socket.socket() as probe:
        # As gunicorn does: a port that was left a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", settings.PORT))
        except OSError as error:
            raise ImproperlyConfigured(
                f"PORT must name another port: 127.0.0.1:{settings.PORT} cannot be bound ({error.strerror})."
            ) from None


def _prepare_data() -> str:
    """The path that makes the first administrator; empty where there is one, or none is needed."""
    try:
        with alone():
            call_command("migrate", verbosity=0)
            sync_rights()
            # Where nothing is left to migrate, this alone shows that the database can be written.
            path = new_setup_path()
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    except (DatabaseError, OSError) as error:
        reason = " ".join(str(getattr(error, "strerror", None) or error).split())
        is_far = isinstance(error, DatabaseError) and connection.vendor == "postgresql"
        what = "DATABASE_URL names a database" if is_far else "DASHBOARD_DATA_DIR holds a database or static files"
        raise ImproperlyConfigured(f"{what} that cannot be used ({reason}).") from None
    return path


def _gunicorn_arguments() -> list[str]:
    """Loaded before forking, so that all workers share one start: the demo data's dates depend on it."""
    return [
        "dashboard.wsgi:application",
        "--preload",
        f"--bind=127.0.0.1:{settings.PORT}",
        "--worker-class=gthread",
        f"--workers={settings.WORKERS}",
        f"--threads={settings.THREADS}",
        "--timeout=30",
        "--graceful-timeout=20",
        "--max-requests=5000",
        "--max-requests-jitter=500",
        "--log-level=warning",
        "--no-control-socket",
        # Filters make long addresses, and htmx sends the address of its page as a header. The middleware has a limit.
        "--limit-request-line=0",
        "--limit-request-field_size=210000",
        # No header may move the site or its paths; a proxy on this machine may say https, for a public site alone.
        "--forwarder-headers=",
        f"--forwarded-allow-ips={'' if settings.LOOPBACK_ONLY else '127.0.0.1,::1'}",
    ]
