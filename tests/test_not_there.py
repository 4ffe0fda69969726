import pytest

from dashboard.not_there import WAITS, Wait, wait_for


def test_each_attempt_waits_longer_and_the_last_one_is_the_last():
    waits = [wait_for("chatcmpl-abc", made) for made in range(len(WAITS))]
    assert waits[0] == Wait(1, 5, 2)
    assert [wait.seconds for wait in waits if wait] == sorted(WAITS)
    assert wait_for("chatcmpl-abc", len(WAITS)) is None


@pytest.mark.parametrize("completion_id", ["abc", "chatcmpl-", "resp_1", ""])
def test_an_id_that_no_api_gives_is_not_waited_for(completion_id):
    assert wait_for(completion_id) is None


def test_a_number_of_attempts_that_cannot_be_is_the_end():
    assert wait_for("chatcmpl-abc", -1) is None
