"""One dashboard, one fault server, every case: first those that can go side by side, then those that need it all."""

from __future__ import annotations

import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.faults import invariants
from tests.faults.canary import Search, new_key
from tests.faults.catalogue import LIST, Case, Step
from tests.faults.dashboard_process import (
    Answer,
    Dashboard,
    project_name,
    running_dashboard,
    variables,
    watched_memory,
)
from tests.faults.places import PROXY_PASSWORD, Upstreams, upstreams

SLOW_AT_ONCE = QUICK_AT_ONCE = 4
"""Not all slow ones together: what ends in the same moment is late for no reason but the others."""
RECOVERY_SECONDS = 12.0
BURST = 200


@dataclass
class Outcome:
    """What one case came to. `faults` are sentences that begin with the letter of the invariant."""

    id: str
    faults: list[str] = field(default_factory=list)
    status: int = 0
    seconds: float = 0.0
    requests: int = 0
    growth: float = 0.0
    recovery: float = 0.0

    @property
    def kept(self) -> str:
        """The letters of the invariants that held."""
        broken = {fault[0] for fault in self.faults}
        return "".join("-" if letter in broken else letter for letter in invariants.LETTERS)


@dataclass
class World:
    """Everything that runs, and what to look for."""

    dashboard: Dashboard
    upstreams: Upstreams
    search: Search
    keys: dict[str, str]
    lag: float = 0.0
    """Seconds that a page without any upstream took at most: what the machine, busy with all this, costs."""
    answered: list[tuple[str, Answer]] = field(default_factory=list)
    """Every answer with its case, without the body."""

    def get(self, case: str, path: str, *, htmx: bool = False) -> Answer:
        answer = self.dashboard.get(f"/{project_name(case)}/{path}", htmx=htmx)
        self.answered.append((case, replace(answer, body=b"")))
        return answer

    def requests(self, case: str) -> int:
        return len(self.upstreams.server.sites[case].visits)


@contextmanager
def world(**more: str) -> Iterator[World]:
    """The dashboard with a project for each place, a key of its own for each of them, and a `.netrc` in its way."""
    canary = new_key(random.Random())
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        folder = Path(name)
        with upstreams(folder) as made:
            keys = {case: f"{canary}-{number}" for number, case in enumerate(made.places)}
            environment = made.environment | {"DASHBOARD_PROJECTS": ",".join(map(project_name, made.places))} | more
            for case, place in made.places.items():
                environment |= variables(case, place.base_url, keys[case])
            environment["HOME"] = str(_home_with_netrc(folder))
            with running_dashboard(folder, environment) as dashboard:
                yield World(dashboard, made, Search([canary, PROXY_PASSWORD]), keys)


def _home_with_netrc(folder: Path) -> Path:
    home = folder / "home"
    home.mkdir()
    netrc = home / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\ndefault login somebody password else\n")
    netrc.chmod(0o600)
    return home


def run_cases(here: World, cases: Mapping[str, Case], told: Callable[[Outcome], None]) -> dict[str, Outcome]:
    """Those that need all for themselves come last."""
    possible = [case for case in cases.values() if case.id in here.upstreams.places]
    beside = [case for case in possible if not case.alone]
    outcomes: dict[str, Outcome] = {}

    def one(case: Case) -> None:
        outcomes[case.id] = run_case(here, case)
        told(outcomes[case.id])

    _warm_up(here)
    with watched_memory(here.dashboard) as peak, _watched_lag(here), ExitStack() as pools:
        slow, quick = (pools.enter_context(ThreadPoolExecutor(size)) for size in (SLOW_AT_ONCE, QUICK_AT_ONCE))
        for running in [(slow if case.together else quick).submit(one, case) for case in beside]:
            running.result()
    if beside and peak.growth > 64:  # of all of them together, so that it holds for each
        for case in beside:
            outcomes[case.id].faults.append(f"f: together the small cases took {peak.growth:.0f} MB")
    for case in (case for case in possible if case.alone):
        with watched_memory(here.dashboard) as peak:
            outcome = outcomes[case.id] = run_case(here, case)
        outcome.growth = peak.growth
        if peak.growth > case.memory:
            outcome.faults.append(f"f: {peak.growth:.0f} MB more, {peak.after - peak.before:.0f} afterwards")
        told(outcome)
    return outcomes


@contextmanager
def _watched_lag(here: World) -> Iterator[None]:
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.2):
            here.lag = max(here.lag, here.dashboard.get("/healthz").seconds)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _warm_up(here: World) -> None:
    """Templates and modules are loaded when they are first used, in each of the workers."""
    for path in (
        LIST,
        "completions/chatcmpl-1/",
        "completions/chatcmpl-1/logprobs/",
        "completions/chatcmpl-1/json/",
    ) * 8:
        here.get("healthy", path)


def run_case(here: World, case: Case) -> Outcome:
    outcome = Outcome(case.id)
    if case.together:
        with ThreadPoolExecutor(len(case.steps)) as pool:
            answers = list(pool.map(lambda step: _ask(here, case.id, step), case.steps))
    else:
        answers = [_ask(here, case.id, step) for step in case.steps]
    for step, (answer, requests) in zip(case.steps, answers, strict=True):
        outcome.faults += _judged(here, step, answer, requests)
    (outcome.status, outcome.seconds), outcome.requests = (answers[0][0].status, answers[0][0].seconds), answers[0][1]
    outcome.faults += _sent_right(here, case.id)
    here.upstreams.heal(case.id)
    if case.recovers:
        outcome.recovery = recovery(here, case.id)
        if outcome.recovery > RECOVERY_SECONDS:
            outcome.faults.append(f"g: not healthy again within {RECOVERY_SECONDS:.0f} s")
    return outcome


def _ask(here: World, case: str, step: Step) -> tuple[Answer, int]:
    before = here.requests(case)
    answer = here.get(case, step.path, htmx=step.htmx)
    return answer, here.requests(case) - before


def _judged(here: World, step: Step, answer: Answer, requests: int) -> list[str]:
    where = f"{'fragment' if step.htmx else 'page'} {step.path}: "
    faults = [
        *invariants.in_time(answer, here.lag),
        *invariants.as_told(step, answer, requests),
        *invariants.keeps_secrets(here.search, answer),
        *invariants.stands(answer),
        *invariants.announced(answer),
    ]
    return [f"{fault[:3]}{where}{fault[3:]}" for fault in faults]


def _sent_right(here: World, case: str) -> list[str]:
    """Every request carried the key of its own project, whatever `.netrc` says, and was a GET below the base URL."""
    wrong = [
        visit.headers.get("authorization", "nothing")
        for visit in here.upstreams.server.sites[case].visits
        if visit.headers.get("authorization") != f"Bearer {here.keys[case]}"
    ]
    faults = [f"b: the key was not sent, but {wrong[0][:5]}…"] if wrong else []
    return faults + (["b: a redirect was followed"] if here.upstreams.trapped else [])


def recovery(here: World, case: str) -> float:
    """Seconds until the list is there again; more than `RECOVERY_SECONDS` when it is not."""
    started = time.monotonic()
    while (passed := time.monotonic() - started) <= RECOVERY_SECONDS:
        if here.get(case, LIST).status == 200:
            return time.monotonic() - started
        time.sleep(0.25)
    return passed


def burst(here: World) -> float:
    """The 95th percentile, in seconds, of many calls of a healthy project; all of them must be fine."""
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: here.get("healthy", LIST), range(BURST)))
    assert {answer.status for answer in answers} == {200}, "a healthy project failed"
    return statistics.quantiles([answer.seconds for answer in answers], n=20)[-1]
