"""Everything from an installed checkout to a served dashboard: database, static files, gunicorn."""

import os
import socket
import sys
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import DatabaseError

from dashboard.access import sync_rights
from dashboard.audit import forget_old
from dashboard.setup_link import new_setup_path


class Command(BaseCommand):
    help = "Prepare the database and the static files, then serve on 127.0.0.1:$PORT."

    def handle(self, *args: Any, **options: Any) -> None:
        _require_free_port()
        _prepare_data()
        sync_rights()
        address = f"http://127.0.0.1:{settings.PORT}"
        self.stdout.write(f"Completions Dashboard on {address}/")
        if path := new_setup_path():
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


def _prepare_data() -> None:
    try:
        call_command("migrate", verbosity=0)
        # Where nothing is left to migrate, this alone shows that the database can be written.
        cache.delete("nothing")
        call_command("clearsessions")
        forget_old()
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    except (DatabaseError, OSError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ImproperlyConfigured(
            f"DASHBOARD_DATA_DIR holds a database or static files that cannot be used ({reason})."
        ) from None


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
