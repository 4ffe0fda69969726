import time
from concurrent.futures import ThreadPoolExecutor

from dashboard.upstream.demo.store import Deferred, ProcessStore, build_store


def test_ids_and_documents_are_the_same_at_every_start(store, now):
    again = build_store(now)
    assert [row.id for row in again.rows] == [row.id for row in store.rows]
    assert [row.document for row in again.rows if isinstance(row.document, bytes)] == [
        row.document for row in store.rows if isinstance(row.document, bytes)
    ]


def test_dates_follow_the_start(store, now):
    later = build_store(now + 40 * 86_400)
    assert [row.id for row in later.rows] == [row.id for row in store.rows]
    assert min(row.created for row in later.rows) > max(row.created for row in store.rows)


def test_every_id_leads_to_its_row(store):
    assert [store.by_id[row.id] for row in store.rows] == list(store.rows)


def test_it_is_built_quickly(now):
    def seconds() -> float:
        start = time.process_time()
        build_store(now)
        return time.process_time() - start

    # The budget is a quarter of a second; tests may be slowed down by measuring coverage.
    assert min(seconds() for _ in range(3)) < 1


def test_what_is_kept_in_memory_is_small(store):
    kept = sum(len(row.document) for row in store.rows if isinstance(row.document, bytes))
    assert kept + sum(len(message) for row in store.rows for message in row.messages) < 3_000_000


def test_a_deferred_document_is_written_once_by_many_readers():
    written: list[int] = []

    def write() -> bytes:
        written.append(1)
        return b"long " * 1_000

    document = Deferred(write)
    assert not written
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: document.read(), range(32))) == {b"long " * 1_000}
    assert len(written) == 1


def test_a_process_has_one_store():
    process = ProcessStore()
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(lambda _: process.get(), range(8)))
    assert all(store is stores[0] for store in stores)
    assert stores[0].rows[0].created <= time.time()
