"""Writes that wait until the answer is sent, and what a database that fails does to them: nothing that a reader sees."""

from threading import Thread

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, OperationalError
from django.http import HttpResponse

from dashboard.after_answer import MOST_WAITING, LateWrites

pytestmark = pytest.mark.django_db


def failing(error: Exception):
    def write() -> None:
        raise error

    return write


def test_it_is_written_when_the_answer_has_been_sent():
    response, writes = HttpResponse(), LateWrites()
    writes.after(response, lambda: Group.objects.create(name="late"))
    assert not Group.objects.exists()
    response.close()
    assert Group.objects.get().name == "late"


def test_what_a_locked_database_refuses_waits_for_the_next_answer(caplog):
    writes, done = LateWrites(), []
    broken = [OperationalError("database is locked")]

    def first() -> None:
        if broken:
            raise broken.pop()
        done.append("first")

    writes.soon(first)
    assert writes.failing
    assert "1 writes wait: database is locked" in caplog.text
    writes.soon(lambda: done.append("second"))
    assert done == ["first", "second"]
    assert not writes.failing


def test_what_can_never_be_written_holds_up_nothing(caplog):
    writes, done = LateWrites(), []
    writes.soon(failing(IntegrityError("no such person")))
    writes.soon(lambda: done.append("second"))
    assert (done, writes.failing) == (["second"], False)
    assert "no such person" in caplog.text


def test_no_more_wait_than_the_bound():
    writes, done = LateWrites(), []
    for _ in range(MOST_WAITING + 5):
        writes.soon(failing(OperationalError("disk is full")))
    writes._waiting.popleft()
    writes.soon(lambda: done.append("last"))
    assert len(writes._waiting) == MOST_WAITING


def test_a_thread_that_finds_another_writing_leaves_its_own_with_it():
    writes, done = LateWrites(), []
    other = Thread(target=writes.soon, args=[lambda: done.append("quick")])

    def slow() -> None:
        other.start()
        other.join(10)
        assert not other.is_alive(), "it did not wait for the slow one"
        done.append("slow")

    writes.soon(slow)
    assert done == ["slow", "quick"]
