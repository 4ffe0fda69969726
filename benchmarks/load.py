"""1, 8 and 32 clients over real sockets: the bare upstream, and `manage.py serve` in front of it, in turn.

The clients are one process with one loop. What they cost stands in the table, since on a machine with few cores they
take from the servers what they use; the same clients measure the bare upstream, which is the floor.
"""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks import report
from benchmarks.clients import Answer, Client, percentile
from benchmarks.report import Row
from benchmarks.servers import KEY, Dashboard, dashboard

CLIENTS = (1, 8, 32)
SECONDS, TURNS = 2.5, 2
LIST = "/default/completions/"
LARGEST = f"{LIST}?limit=100&pages=10"
HEAD = (
    "\n| page, clients | bare: 1/s | p50, p95 ms | dashboard: 1/s | refused | p50, p95 ms | p50, ratio "
    "| workers' CPU an answer | clients' CPU an answer |\n|---|---|---|---|---|---|---|---|---|"
)


Pair = tuple[tuple[str, ...], str]
"""The calls of the API that a page makes, and the page."""


@dataclass(frozen=True)
class Subject:
    """One thing to ask for. A client asks for its `targets` one after the other and takes them for one answer."""

    address: str
    targets: tuple[str, ...]


@dataclass
class Measured:
    """`seconds` of each good answer, the time that all of them took, and CPU seconds of the workers and of the clients.

    `refused` counts the answers with 503: more calls to the API at once than a process makes.
    """

    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    elapsed: float = 0.0
    workers: float = 0.0
    clients: float = 0.0


def rows(base_url: str) -> Iterator[Row]:
    """Prints its own table, of other columns, before the last rows."""
    with dashboard(base_url) as server:
        yield Row("start to the first answer", server.seconds_to_ready, "s", None, "3 s")
        asyncio.run(_ask(Subject(server.address, (LIST,)), clients=8, seconds=0.5))
        yield Row("memory of a worker, idle", server.memory(), "MB", None, "90 MB")
        print(HEAD)
        lists, completions = _pages(base_url)
        busiest = _lines("list page", base_url, server, *lists)
        _lines("completion page", base_url, server, *completions)
        print(f"\n{report.HEAD}")
        cpu = busiest.workers / len(busiest.seconds) * 1e3
        yield Row("list page, 32 clients: CPU of the workers for an answer", cpu, "ms", None, "12 ms")
        yield Row("memory of a worker, after this load", server.memory(), "MB", None, "130 MB")
        asyncio.run(_ask(Subject(server.address, (LARGEST,)), clients=32, seconds=5))
        yield Row(
            "memory of a worker, after 32 clients with ten pages of 100 rows", server.memory(), "MB", None, "130 MB"
        )


def _pages(base_url: str) -> tuple[Pair, Pair]:
    """The list, and of its completions the one of middle size."""
    prefix = "/" + base_url.split("/", 3)[3]
    call = f"{prefix}/chat/completions?order=desc&limit=50"
    address = base_url.removesuffix(prefix) + call
    with urllib.request.urlopen(urllib.request.Request(address, headers={"Authorization": f"Bearer {KEY}"})) as answer:
        listed = sorted(json.load(answer)["data"], key=lambda one: len(json.dumps(one)))
    one = f"{prefix}/chat/completions/{(name := listed[len(listed) // 2]['id'])}"
    return ((call,), LIST), ((one, f"{one}/messages?limit=100"), f"{LIST}{name}/")


def _lines(name: str, base_url: str, server: Dashboard, calls: tuple[str, ...], page: str) -> Measured:
    """One line for each number of clients; what was measured of the dashboard for the last one is returned."""
    for clients in CLIENTS:
        bare, ours = Measured(), Measured()
        for _ in range(TURNS):
            _add(bare, Subject(base_url, calls), clients, server)
            _add(ours, Subject(server.address, (page,)), clients, server)
        p50 = [percentile(one.seconds, 50) * 1e3 for one in (bare, ours)]
        p95 = [percentile(one.seconds, 95) * 1e3 for one in (bare, ours)]
        rate = [len(one.seconds) / one.elapsed for one in (bare, ours)]
        cpu = [spent / len(ours.seconds) * 1e3 for spent in (ours.workers, ours.clients)]
        print(
            f"| {name}, {clients} | {rate[0]:.0f} | {p50[0]:.1f}, {p95[0]:.1f} | {rate[1]:.0f} | {ours.refused} "
            f"| {p50[1]:.1f}, {p95[1]:.1f} | {p50[1] / p50[0]:.1f} | {cpu[0]:.1f} ms | {cpu[1]:.2f} ms |",
            flush=True,
        )
    return ours


def _add(measured: Measured, subject: Subject, clients: int, server: Dashboard) -> None:
    cpu, own, began = server.cpu(), time.process_time(), time.perf_counter()
    answers = asyncio.run(_ask(subject, clients, SECONDS))
    measured.seconds += [one for one in answers if one is not None]
    measured.refused += answers.count(None)
    measured.elapsed += time.perf_counter() - began
    measured.workers += server.cpu() - cpu
    measured.clients += time.process_time() - own


async def _ask(subject: Subject, clients: int, seconds: float) -> list[float | None]:
    """Seconds of each answer of that many clients, who ask again as soon as they have one; None where it was refused."""
    ends = time.monotonic() + seconds

    async def one() -> list[float | None]:
        client, times = Client(subject.address), list[float | None]()
        while time.monotonic() < ends:
            answers = [await client.get(target) for target in subject.targets]
            times.append(sum(answer.seconds for answer in answers) if all(map(_good, answers)) else None)
        client.close()
        return times

    return [each for times in await asyncio.gather(*(one() for _ in range(clients))) for each in times]


def _good(answer: Answer) -> bool:
    """Of anything but an answer and a refusal the figures would say nothing."""
    assert answer.status in {200, 503}, answer
    return answer.status == 200
