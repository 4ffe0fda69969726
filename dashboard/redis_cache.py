"""Django's cache in Redis, for which a page never waits long, and which may fail without a page failing.

While Redis does not answer, a process goes on with a cache of its own: limits on signing in are counted by each
process for itself, neither lifted nor closed to everybody.
"""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Callable
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis import RedisError

REST_SECONDS = 5.0
"""So long Redis is left alone after it has failed: a page that looks many things up must not wait for each."""
LARGEST = 16_000_000
"""Bytes or characters of a value; 16,000 tokens with 20 alternatives take ten million. What is larger is not kept."""

logger = logging.getLogger(__name__)


class Outage:
    """Whether Redis is left alone now; one for all caches and threads of a process."""

    def __init__(self) -> None:
        self._ends = 0.0

    def lasts(self) -> bool:
        return time.monotonic() < self._ends

    def begin(self) -> None:
        if not self._ends:
            logger.warning("Redis does not answer as it should: until it does, this process has a cache of its own")
        self._ends = time.monotonic() + REST_SECONDS

    def end(self) -> None:
        self._ends = 0.0


outage = Outage()


class WithoutPickle:
    """Whoever can write to Redis must not be able to run code here, which unpickling would let them."""

    def dumps(self, value: Any) -> Any:
        if type(value) is int:  # Redis counts with these
            return value
        return b"b" + value if isinstance(value, bytes) else b"j" + json.dumps(value).encode()

    def loads(self, kept: bytes) -> Any:
        if kept[:1] == b"b":
            return kept[1:]
        return json.loads(kept.removeprefix(b"j"))


def _or_spare(name: str) -> Callable[..., Any]:
    """The method of that name in Redis or, while it fails, in the spare."""
    in_redis = getattr(RedisCache, name)

    def method(self: RedisOrSpare, *args: Any, **options: Any) -> Any:
        if not outage.lasts():
            try:
                found = in_redis(self, *args, **options)
            except RedisError:
                outage.begin()
            else:
                outage.end()
                return found
        return getattr(caches[self.spare], name)(*args, **options)

    return method


class RedisOrSpare(RedisCache):
    """Of its OPTIONS, SPARE is the alias of the cache to use meanwhile; the others are those of redis-py.

    Values are JSON or bytes.
    """

    def __init__(self, server: list[str], params: dict[str, Any]) -> None:
        options = dict(params["OPTIONS"])
        self.spare: str = options.pop("SPARE")
        super().__init__(server, params | {"OPTIONS": options})

    get, get_many, has_key = _or_spare("get"), _or_spare("get_many"), _or_spare("has_key")
    add, touch, incr = _or_spare("add"), _or_spare("touch"), _or_spare("incr")
    delete, delete_many = _or_spare("delete"), _or_spare("delete_many")
    set_many = _or_spare("set_many")
    _set = _or_spare("set")

    def set(self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        if isinstance(value, str | bytes) and len(value) > LARGEST:
            self.delete(key, version)
        else:
            self._set(key, value, timeout, version)

    def get_backend_timeout(self, timeout: float | None = DEFAULT_TIMEOUT) -> int | None:
        """Redis takes whole seconds; Django would make nothing of half a second."""
        seconds = super().get_backend_timeout(math.ceil(timeout) if isinstance(timeout, float) else timeout)
        return None if seconds is None else int(seconds)

    def fault(self) -> str:
        """Why Redis cannot be written now, in one line of its driver; empty when it can."""
        try:
            super().set("nothing", 0, 1)
        except RedisError as error:
            return " ".join(str(error).split())
        return ""
