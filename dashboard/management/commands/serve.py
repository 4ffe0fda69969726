"""Everything from an installed checkout to a served dashboard: database, static files, gunicorn."""

import logging
import os
import socket
import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection

from dashboard.access import sync_rights
from dashboard.audit import forget_old
from dashboard.configuration import keys_in_clear
from dashboard.readiness import unknown_migrations
from dashboard.setup_link import new_setup_path
from dashboard.shared_memory import redis_fault
from dashboard.start_lock import alone

logger = logging.getLogger(__name__)
GUNICORN = ("gunicorn", "--config", "python:dashboard.gunicorn_settings", "dashboard.wsgi:application")


class Command(BaseCommand):
    help = "Prepare the database and the static files, then serve on 127.0.0.1:$PORT."

    def handle(self, *args: Any, **options: Any) -> None:
        for variable in keys_in_clear(settings.API_PROJECTS):
            logger.warning("The base URL of %s begins with http: the key crosses the network in the clear", variable)
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
        os.execv(sys.executable, [sys.executable, "-m", *GUNICORN])  # noqa: S606


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
            _refuse_newer_database()
            call_command("migrate", verbosity=0)
            sync_rights()
            # Where nothing is left to migrate, this alone shows that the database can be written.
            path = new_setup_path()
            call_command("clearsessions")
            forget_old()
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    except (DatabaseError, OSError) as error:
        reason = " ".join(str(getattr(error, "strerror", None) or error).split())
        is_far = isinstance(error, DatabaseError) and connection.vendor == "postgresql"
        what = "DATABASE_URL names a database" if is_far else "DASHBOARD_DATA_DIR holds a database or static files"
        raise ImproperlyConfigured(f"{what} that cannot be used ({reason}).") from None
    return path


def _refuse_newer_database() -> None:
    if unknown := unknown_migrations(DEFAULT_DB_ALIAS):
        what = "DATABASE_URL names" if connection.vendor == "postgresql" else "DASHBOARD_DATA_DIR holds"
        raise ImproperlyConfigured(
            f"{what} a database of a newer version, with {unknown[-1]}, which this one does not know."
        )
