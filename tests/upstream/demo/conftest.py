import json
import time
from typing import Any

import pytest

from dashboard.upstream.demo.store import Store, build_store

NOW = int(time.time())


@pytest.fixture(scope="session")
def now() -> int:
    return NOW


@pytest.fixture(scope="session")
def store() -> Store:
    return build_store(NOW)


@pytest.fixture(scope="session")
def documents(store: Store) -> list[dict[str, Any]]:
    return [json.loads(row.read()) for row in store.rows]


@pytest.fixture(scope="session")
def conversations(store: Store) -> list[list[dict[str, Any]]]:
    return [[json.loads(message) for message in row.messages] for row in store.rows]
