"""Which calls are made once more, and which are not."""

import pytest

from dashboard.upstream import errors
from dashboard.upstream.repeat import pause_before_repeat
from dashboard.upstream.watchdog import Deadline


@pytest.mark.parametrize("kind", [errors.Unreachable, errors.BrokenOff, errors.CutShort])
def test_what_broke_on_the_way_is_asked_for_again(kind):
    assert 0.2 <= (pause_before_repeat(kind(), Deadline(5)) or 0) <= 0.5


@pytest.mark.parametrize("status", [408, 409, 500, 502, 520])
def test_statuses_that_pass_are_asked_for_again(status):
    error = errors.error_class(status)(upstream_status=status)
    assert 0.2 <= (pause_before_repeat(error, Deadline(5)) or 0) <= 0.5


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("named", "pause"), [(0.0, 0), (0.2, 0.2), (1.0, 1), (1.1, None), (None, None)])
def test_a_time_that_the_api_names_is_waited_for_where_it_is_short(status, named, pause):
    error = errors.error_class(status)(upstream_status=status, retry_after=named)
    assert pause_before_repeat(error, Deadline(5)) == pause


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 418, 422, 501, 504, 529])
def test_other_statuses_are_final(status):
    assert pause_before_repeat(errors.error_class(status)(upstream_status=status), Deadline(5)) is None


@pytest.mark.parametrize(
    "kind",
    [
        errors.TimedOut, errors.TlsFailed, errors.NotHttp, errors.ProxyRefused, errors.WronglyEncoded,
        errors.Redirected, errors.NotJson, errors.WrongShape, errors.TooLarge,
    ],
)  # fmt: skip
def test_what_stays_the_same_is_not_asked_for_again(kind):
    assert pause_before_repeat(kind(), Deadline(5)) is None


def test_too_little_time_is_no_time():
    deadline = Deadline(10)
    deadline._ends -= 6.1
    assert pause_before_repeat(errors.BrokenOff(), deadline) is None
