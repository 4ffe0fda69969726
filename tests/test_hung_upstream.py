"""An API that accepts and never answers, and many people: the real server on a real socket, a small one."""

import asyncio
from collections import Counter

from benchmarks.hang import few_people, many_people
from dashboard.upstream.transport import READ_SECONDS

SMALL = {"DASHBOARD_WORKERS": "1", "DASHBOARD_THREADS": "12"}


def test_what_needs_no_api_is_answered_while_it_hangs_and_pages_come_back_with_it():
    outcome = asyncio.run(many_people(20, 4.0, **SMALL))
    assert {"/healthz", "/readyz", "/login/", "/"} < outcome.probes.keys()
    for answers in outcome.probes.values():
        assert {answer.status for answer in answers} <= {200, 302}
        # Nobody waited until a call to the API was over.
        assert max(answer.seconds for answer in answers) < READ_SECONDS / 2
    assert {answer.status for answer in outcome.pages} == {503}
    # Calls that hang may bind all places until they time out, and no longer.
    assert outcome.recovery < READ_SECONDS + 2


def test_few_people_learn_that_the_api_gives_no_answer():
    answers = asyncio.run(few_people(20))
    assert Counter(answer.status for answer in answers) == {504: 20}
