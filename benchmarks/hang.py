"""The promise for an API that hangs: what needs no API is answered at once, and when it is back, so is the dashboard.

`make load` starts the real server in front of an upstream that accepts and never answers, lets simulated people ask for
pages, measures beside them what needs no upstream, and ends with status 1 when a promise is broken. All of it is on
loopback, and bounded in time.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random

from benchmarks.clients import Answer, Client, percentile
from benchmarks.servers import dashboard

USERS, SECONDS = 300, 30.0
PAUSES = (1.0, 3.0)
"""Seconds between an answer and the next page that somebody asks for."""
FEW = 20
LIST = "/default/completions/"
PAGES = (LIST, LIST, f"{LIST}?order=asc", f"{LIST}chatcmpl-hung/", f"{LIST}chatcmpl-hung/logprobs/")
SLOWEST, RECOVERY = 0.5, 12.0
"""Seconds that are promised: the p95 of what needs no upstream, and from the upstream's return to the first page."""
ANSWER = b'{"id":"chatcmpl-hung","created":1795372571,"choices":[],"data":[],"has_more":false}'
"""Read as a list, as a completion, and as the messages of one."""


@dataclass(frozen=True)
class Outcome:
    """What people got in `pages`, and the probes by their path: all of it while the API hung.

    `lag` is how late the driver itself was, in seconds, `cores` what all workers together took.
    """

    pages: list[Answer]
    probes: dict[str, list[Answer]]
    lag: list[float]
    cores: float
    recovery: float
    """Seconds from the upstream's return to the first good page."""


class HungUpstream:
    """Accepts, reads and says nothing, until `alive` is set. What was asked before that is never answered."""

    def __init__(self) -> None:
        self.alive = False
        self.base_url = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                if self.alive:
                    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(ANSWER)}\r\n\r\n"
                    writer.write(head.encode() + ANSWER)
        except (OSError, EOFError, asyncio.CancelledError):
            pass  # the other side hung up, or the run is over
        finally:
            writer.close()


@asynccontextmanager
async def hung_upstream() -> AsyncIterator[HungUpstream]:
    upstream = HungUpstream()
    server = await asyncio.start_server(upstream.answer, "127.0.0.1", 0, backlog=512)
    upstream.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield upstream
    finally:
        server.close()


async def many_people(users: int, seconds: float, **variables: str) -> Outcome:
    """So many people ask for pages of an API that hangs, for so long; then it comes back, and they go on asking.

    `variables` configure the dashboard.
    """
    async with hung_upstream() as upstream:
        with dashboard(upstream.base_url, DASHBOARD_LOGIN="required", **variables) as server:
            over, cookie = asyncio.Event(), server.signed_in()
            targets = await _targets(server.address, cookie)
            ends, before = time.monotonic() + seconds, server.cpu()
            people = [
                asyncio.create_task(_person(Client(server.address, cookie), place, over)) for place in range(users)
            ]
            lag = asyncio.create_task(_lag(ends))
            probes = await asyncio.gather(*(_probe(server.address, target, ends) for target in targets))
            cores = (server.cpu() - before) / seconds
            upstream.alive = True
            recovery = await _first_page(Client(server.address, cookie))
            over.set()
            answers = [answer for every in await asyncio.gather(*people) for answer in every]
            pages = [answer for answer in answers if answer.ended < ends]
            return Outcome(pages, dict(zip(targets, probes, strict=True)), await lag, cores, recovery)


async def few_people(users: int) -> list[Answer]:
    """All of them ask for one page at once, so few that every process has room for all."""
    async with hung_upstream() as upstream:
        with dashboard(upstream.base_url, DASHBOARD_LOGIN="required") as server:
            cookie = server.signed_in()
            clients = [Client(server.address, cookie) for _ in range(users)]
            answers = await asyncio.gather(*(client.get(LIST) for client in clients))
            for client in clients:
                client.close()
            return list(answers)


