"""Whether this process can do its work now. The API is not asked: its outage must not take the dashboard away, too."""

from __future__ import annotations

import traceback
from collections.abc import Callable

from django.db import DatabaseError, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from dashboard.shared_memory import redis_fault

CACHE_TABLE = "dashboard_cache"
ALIAS = "readiness"
"""The same database, over a connection that gives up early and never makes a new file."""


def readiness() -> dict[str, str]:
    """`ok`, `failed` or, behind a failure, `not checked` by the name of what was checked.

    A Redis that is away is `spare`: each process goes on with a cache of its own.
    """
    found = dict.fromkeys(CHECKS, "not checked")
    for name, holds in CHECKS.items():
        try:
            found[name] = "ok" if holds() else "failed"
        except DatabaseError as error:
            found[name] = "failed"
            # A cycle of frames would keep the statement, and with it the file, open until the next garbage collection.
            traceback.clear_frames(error.__traceback__)
        if found[name] == "failed":
            return found
    return found | ({"shared_cache": "spare"} if redis_fault() else {})


def unknown_migrations(alias: str) -> list[str]:
    """What a newer version of the dashboard has done to this database, as `app.migration`."""
    loader = MigrationLoader(connections[alias])
    unknown = set(loader.applied_migrations) - set(loader.disk_migrations)
    return sorted(f"{app}.{name}" for app, name in unknown if app in loader.migrated_apps)


def _reachable() -> bool:
    """A look into the file, since connecting alone does not open it."""
    with connections[ALIAS].cursor() as cursor:
        connections[ALIAS].introspection.get_table_list(cursor)
    return True


def _migrated() -> bool:
    executor = MigrationExecutor(connections[ALIAS])
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _cache_usable() -> bool:
    """Can be written: deleting what is not there takes the lock and changes nothing. It stays empty with Redis."""
    table = connections[ALIAS].ops.quote_name(CACHE_TABLE)
    with transaction.atomic(using=ALIAS), connections[ALIAS].cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE cache_key = %s", ["nothing"])  # noqa: S608
    return True


CHECKS: dict[str, Callable[[], bool]] = {
    "database": _reachable,
    "migrations": _migrated,
    "shared_cache": _cache_usable,
}
