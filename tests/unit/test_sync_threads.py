"""Threads of test authors: together at the start, and all accounted for at the end."""

from __future__ import annotations

import functools
import sys
import threading

import pytest
from clocks import SleepingClock

from pytest_markersteal.sync import WaitTimeoutError, synchronized_threads

if sys.version_info < (3, 11):
    from exceptiongroup import BaseExceptionGroup, ExceptionGroup


class ClockOfJoins:
    """There is time until as many threads have been waited for as were said to end."""

    def __init__(self, ending: int) -> None:
        self._asked_left = 1 + ending  # Once for the beginning.

    def monotonic(self) -> float:
        self._asked_left -= 1
        return 0.0 if self._asked_left >= 0 else 60.0

    def sleep(self, seconds: float, /) -> None:
        raise AssertionError("joining is all there is to wait for")


def test_results_have_the_order_of_the_functions() -> None:
    """Whichever ends first."""
    second_ended = threading.Event()

    def first() -> str:
        second_ended.wait(60)
        return "first"

    def second() -> str:
        second_ended.set()
        return "second"

    assert synchronized_threads([first, second]) == ["first", "second"]


def test_no_function_begins_before_all_threads_are_there() -> None:
    """Each sees as many threads as there are functions, however short the others are."""
    before = set(threading.enumerate())

    def threads_seen() -> int:
        mine = [thread for thread in set(threading.enumerate()) - before if thread.daemon]
        seen = len(mine)
        all_looked.wait(60)
        return seen

    all_looked = threading.Barrier(8)
    assert synchronized_threads([threads_seen] * 8) == [8] * 8


def test_all_exceptions_are_raised_as_a_group() -> None:
    """In the order of the functions, with the names of the threads, and their own tracebacks."""

    def pay(amount: int) -> int:
        if amount < 0:
            raise ValueError(amount)
        return amount

    with pytest.raises(ExceptionGroup) as caught:
        synchronized_threads([functools.partial(pay, amount) for amount in (-1, 5, -2)])
    assert [error.args for error in caught.value.exceptions] == [(-1,), (-2,)]
    traceback = caught.value.exceptions[0].__traceback__
    assert traceback is not None
    assert traceback.tb_next is not None
    assert traceback.tb_next.tb_frame.f_code.co_name == "pay"

    with pytest.raises(ExceptionGroup, match=r"of 2 threads, .*fail #0 raised"):
        synchronized_threads([fail, int])


def fail() -> None:
    raise ValueError


@pytest.mark.parametrize("error", [SystemExit(3), pytest.fail.Exception("wrong")])
def test_what_threads_usually_drop_is_raised_too(error: BaseException) -> None:
    """sys.exit() and pytest.fail() in a thread are failures of the test."""

    def end() -> None:
        raise error

    with pytest.raises(BaseExceptionGroup) as caught:
        synchronized_threads([end])
    assert caught.value.exceptions == (error,)


def test_threads_that_did_not_end_are_reported() -> None:
    """By name and stack, beside what others raised; they do not keep the interpreter alive."""
    release = threading.Event()
    stuck_thread = []

    def stuck() -> None:
        stuck_thread.append(threading.current_thread())
        release.wait(60)

    try:
        with pytest.raises(ExceptionGroup) as caught:
            synchronized_threads([fail, stuck], timeout_s=5, clock=ClockOfJoins(ending=1))
    finally:
        release.set()
    problem = "test_threads_that_did_not_end_are_reported.<locals>.stuck #1 did not end within 5 s"
    assert caught.value.message == f"of 2 threads, fail #0 raised; {problem}"
    raised, unended = caught.value.exceptions
    assert isinstance(raised, ValueError)
    assert isinstance(unended, WaitTimeoutError)
    assert str(unended).startswith(f"{problem}\nthread ")
    assert "release.wait(60)" in str(unended)
    assert threading.current_thread().name not in str(unended)
    assert stuck_thread[0].daemon
    stuck_thread[0].join()


def test_threads_that_the_system_refuses_leave_none_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The error is raised, and the threads that were started already end."""
    started: list[threading.Thread] = []
    start = threading.Thread.start

    def start_one(thread: threading.Thread) -> None:
        if started:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_one)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        synchronized_threads([fail, fail])
    started[0].join(60)
    assert not started[0].is_alive()


def test_nothing_to_run_is_refused() -> None:
    """An empty list is a mistake of the test, and so is a limit that is none."""
    with pytest.raises(ValueError, match="needs at least one function"):
        synchronized_threads([])
    with pytest.raises(ValueError, match="timeout_s must be a finite number of seconds"):
        synchronized_threads([fail], timeout_s=float("inf"), clock=SleepingClock())
