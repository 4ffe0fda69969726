import time
from threading import Thread

import pytest

from dashboard.content_cache import ContentCache


def make_cache(largest: int = 100_000, **params) -> ContentCache:
    return ContentCache("", {"OPTIONS": {"MAX_BYTES": largest}} | params)


def test_it_keeps_and_forgets():
    cache = make_cache()
    cache.set("a", "text")
    assert cache.get("a") == "text"
    assert cache.get("b", "default") == "default"
    assert cache.get_many(["a", "b"]) == {"a": "text"}
    assert (cache.delete("a"), cache.delete("a")) == (True, False)
    cache.set("c", b"bytes")
    cache.clear()
    assert cache.get("c") is None


def test_versions_are_kept_apart():
    cache = make_cache()
    cache.set("a", "one", version=1)
    assert cache.get("a", version=2) is None


def test_the_least_recently_used_goes_first():
    cache = make_cache(10_000)
    for name in "abc":
        cache.set(name, "x" * 3_000)
    cache.get("a")
    cache.set("d", "x" * 3_000)
    assert [name for name in "abcd" if cache.get(name)] == ["a", "c", "d"]


def test_it_never_holds_more_than_its_bytes():
    cache = make_cache(50_000)
    for number in range(1_000):
        cache.set(str(number), "é" * (number * 7 % 900))
    assert sum(len(cache.get(str(number), "")) for number in range(1_000)) < 50_000


def test_a_value_larger_than_the_cache_is_not_kept_and_replaces_the_old_one():
    cache = make_cache(1_000)
    cache.set("a", "old")
    cache.set("a", "x" * 2_000)
    assert cache.get("a") is None


@pytest.mark.parametrize("timeout", [0, -1])
def test_a_value_that_has_expired_already_replaces_the_old_one(timeout):
    cache = make_cache()
    cache.set("a", "old")
    cache.set("a", "new", timeout=timeout)
    assert cache.get("a") is None


def test_values_expire():
    cache = make_cache(TIMEOUT=0.05)
    cache.set("default", "x")
    cache.set("own", "x", timeout=30)
    cache.set("forever", "x", timeout=None)
    time.sleep(0.1)
    assert [cache.get(name) for name in ("default", "own", "forever")] == [None, "x", "x"]


def test_threads_can_share_it():
    cache = make_cache(20_000)

    def work(name):
        for number in range(500):
            cache.set(f"{name}{number % 20}", "x" * 500)
            cache.get(f"a{number % 20}")
            cache.delete(f"{name}{number % 7}")

    threads = [Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cache.set("end", "fine")
    assert cache.get("end") == "fine"
