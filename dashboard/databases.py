"""What DATABASE_URL and CACHE_URL name -> settings of Django. Without them: SQLite in the data folder, no Redis.

The drivers read the addresses themselves, so that every option they know may stand in one. A fault is one sentence
without the address, since that may hold a password.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

CONNECT_SECONDS = 3
UNACKNOWLEDGED_MILLISECONDS = 5_000
"""A connection whose other side is gone without a word ends after so long."""
STATEMENT_MILLISECONDS = 10_000


def read_database(url: str, data_folder: Path) -> dict[str, Any]:
    """An entry of DATABASES. Its OPTIONS are those of SQLite, or those of libpq."""
    if not url:
        return _sqlite(data_folder / "dashboard.sqlite3")
    if not re.match(r"postgres(ql)?://", url):
        raise ImproperlyConfigured("DATABASE_URL must be an address such as postgresql://user:password@host/database.")
    named = _read_by_libpq(url)
    if not named.get("dbname"):
        raise ImproperlyConfigured("DATABASE_URL must name a database: postgresql://user:password@host/database.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": named.pop("dbname"),
        "USER": named.pop("user", ""),
        "PASSWORD": named.pop("password", ""),
        "HOST": named.pop("host", ""),
        "PORT": named.pop("port", ""),
        # Each thread keeps its connection. Django's pool would be emptied by pages that wait for the API.
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": CONNECT_SECONDS,
            "tcp_user_timeout": UNACKNOWLEDGED_MILLISECONDS,
            "options": f"-c statement_timeout={STATEMENT_MILLISECONDS}",
            **named,
        },
    }


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=5000;",
        },
    }


def _read_by_libpq(url: str) -> dict[str, Any]:
    try:
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict
    except ImportError:
        raise ImproperlyConfigured(
            "DATABASE_URL names PostgreSQL, but its driver is not installed: pip install 'psycopg[binary]'."
        ) from None
    try:
        return conninfo_to_dict(url)
    except ProgrammingError:
        raise ImproperlyConfigured(
            "DATABASE_URL cannot be read: special characters of a password are written as %XX, and options are those of libpq."
        ) from None
