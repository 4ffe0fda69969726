"""Everything from an installed checkout to a served dashboard: database, static files, gunicorn."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Prepare the database and the static files, then serve on 127.0.0.1:$PORT."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        self.stdout.write(f"Completions Dashboard on http://127.0.0.1:{settings.PORT}/")
        self.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *_gunicorn_arguments()])  # noqa: S606


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
    ]
