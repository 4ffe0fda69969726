"""Cases of many requests: a hanging upstream, browsers that leave, a storm of refusals, one fault after the other."""

from __future__ import annotations

import http.client
import statistics
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.faults import invariants
from tests.faults.catalogue import LIST
from tests.faults.dashboard_process import Answer
from tests.faults.run import RECOVERY_SECONDS, Outcome, World, recovery

USERS = 100
PROBES = 30
SLOTS = 2 * 16
"""Of two processes; of several projects none may take all of them."""
CLICKS = 12
MOST_BEFORE_THE_BREAKER = 12
"""Five calls, each made twice, and one more that may be on its way in the other process."""
HEALTHY_SECONDS = 0.5
"""The 95th percentile of what needs no API, while all of it hangs."""


def many_hang(here: World) -> Outcome:
    """100 users on an API that hangs: those that find no slot are told at once, and the rest of the site is quick."""
    outcome = Outcome("many-hang")
    with ThreadPoolExecutor(USERS + PROBES) as pool:
        pages = [pool.submit(here.get, "many-hang", LIST) for _ in range(USERS)]
        time.sleep(1.5)
        probes = [pool.submit(_later, here, 0.1 * number) for number in range(PROBES)]
        answers, quick = [page.result() for page in pages], [probe.result() for probe in probes]
    told = Counter(answer.status for answer in answers)
    outcome.status, outcome.seconds = 503, max(answer.seconds for answer in answers)
    outcome.faults += [f"a: took {answer.seconds:.1f} s" for answer in answers if answer.seconds > invariants.LONGEST][
        :3
    ]
    if told.keys() != {503, 504} or told[504] > SLOTS:
        outcome.faults.append(f"b: {dict(told)} instead of at most {SLOTS} times 504 and 503 for the others")
    outcome.faults += _refused_with(answers, "2")
    slowest = statistics.quantiles([answer.seconds for answer in quick], n=20)[-1]
    if slowest > HEALTHY_SECONDS or {answer.status for answer in quick} != {200}:
        outcome.faults.append(f"e: /healthz took {slowest * 1000:.0f} ms meanwhile")
    return _ended(here, outcome, answers)


def _later(here: World, seconds: float) -> Answer:
    """Each at its own time, so that one that waits does not keep the others from it."""
    time.sleep(seconds)
    return here.dashboard.get("/healthz")


def client_gone(here: World) -> Outcome:
    """Browsers that close during a slow call: their slots are free at the deadline at the latest."""
    outcome = Outcome("client-gone")
    for _ in range(20):
        connection = http.client.HTTPConnection("127.0.0.1", here.dashboard.port)
        connection.request("GET", f"/client-gone/{LIST}")
        connection.close()
    time.sleep(0.5)
    answers = [here.get("healthy", LIST) for _ in range(20)]
    if {answer.status for answer in answers} != {200} or max(answer.seconds for answer in answers) > 3:
        outcome.faults.append("e: another project had to wait for browsers that are gone")
    return _ended(here, outcome, answers)


def storm(here: World) -> Outcome:
    """Every call is 429: clicks cost the API nothing until the time that it named is over."""
    outcome = Outcome("429-storm")
    answers = [here.get("429-storm", LIST, htmx=click % 2 == 1) for click in range(CLICKS)]
    outcome.status, outcome.requests = answers[-1].status, here.requests("429-storm")
    if outcome.requests > 2:  # one for each process, as it learns within a second what the other one knows
        outcome.faults.append(f"b: {CLICKS} clicks made {outcome.requests} requests")
    outcome.faults += [f"b: {answer.status}" for answer in answers if answer.status != 503]
    return _ended(here, outcome, answers)


def breaker(here: World) -> Outcome:
    """After five faults the API is left alone for ten seconds, then asked once."""
    outcome = Outcome("breaker")
    answers = [here.get("breaker", LIST) for _ in range(CLICKS)]
    outcome.status, outcome.requests = answers[-1].status, here.requests("breaker")
    if outcome.requests > MOST_BEFORE_THE_BREAKER or answers[-1].status != 503:
        outcome.faults.append(f"b: {CLICKS} clicks made {outcome.requests} requests, the last is {answers[-1].status}")
    outcome.faults += _refused_with(answers, *map(str, range(1, 11)))
    return _ended(here, outcome, answers)


def recovers(here: World) -> Outcome:
    """A project that worked, failed and works again: no restart, and within twelve seconds."""
    outcome = Outcome("recovering")
    site = here.upstreams.server.sites["recovering"]
    answers = [here.get("recovering", LIST)]
    healthily, site.behave = site.behave, lambda visit: False
    answers += [here.get("recovering", LIST) for _ in range(6)]
    site.behave = healthily
    outcome.status = answers[-1].status
    if answers[0].status != 200 or answers[1].status != 502:
        outcome.faults.append(f"b: {[answer.status for answer in answers]}")
    return _ended(here, outcome, answers)


def _refused_with(answers: list[Answer], *seconds: str) -> list[str]:
    said = {answer.headers.get("retry-after", "none") for answer in answers if answer.status == 503}
    return [f"b: Retry-After is {sorted(said)}"] if not said <= set(seconds) else []


def _ended(here: World, outcome: Outcome, answers: list[Answer]) -> Outcome:
    for answer in answers:
        outcome.faults += [*invariants.keeps_secrets(here.search, answer), *invariants.stands(answer)]
        outcome.faults += invariants.announced(answer)
    here.upstreams.heal(outcome.id)
    outcome.recovery = recovery(here, outcome.id)
    if outcome.recovery > RECOVERY_SECONDS:
        outcome.faults.append(f"g: not healthy again within {RECOVERY_SECONDS:.0f} s")
    return outcome


CROWDS: dict[str, Callable[[World], Outcome]] = {
    "client-gone": client_gone,
    "429-storm": storm,
    "breaker": breaker,
    "recovering": recovers,
    "many-hang": many_hang,
}
