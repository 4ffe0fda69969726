"""The shared cache in a real Redis: what it keeps, and what happens without it."""

import logging
import os
import signal
import time
import uuid

import pytest
import redis
from django.core.cache import caches
from django.test import override_settings

from dashboard import redis_cache
from dashboard.databases import read_caches
from dashboard.redis_cache import outage
from dashboard.shared_memory import SharedMemory, redis_fault
from tests.database_servers import Redis


@pytest.fixture(autouse=True)
def no_outage():
    outage.end()
    yield
    outage.end()


@pytest.fixture
def server(redis_server):
    with override_settings(CACHES=read_caches(redis_server.url, 1_000_000)):
        yield redis_server


def client(server: Redis) -> redis.Redis:
    return redis.Redis.from_url(server.url)


def keys(server: Redis) -> list[str]:
    return sorted(str(key, "ascii") for key in client(server).scan_iter())


@pytest.mark.parametrize(
    "value", [0, 7, True, None, 1.5, "text", "\ud800 alone", "12", b"", b"bytes", b"j3", [1, 2.5], {"a": [None]}]
)
def test_what_is_kept_comes_back(server, value):
    caches["content"].set("key", value)
    assert caches["content"].get("key", "nothing") == value
    assert type(caches["content"].get("key")) is type(value)


def test_nothing_is_unpickled(server):
    client(server).set("completions:shared:1:key", b"\x80\x04}\x94.")
    with pytest.raises(ValueError, match="utf-8"):
        caches["default"].get("key")


def test_every_method_reaches_redis(server):
    cache = caches["default"]
    assert cache.add("count", 1, 60)
    assert not cache.add("count", 5, 60)
    assert cache.incr("count") == 2
    assert cache.has_key("count")
    assert cache.touch("count", 90)
    cache.set_many({"a": 1, "b": 2}, 60)
    assert cache.get_many(["a", "b", "c"]) == {"a": 1, "b": 2}
    assert keys(server) == [f"completions:shared:1:{name}" for name in ("a", "b", "count")]
    cache.delete_many(["a", "b"])
    assert cache.delete("count")
    assert keys(server) == []
    assert caches["spare"].get_many(["a", "b", "count"]) == {}


def test_the_two_caches_do_not_meet(server):
    caches["default"].set("key", 1)
    assert caches["content"].get("key") is None


def test_half_a_second_is_a_second_and_not_nothing(server):
    caches["default"].set("key", 1, 0.5)
    assert caches["default"].get("key") == 1


def test_content_goes_by_itself(server):
    caches["content"].set("preview", "A question")
    assert 86_000 < client(server).ttl("completions:content:1:preview") <= 86_400


def test_the_largest_documents_fit(server):
    document = os.urandom(12_000_000)
    caches["content"].set("document", document)
    assert caches["content"].get("document") == document
    assert caches["content-spare"].get("document") is None


def test_a_value_that_is_too_large_is_not_kept_nor_the_one_before(server, monkeypatch):
    monkeypatch.setattr(redis_cache, "LARGEST", 10)
    caches["content"].set("key", b"small")
    caches["content"].set("key", b"much too large")
    assert caches["content"].get("key") is None


def test_without_redis_a_process_goes_on_by_itself(server, caplog):
    caches["default"].set("fact", "shared", 60)
    server.stop()
    cache, name = caches["default"], f"throttle:{uuid.uuid4()}"
    with caplog.at_level(logging.WARNING):
        assert cache.get("fact") is None
        assert cache.add(name, [1.5], 60)
        assert not cache.add(name, [2.5], 60)
        assert cache.get(name) == [1.5]
    (record,) = caplog.records
    assert record.getMessage().startswith("Redis does not answer as it should")
    caches["content"].set("preview", "text")
    assert caches["content"].get("preview") == "text"
    memory = SharedMemory()
    memory.set("held", ["RateLimited", 1.5], 60)
    assert SharedMemory().get("held") == ["RateLimited", 1.5]


def test_redis_counts_again_when_it_is_back(server, monkeypatch):
    monkeypatch.setattr(redis_cache, "REST_SECONDS", 0.1)
    caches["default"].set("fact", 1)
    server.stop()
    assert caches["default"].get("fact") is None
    server.start()
    time.sleep(0.2)
    caches["default"].set("fact", 2, 60)
    assert keys(server) == ["completions:shared:1:fact"]


def test_a_restart_between_two_questions_is_not_noticed(server):
    caches["default"].set("fact", 1)
    server.stop()
    server.start()
    caches["default"].set("fact", 2, 60)
    assert keys(server) == ["completions:shared:1:fact"]


def test_a_redis_that_hangs_costs_a_page_a_second_at_most(server):
    caches["default"].set("fact", 1)
    server.send(signal.SIGSTOP)
    try:
        begun = time.monotonic()
        for _ in range(50):
            caches["default"].get("fact")
            caches["content"].get("preview")
        assert time.monotonic() - begun < 1.5
    finally:
        server.send(signal.SIGCONT)


def test_a_redis_that_is_full_fails_no_page(server):
    client(server).config_set("maxmemory", 1)
    caches["default"].set("fact", 1, 60)
    assert caches["default"].get("fact") == 1
    assert "maxmemory" in redis_fault()


def test_a_fault_is_told_in_one_line_without_the_password(server):
    assert redis_fault() == ""
    server.stop()
    assert redis_fault() == f"Error 111 connecting to 127.0.0.1:{server.port}. Connection refused."


def test_a_refused_password_is_told(server):
    wrong = server.url.replace("redis://:", "redis://:no-")
    with override_settings(CACHES=read_caches(wrong, 1_000_000)):
        fault = redis_fault()
        assert "invalid username-password pair" in fault
        assert "no-" not in fault


def test_without_redis_configured_there_is_no_fault():
    assert redis_fault() == ""


def test_an_outage_is_told_once(caplog):
    for _ in range(3):
        outage.begin()
    assert outage.lasts()
    assert len([line for line in caplog.records if "does not answer" in line.getMessage()]) == 1
