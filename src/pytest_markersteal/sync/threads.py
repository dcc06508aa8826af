"""Threads that start together, and of which none is forgotten."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar, cast

from pytest_markersteal.sync.clocks import DEFAULT_TIMEOUT_S, SYSTEM_CLOCK, Clock, checked_s
from pytest_markersteal.sync.timeouts import WaitTimeoutError, thread_stacks

if sys.version_info < (3, 11):
    from exceptiongroup import BaseExceptionGroup  # pytest needs it there too.

T = TypeVar("T")


class _Thread(threading.Thread, Generic[T]):
    """A thread that keeps what its function returned or raised.

    A daemon: one that never ends must not keep the run from ending.
    """

    def __init__(self, function: Callable[[], T], number: int, barrier: threading.Barrier) -> None:
        name = getattr(function, "__qualname__", None) or repr(function)
        super().__init__(name=f"{name} #{number}", daemon=True)
        self._function = function
        self._barrier = barrier
        self.result: T | None = None
        self.error: BaseException | None = None

    def run(self) -> None:
        """Wait for the others, then call the function."""
        try:
            self._barrier.wait()
            self.result = self._function()
        except BaseException as error:  # pytest.fail() and sys.exit() raise no Exception.
            self.error = error


def synchronized_threads(
    functions: Iterable[Callable[[], T]],
    *,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    clock: Clock = SYSTEM_CLOCK,
) -> list[T]:
    """Call each of ``functions`` in a thread of its own, all at once, and return their results.

    The results have the order of the functions. If any raise, an exception group has what they
    raised, in that order too; for those that have not ended after ``timeout_s`` it has, at its end,
    a ``WaitTimeoutError`` that names them and shows their stacks. They are left running.
    """
    __tracebackhide__ = True
    checked_s("timeout_s", timeout_s)
    functions = list(functions)
    if not functions:
        raise ValueError("synchronized_threads needs at least one function")
    barrier = threading.Barrier(len(functions))
    threads = [_Thread(function, number, barrier) for number, function in enumerate(functions)]
    _start(threads, barrier)
    deadline_s = clock.monotonic() + timeout_s
    for thread in threads:
        thread.join(max(0.0, deadline_s - clock.monotonic()))
    unended = [thread for thread in threads if thread.is_alive()]
    _raise_errors(threads, unended, timeout_s)
    # One that raised nothing has returned what it returned.
    return [cast("T", thread.result) for thread in threads]


def _start(threads: list[_Thread[T]], barrier: threading.Barrier) -> None:
    try:
        for thread in threads:
            thread.start()
    except RuntimeError:  # The system gives no more threads.
        barrier.abort()
        raise


def _raise_errors(threads: list[_Thread[T]], unended: list[_Thread[T]], timeout_s: float) -> None:
    __tracebackhide__ = True
    ended = [thread for thread in threads if thread not in unended]
    raised = {thread.name: thread.error for thread in ended if thread.error is not None}
    errors = list(raised.values())
    problems = [f"{', '.join(raised)} raised"] if raised else []
    if unended:
        names = ", ".join(thread.name for thread in unended)
        problems.append(f"{names} did not end within {timeout_s:g} s")
        idents = [thread.ident for thread in unended if thread.ident is not None]
        errors.append(WaitTimeoutError(f"{problems[-1]}\n{thread_stacks(idents)}"))
    if errors:
        raise BaseExceptionGroup(f"of {len(threads)} threads, {'; '.join(problems)}", errors)
