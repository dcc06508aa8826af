"""Waiting until something is true, with an account of what was seen where it never is.

A condition is looked at, with a pause between two looks, until it gives something true. What it
raises counts as "not yet": what is waited for is often an error before it is there. There is one
look at least, and one at the very end, so a slow machine is no reason to give up.
"""

from __future__ import annotations

import inspect
import reprlib
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

from pytest_markersteal.sync.clocks import DEFAULT_TIMEOUT_S, SYSTEM_CLOCK, Clock, checked_s
from pytest_markersteal.sync.extra import needed_by
from pytest_markersteal.sync.timeouts import WaitTimeoutError, task_stacks, thread_stacks

T = TypeVar("T")

_INTERVAL_S = 0.02
_LEAST_LOOK_S = 1.0
"""How long a look that is awaited may take, also one that begins when the time is nearly up."""
_REPR_LENGTH = 500

_values = reprlib.Repr()  # Shows also what has a __repr__ that raises.
_values.maxstring = _values.maxother = _REPR_LENGTH


class _Watch:
    """What was seen of a condition, and how long to go on; without a clock of its own."""

    def __init__(
        self, condition: Callable[[], object], timeout_s: float, interval_s: float, now_s: float
    ) -> None:
        self._condition = condition
        self._timeout_s = checked_s("timeout_s", timeout_s)
        self._interval_s = checked_s("interval_s", interval_s)
        self._deadline_s = now_s + timeout_s
        self._looks = 0
        self._value = "none yet"
        self._error: Exception | None = None

    def returned(self, value: object) -> None:
        """A look gave something that is not true."""
        self._value = _values.repr(value)

    def raised(self, error: Exception) -> None:
        """A look failed."""
        self._error = error

    def look_until_s(self, now_s: float) -> float:
        """When a look that begins at ``now_s`` is to be cancelled."""
        return max(self._deadline_s, now_s + _LEAST_LOOK_S)

    def pause_s(self, now_s: float, stacks: Callable[[], str]) -> float:
        """The seconds until the next look; ``WaitTimeoutError`` if there is to be none."""
        __tracebackhide__ = True
        self._looks += 1
        left_s = self._deadline_s - now_s
        if left_s > 0:
            return min(self._interval_s, left_s)
        error = "none" if self._error is None else _values.repr(self._error)
        raise WaitTimeoutError(
            f"{_name(self._condition)} gave nothing true within {self._timeout_s:g} s "
            f"(looked {self._looks} times)\n"
            f"last value: {self._value}\n"
            f"last exception: {error}\n{stacks()}"
        ) from self._error


def _name(condition: Callable[[], object]) -> str:
    return getattr(condition, "__qualname__", None) or repr(condition)


def wait_for_condition(
    condition: Callable[[], T],
    *,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    interval_s: float = _INTERVAL_S,
    clock: Clock = SYSTEM_CLOCK,
) -> T:
    """Call ``condition`` every ``interval_s`` until it returns something true, and return that.

    An ``Exception`` that it raises counts as not yet. ``WaitTimeoutError`` after ``timeout_s``,
    with the last value, the last exception (also as its cause) and the stacks of all threads.
    A condition that never returns is not interrupted; one that is a coroutine function, or returns
    a coroutine, is a ``TypeError``.
    """
    __tracebackhide__ = True
    if inspect.iscoroutinefunction(condition):
        raise _not_awaited(f"{_name(condition)} is a coroutine function")
    watch = _Watch(condition, timeout_s, interval_s, clock.monotonic())
    while True:
        try:
            value = condition()
        except Exception as error:
            watch.raised(error)
        else:
            if inspect.iscoroutine(value):
                value.close()
                raise _not_awaited(f"{_name(condition)} returned a coroutine")
            if value:
                return value
            watch.returned(value)
        clock.sleep(watch.pause_s(clock.monotonic(), thread_stacks))


@overload
async def wait_for_condition_async(
    condition: Callable[[], Awaitable[T]], *, timeout_s: float = ..., interval_s: float = ...
) -> T: ...


@overload
async def wait_for_condition_async(
    condition: Callable[[], T], *, timeout_s: float = ..., interval_s: float = ...
) -> T: ...


async def wait_for_condition_async(
    condition: Callable[[], object],
    *,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    interval_s: float = _INTERVAL_S,
) -> object:
    """``wait_for_condition`` under asyncio and trio, where other tasks go on meanwhile.

    What ``condition`` returns is awaited if it can be, and cancelled at the timeout, or a second
    after it began if that is later. The error shows the stacks of all tasks too. Without anyio,
    ``ModuleNotFoundError`` says how to install it.
    """
    __tracebackhide__ = True
    with needed_by("wait_for_condition_async"):
        import anyio
    watch = _Watch(condition, timeout_s, interval_s, anyio.current_time())
    while True:
        try:
            deadline_s = watch.look_until_s(anyio.current_time())
            with anyio.CancelScope(deadline=deadline_s) as scope:
                value = condition()
                if inspect.isawaitable(value):
                    value = await value
        except Exception as error:
            watch.raised(error)
        else:
            if not scope.cancelled_caught:
                if value:
                    return value
                watch.returned(value)
        await anyio.sleep(watch.pause_s(anyio.current_time(), _all_stacks))


def _not_awaited(what: str) -> TypeError:
    return TypeError(f"{what}: await wait_for_condition_async() instead")


def _all_stacks() -> str:
    return f"{task_stacks()}\n{thread_stacks()}"
