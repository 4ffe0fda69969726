"""The list page and *load more* beside the bare upstream call that they make, as CPU and as waiting, in one process."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from html import unescape

from benchmarks.in_process import in_turn, measured, prepared
from benchmarks.report import Row
from benchmarks.servers import KEY

PAGE = "/default/completions/"
CALL = "/chat/completions?order=desc&limit=50"
ROUNDS, CALLS = 12, 25
COMPRESSED = {"HTTP_ACCEPT_ENCODING": "gzip"}
BUDGET = "8 times"


def rows(base_url: str) -> Iterator[Row]:
    found = measured("benchmarks.list_page", base_url)
    for name, budget in (("client.list", ""), ("list page", BUDGET), ("list page, compressed", ""), ("load more", "")):
        yield Row(f"{name}: CPU", found[f"{name} cpu"], "ms", found["bare cpu"], budget)
    for name in ("list page", "load more"):
        yield Row(f"{name}: time", found[f"{name} wall"], "ms", found["bare wall"])
    yield Row("list page: bytes, compressed", found["bytes"] / 1e3, "kB", found["bare bytes"] / 1e3)


def _measure(base_url: str) -> dict[str, float]:
    import requests

    get = prepared()
    from dashboard.upstream.client import Client

    session = requests.Session()
    client = Client(base_url, key=KEY)
    more = unescape(re.findall(r'id="more-link"[^>]* hx-get="([^"]+)"', get(PAGE).decode())[0])

    def bare() -> bytes:
        body = session.get(base_url + CALL, headers={"Authorization": f"Bearer {KEY}"}).content
        json.loads(body)
        return body

    cases: dict[str, Callable[[], object]] = {
        "bare": bare,
        "client.list": partial(client.list, order="desc", limit=50),
        "list page": partial(get, PAGE),
        "list page, compressed": partial(get, PAGE, **COMPRESSED),
        "load more": partial(get, more, HTTP_HX_REQUEST="true", **COMPRESSED),
    }
    sizes = {"bytes": len(get(PAGE, **COMPRESSED)), "bare bytes": len(bare())}
    return in_turn(cases, ROUNDS, CALLS) | sizes


if __name__ == "__main__":
    print(json.dumps(_measure(sys.argv[1])))
