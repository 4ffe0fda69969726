"""The examination itself: what is configured, what the first call says, then check by check."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator

from dashboard.doctor.completion_checks import COMPLETION_CHECKS
from dashboard.doctor.configured import configured, key_source
from dashboard.doctor.diagnosis import explained
from dashboard.doctor.findings import Finding, Verdict, finding
from dashboard.doctor.list_checks import LIST_CHECKS, listed
from dashboard.doctor.patient import OutOfTime, Patient
from dashboard.projects import Project
from dashboard.upstream.errors import KeyRejected, NotAllowed, TimedOut, Unreachable, UpstreamError

CALL_SECONDS = 10.0
PROJECT_SECONDS = 60.0
FIRST = ("connection", "key", "list")
ANSWERED = "A server answered there."
Check = Callable[[Patient], Verdict]
AFTER_THE_LIST: dict[str, Check] = {**LIST_CHECKS, **COMPLETION_CHECKS}


def examine(
    project: Project, *, seconds: float = PROJECT_SECONDS, call_seconds: float = CALL_SECONDS
) -> Iterator[Finding]:
    """Findings in the order of the checks, each as soon as it is there; one fault never ends the examination.

    At most twelve different calls, all GET, none longer than `call_seconds` and all together no longer than `seconds`.
    """
    yield from configured(project)
    patient = Patient(project, seconds, call_seconds)
    came = yield from _first_call(patient)
    for name, check in AFTER_THE_LIST.items():
        yield _checked(name, check, patient) if came else finding(name, Verdict("skipped", "It needs the list."))


def _first_call(patient: Patient) -> Generator[Finding, None, bool]:
    """What one list call says of the connection, of the key and of the list; the answer is whether the list came."""
    try:
        page = patient.list()
    except UpstreamError as error:
        yield from _failed(error, patient)
        return False
    project = patient.project
    yield finding("connection", Verdict("ok", ANSWERED))
    took = "None is needed." if project.is_demo else f"The API took it. {key_source(project)}"
    yield finding("key", Verdict("ok", took))
    yield finding("list", listed(patient, page), patient.ms, patient.request_id)
    return True


def _failed(error: UpstreamError, patient: Patient) -> Iterator[Finding]:
    """One fault at the place it belongs to; what comes before has worked, what comes after could not be reached."""
    fault = finding(_place(error), explained(error, patient.project), patient.ms, patient.request_id)
    if fault.check != "connection":
        yield finding("connection", Verdict("ok", ANSWERED))
    if fault.check == "list":
        yield finding("key", Verdict("skipped", f"This answer does not tell. {key_source(patient.project)}"))
    yield fault
    for name in FIRST[FIRST.index(fault.check) + 1 :]:
        yield finding(name, Verdict("skipped", "It was not reached."))


def _place(error: UpstreamError) -> str:
    if isinstance(error, KeyRejected | NotAllowed):
        return "key"
    unanswered = isinstance(error, TimedOut) and error.upstream_status is None
    return "connection" if unanswered or isinstance(error, Unreachable) else "list"


def _checked(name: str, check: Check, patient: Patient) -> Finding:
    if patient.stopped:
        return finding(name, Verdict("skipped", "It was not tried after the fault above."))
    patient.next_check()
    try:
        verdict = check(patient)
    except OutOfTime as over:
        verdict = Verdict("skipped", str(over))
    except UpstreamError as error:
        verdict = explained(error, patient.project)
    return finding(name, verdict, patient.ms, patient.request_id)
