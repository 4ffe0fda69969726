"""`make bench`: the dashboard beside the bare upstream, measured in one run, as one page of Markdown.

Absolute times drift with the machine; only the ratios of one run say something. The upstream is `manage.py demo_upstream`
unless BENCH_BASE_URL names another one; BENCH_ONLY names the parts to run, separated by commas.
"""

import os
import sys
from collections.abc import Callable, Iterable
from contextlib import nullcontext

from benchmarks import completion, growth, list_page, load, logprobs
from benchmarks.report import HEAD, Row, print_rows
from benchmarks.servers import demo_upstream

PARTS = ("list", "completion", "logprobs", "load", "growth")


def main() -> None:
    only = [part.strip() for part in os.environ.get("BENCH_ONLY", "").split(",") if part.strip()]
    if unknown := set(only).difference(PARTS):
        sys.exit(f"BENCH_ONLY may name {', '.join(PARTS)}; it names {', '.join(sorted(unknown))}.")
    wanted = only or PARTS
    named = os.environ.get("BENCH_BASE_URL")
    with nullcontext(named) if named else demo_upstream() as base_url:
        print(
            f"In front of {'another upstream' if named else 'the demo upstream'}, on {os.cpu_count()} cores.\n\n{HEAD}"
        )
        parts: dict[str, Callable[[], Iterable[Row]]] = {
            "list": lambda: list_page.rows(base_url),
            "completion": completion.rows,
            "logprobs": logprobs.rows,
            "load": lambda: load.rows(base_url),
            "growth": lambda: growth.rows(asked_for="growth" in only),
        }
        for part in PARTS:
            if part in wanted:
                print_rows(parts[part]())


if __name__ == "__main__":
    main()
