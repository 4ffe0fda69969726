"""The completion page beside the bare upstream calls that it makes: time, bytes of HTML, and the peak of memory."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

from benchmarks.documents import ID, completions
from benchmarks.in_process import measured, median, peak, prepared
from benchmarks.report import Row
from benchmarks.servers import one_completion

PAGE = f"/default/completions/{ID}/"
CALLS = (f"/chat/completions/{ID}", f"/chat/completions/{ID}/messages?limit=100")


def rows() -> Iterator[Row]:
    for name, bodies in completions().items():
        with one_completion(*bodies) as base_url:
            found = measured("benchmarks.completion", base_url)
        received = sum(map(len, bodies)) / 1e3
        yield Row(f"completion, {name}: time", found["page"], "ms", found["bare"])
        yield Row(f"completion, {name}: HTML beside JSON", found["html"] / 1e3, "kB", received)
        yield Row(f"completion, {name}: memory at most", found["peak"], "MB")


def _measure(base_url: str) -> dict[str, float]:
    """Milliseconds of the bare calls with `json.loads` and of the page, bytes of HTML, peak in megabytes."""
    import requests

    get, session = prepared(), requests.Session()
    html = len(get(PAGE))
    page = median(lambda: get(PAGE))
    found = {"page": page, "html": html, "peak": peak()}
    return found | {"bare": median(lambda: [json.loads(session.get(base_url + call).content) for call in CALLS])}


if __name__ == "__main__":
    print(json.dumps(_measure(sys.argv[1])))