async def _targets(address: str, cookie: str) -> list[str]:
    """What needs no upstream. A refused filter shows a whole page without asking; it names the static files."""

    def read() -> str:
        try:
            asked = urllib.request.Request(f"{address}{LIST}?limit=0", headers={"Cookie": cookie})
            with urllib.request.urlopen(asked) as answer:
                return str(answer.read())
        except urllib.error.HTTPError as refusal:
            with refusal:
                return str(refusal.read())

    style = re.findall(r'/static/app[^"]+css', await asyncio.to_thread(read))[0]
    return ["/healthz", "/readyz", "/login/", style, "/"]


async def _person(client: Client, place: int, over: asyncio.Event) -> list[Answer]:
    dice, answers = Random(place), list[Answer]()
    while not over.is_set():
        await asyncio.sleep(dice.uniform(0 if not answers else PAUSES[0], PAUSES[1]))
        answers.append(await client.get(dice.choice(PAGES)))
    client.close()
    return answers


async def _probe(address: str, target: str, ends: float) -> list[Answer]:
    """On a new connection each time, as a load balancer asks."""
    client, answers = Client(address), list[Answer]()
    while time.monotonic() < ends:
        answers.append(await client.get(target))
        client.close()
        await asyncio.sleep(0.2)
    return answers


async def _lag(ends: float) -> list[float]:
    late = []
    while (began := time.monotonic()) < ends:
        await asyncio.sleep(0.05)
        late.append(time.monotonic() - began - 0.05)
    return late


async def _first_page(client: Client) -> float:
    began = time.monotonic()
    while time.monotonic() - began < 3 * RECOVERY:
        answer = await client.get(LIST)
        if answer.status == 200:
            client.close()
            return answer.ended - began
        await asyncio.sleep(0.2)
    return float("inf")


# --- What is promised, and the report


def broken_promises(many: Outcome, few: Sequence[Answer]) -> list[str]:
    """A sentence for each promise that was not kept."""
    sentences = []
    for target, answers in many.probes.items():
        if unanswered := sum(not _good(answer) for answer in answers):
            sentences.append(f"{target} was not answered {unanswered} of {len(answers)} times.")
        if (slow := percentile([answer.seconds for answer in answers], 95)) >= SLOWEST:
            sentences.append(f"{target} took {slow:.2f} s at the 95th percentile; less than {SLOWEST} s is promised.")
    if others := Counter(answer.status for answer in few if answer.status != 504):
        sentences.append(f"{len(few)} people got other answers than 504: {_counted(others)}.")
    if many.recovery >= RECOVERY:
        sentences.append(f"The first page came {many.recovery:.1f} s after the API; {RECOVERY:.0f} s are promised.")
    return sentences


def main() -> None:
    many = asyncio.run(many_people(USERS, SECONDS))
    few = asyncio.run(few_people(FEW))
    print(f"| {USERS} people, the API hangs for {SECONDS:.0f} s | answers | good | p50 | p95 | at most |")
    print("|---|---|---|---|---|---|")
    for target, answers in (*many.probes.items(), ("pages of the API", many.pages)):
        print(_line(target, answers))
    print(f"\nPages: {_counted(Counter(answer.status for answer in many.pages))}.")
    print(f"{len(few)} people at once: {_counted(Counter(answer.status for answer in few))}.")
    print(f"First good page {many.recovery:.1f} s after the API was back.")
    print(f"Workers took {many.cores:.2f} cores; the driver was late by {percentile(many.lag, 95) * 1e3:.0f} ms (p95).")
    sentences = broken_promises(many, few)
    print("\n".join(f"Broken: {sentence}" for sentence in sentences) or "All promises were kept.")
    sys.exit(bool(sentences))


def _good(answer: Answer) -> bool:
    return 200 <= answer.status < 400


def _line(what: str, answers: Sequence[Answer]) -> str:
    seconds = [answer.seconds for answer in answers]
    good = 100 * sum(map(_good, answers)) / len(answers)
    p50, p95 = (percentile(seconds, share) * 1e3 for share in (50, 95))
    return f"| {what} | {len(answers)} | {good:.1f} % | {p50:,.0f} ms | {p95:,.0f} ms | {max(seconds) * 1e3:,.0f} ms |"


def _counted(statuses: Counter[int]) -> str:
    return ", ".join(f"{count} × {status or 'no answer'}" for status, count in sorted(statuses.items()))


if __name__ == "__main__":
    main()
