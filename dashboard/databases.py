"""What DATABASE_URL and CACHE_URL name -> settings of Django. Without them: SQLite in the data folder, no Redis.

The drivers read the addresses themselves, so that every option they know may stand in one. A fault is one sentence
without the address, since that may hold a password.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

CONNECT_SECONDS = 3
UNACKNOWLEDGED_MILLISECONDS = 5_000
"""A connection whose other side is gone without a word ends after so long."""
STATEMENT_MILLISECONDS = 10_000
READINESS_SECONDS = 0.5
"""So long /readyz waits for a lock, or for an answer."""
REDIS_SECONDS = 0.5
"""For connecting, and for each answer: pages would rather go without."""
CONTENT_TRANSFER_SECONDS = 2.0
CONTENT_SECONDS = 24 * 3600
MOST_FACTS = 10_000


def read_databases(url: str, data_folder: Path) -> dict[str, dict[str, Any]]:
    """DATABASES: the one database, and for /readyz a connection to it that gives up early and makes no new file."""
    default = read_database(url, data_folder)
    readiness = default | {"TEST": {"MIRROR": "default"}, "CONN_MAX_AGE": 0}
    if not url:
        readiness["NAME"] = f"{Path(default['NAME']).as_uri()}?mode=rw"
        readiness["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": READINESS_SECONDS}
    else:
        patience = f"-c statement_timeout={round(READINESS_SECONDS * 1000)}"
        readiness["OPTIONS"] = default["OPTIONS"] | {"options": patience}
    return {"default": default, "readiness": readiness}


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


def read_caches(url: str, content_bytes: int) -> dict[str, dict[str, Any]]:
    """CACHES. `default` is shared by all processes and never holds prompts; `content` may, and never is on disk."""
    memory = {
        "BACKEND": "dashboard.content_cache.ContentCache",
        "TIMEOUT": CONTENT_SECONDS,
        "OPTIONS": {"MAX_BYTES": content_bytes},
    }
    if not url:
        database = {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "dashboard_cache",
            "OPTIONS": {
                "MAX_ENTRIES": MOST_FACTS
            },  # of the 300 that are Django's default, throttles would be thrown out
        }
        return {"default": database, "content": memory}
    spare = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": MOST_FACTS}}
    return {
        "default": _redis(url, "shared", "spare", REDIS_SECONDS),
        "content": _redis(url, "content", "content-spare", CONTENT_TRANSFER_SECONDS) | {"TIMEOUT": CONTENT_SECONDS},
        "spare": spare,
        "content-spare": memory,
    }


def _redis(url: str, prefix: str, spare: str, seconds: float) -> dict[str, Any]:
    options = _read_by_redis(url)
    return {
        "BACKEND": "dashboard.redis_cache.RedisOrSpare",
        # The password is an option, since Django would show a location in a report.
        "LOCATION": [f"{urlsplit(url).scheme}://"],
        "KEY_PREFIX": f"completions:{prefix}",
        "OPTIONS": {
            "socket_connect_timeout": REDIS_SECONDS,
            "socket_timeout": seconds,
            "serializer": "dashboard.redis_cache.WithoutPickle",
            "SPARE": spare,
            **options,
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


def _read_by_redis(url: str) -> dict[str, Any]:
    """Host, port, db, user name and password, and what else may stand in the address."""
    if not re.fullmatch(r"rediss?://[^/?#]+(/[0-9]*)?(\?[^#]*)?", url):
        raise ImproperlyConfigured("CACHE_URL must be an address such as redis://:password@host:6379/0.")
    try:
        from redis import ConnectionPool, RedisError
        from redis.connection import parse_url
    except ImportError:
        raise ImproperlyConfigured(
            "CACHE_URL names Redis, but its driver is not installed: pip install redis."
        ) from None
    try:
        ConnectionPool.from_url(url).make_connection()
        options: dict[str, Any] = parse_url(url)  # type: ignore[no-untyped-call]
    except (ValueError, TypeError, RedisError):
        raise ImproperlyConfigured(
            "CACHE_URL cannot be read: special characters of a password are written as %XX, and options are those of redis-py."
        ) from None
    options.pop("connection_class", None)
    return options
