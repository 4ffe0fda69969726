"""What is kept of an opened completion whose tokens are many."""

import time
from collections.abc import Callable, Iterator
from threading import Event, Timer

import pytest

from dashboard.documents import COMPLETION, _packer, recall, remember_completion
from dashboard.projects import get_project
from dashboard.upstream.large import decode_completion
from dashboard.upstream.records import Completion, retrieved
from tests.stub_upstream import reply, stored


@pytest.fixture
def large(upstream) -> Completion:
    content = [{"token": " a", "logprob": -0.5, "top_logprobs": []}] * 9_000
    _, _, body = reply(stored(choices=[{"message": {}, "logprobs": {"content": content}}]))
    return retrieved(decode_completion(body), body)


@pytest.fixture
def hold_up_packing() -> Iterator[Callable[[], Event]]:
    """Nothing is packed until the event is set."""
    go_on = Event()

    def hold_up() -> Event:
        _packer.submit(go_on.wait, 20)
        return go_on

    yield hold_up
    go_on.set()


def test_who_asks_for_a_document_that_is_being_packed_waits_for_it(large, hold_up_packing):
    go_on = hold_up_packing()
    project = get_project("default")
    remember_completion(project, "chatcmpl-1", large)
    Timer(0.1, go_on.set).start()
    assert recall(project, "chatcmpl-1", COMPLETION)["id"] == "chatcmpl-1"


def test_a_document_that_stayed_the_same_is_not_packed_again(large, hold_up_packing):
    project = get_project("default")
    remember_completion(project, "chatcmpl-1", large)
    recall(project, "chatcmpl-1", COMPLETION)
    hold_up_packing()
    remember_completion(project, "chatcmpl-1", large)
    began = time.monotonic()
    assert recall(project, "chatcmpl-1", COMPLETION)["id"] == "chatcmpl-1"
    assert time.monotonic() - began < 10
