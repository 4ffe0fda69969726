"""The key is nowhere to be found, and the search would find it: in any place, however it is written."""

from __future__ import annotations

import base64
import gzip
import pickle
import random
import sqlite3
from urllib.parse import quote

import pytest

from tests.faults import invariants
from tests.faults.canary import PIECE, Search, new_key
from tests.faults.catalogue import CASES
from tests.faults.dashboard_process import running_dashboard, variables
from tests.faults.places import upstreams
from tests.faults.run import run_cases, world

KEY = new_key(random.Random(1))
RANDOM_PART = KEY.removeprefix("sk-CANARY-")
TOLD = (
    *("healthy", "status-401-echo", "html-echo", "status-500", "empty-reply", "connect-refused", "tls-expired"),
    *("proxy-407", "proxy-407-tls", "garbage-bytes", "redirect-other-host", "html-200", "429-seconds", "bad-gzip"),
    *("error-in-200", "shape-id-hostile", "dns-nxdomain", "content-length-lie-small", "netrc-present"),
)

WRITTEN = {
    "plain": KEY.encode(),
    "a piece": f"…{RANDOM_PART[7 : 7 + PIECE]}…".encode(),
    "the end of a masked key": f"sk-C****{RANDOM_PART[-PIECE:]}".encode(),
    "base64": base64.b64encode(KEY.encode()),
    "base64 of a header": base64.b64encode(f"Authorization: Bearer {KEY}".encode()),
    "base64 for addresses": base64.urlsafe_b64encode(f"\xff\xfe{KEY}".encode("latin-1")),
    "percent": "".join(f"%{ord(one):02X}" for one in KEY).encode(),
    "a query": quote(f"key={KEY}&x").encode(),
    "hex": KEY.encode().hex().encode(),
    "reversed": KEY[::-1].encode(),
    "gzip": gzip.compress(KEY.encode()),
}


@pytest.mark.parametrize("form", WRITTEN)
def test_the_search_finds_the_key_however_it_is_written(form):
    assert Search([KEY]).finds(WRITTEN[form])


def test_the_search_is_not_misled_by_what_stands_around():
    noise = random.Random(2).randbytes(50_000)
    assert (
        Search([KEY]).finds(noise + base64.b64encode(noise) + b"sk-CANARY- QXZJ VWKq" + RANDOM_PART[:4].encode()) == []
    )


def test_the_search_finds_the_key_in_a_database_and_in_what_is_not_yet_written_to_it(tmp_path):
    for name, value in (("plain", KEY), ("pickled", base64.b64encode(pickle.dumps({"key": KEY})).decode())):
        database = sqlite3.connect(tmp_path / f"{name}.sqlite3")
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE cache (value TEXT)")
        database.execute("INSERT INTO cache VALUES (?)", [value])
        database.commit()
        found = Search([KEY]).in_folder(tmp_path)
        assert any(f"{name}.sqlite3-wal" in place for place in found), found
        database.close()  # moves it into the file itself
        assert any(place.startswith(f"{name}.sqlite3:") for place in Search([KEY]).in_folder(tmp_path))


def test_the_key_is_nowhere_though_everything_is_logged():
    with world(DJANGO_SETTINGS_MODULE="tests.faults.debug_settings") as here:
        cases = {case: CASES[case] for case in TOLD if case in CASES}
        outcomes = run_cases(here, cases, lambda outcome: None)
        log = here.dashboard.logged()
        assert b"Starting new HTTP connection" in log, "what the libraries say is in the log"
        assert {path.name for path in here.dashboard.folder.iterdir()} >= {"dashboard.sqlite3", "secret-key"}
        assert invariants.of_disk(here.search, log, here.dashboard.folder) == []
    assert {case: found for case, one in outcomes.items() if (found := [f for f in one.faults if f[0] == "c"])} == {}


def test_a_dashboard_that_logs_its_headers_is_found_out(tmp_path):
    with upstreams(tmp_path) as made:
        environment = made.environment | {"DASHBOARD_PROJECTS": "healthy", "FAULT_LEAK": "1"}
        environment |= variables("healthy", made.places["healthy"].base_url, KEY)
        with running_dashboard(tmp_path, environment) as dashboard:
            assert dashboard.get("/healthy/completions/").status == 200
        found = invariants.of_disk(Search([KEY]), dashboard.logged(), dashboard.folder)
    assert "c: the canary is in the log (plain)" in found
    assert not any("dashboard.sqlite3" in place for place in found)
