"""A Django cache for what came out of completions: in the memory of one process, bounded in bytes, never on disk."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import suppress
from typing import Any

from cachetools import TLRUCache
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache


class _Entries:
    """Shared by all threads: Django makes a cache object for each of them."""

    def __init__(self, largest: int) -> None:
        self.lock = threading.Lock()
        self.values: TLRUCache[str, tuple[Any, float]] = TLRUCache(largest, _expires, getsizeof=_size)


_entries: dict[tuple[str, int], _Entries] = {}


class ContentCache(BaseCache):
    """Least recently used entries go first. Values are strings or bytes; their size is what counts."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        largest = params.get("OPTIONS", {})["MAX_BYTES"]
        shared = _entries.setdefault((location, largest), _Entries(largest))
        self._lock, self._entries = shared.lock, shared.values

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        with self._lock:
            value, _ = self._entries.get(self.make_and_validate_key(key, version), (default, 0))
        return value

    def set(self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        expires = self.get_backend_timeout(timeout)
        entry = (value, time.time() + 10**9 if expires is None else expires)
        place = self.make_and_validate_key(key, version)
        with self._lock, suppress(ValueError):  # a value larger than the whole cache is not kept
            self._entries.pop(place, None)  # nor is the one before, which the cache would keep where it refuses the new
            self._entries[place] = entry

    def delete(self, key: str, version: int | None = None) -> bool:
        with self._lock:
            return self._entries.pop(self.make_and_validate_key(key, version), None) is not None

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()


def _expires(key: str, entry: tuple[Any, float], now: float) -> float:
    return now + entry[1] - time.time()


def _size(entry: tuple[Any, float]) -> int:
    return sys.getsizeof(entry[0]) + 200
