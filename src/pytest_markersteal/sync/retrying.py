"""Retries with a growing, random pause between attempts; a face over tenacity.

The pause after attempt ``n`` is ``initial_s * 2**(n - 1)``, at most ``max_wait_s``, of which a
random part, at most the fraction ``jitter``, is left out. The random numbers come from the system:
Python's own generator is seeded by plugins such as pytest-randomly, so that several workers could
try again at the same moments, and a test that draws numbers would get others after a retry.
"""

from __future__ import annotations

import functools
import inspect
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, ParamSpec, TypeVar, cast

from pytest_markersteal.sync.clocks import SYSTEM_CLOCK, Clock, checked_s
from pytest_markersteal.sync.extra import needed_by

if TYPE_CHECKING:
    from tenacity import RetryCallState

P = ParamSpec("P")
R = TypeVar("R")

_MOST_DOUBLINGS = 64
"""Beyond this a pause of a nanosecond has become one of centuries; floats would overflow later."""

_random = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to pause after each attempt."""

    initial_s: float
    max_wait_s: float
    jitter: float
    """The most of each pause that is left out, from 0 to 1."""

    def wait_s(self, attempt: int, draw: float) -> float:
        """The seconds after attempt number ``attempt``, from 1; ``draw`` is from 0 to 1."""
        doubled_s = self.initial_s * 2.0 ** min(attempt - 1, _MOST_DOUBLINGS)
        full_s = min(doubled_s, self.max_wait_s)
        return full_s * (1 - self.jitter * draw)


class RetryWithBackoff:
    """Try again after certain exceptions, with a growing pause; of use any number of times.

    Decorates functions and coroutine functions, or is iterated over, with ``for`` or ``async for``
    (asyncio or trio), for attempts that are entered with ``with``.

    ``attempts`` is how often to try, the first time included. The pause after the first failure is
    ``initial_s``, after each further one twice as long, up to ``max_wait_s``; each is shortened by
    a random part of it, at most the fraction ``jitter``, from 0 to 1. No attempt begins more than
    ``deadline_s`` after the first one; one that runs is not interrupted. ``clock`` is what
    synchronous forms go by.

    What the last attempt raised is raised, with a note (from Python 3.11) of how many there were.
    Every other exception is raised at once. Without tenacity, or anyio for asynchronous forms,
    ``ModuleNotFoundError`` says how to install it.
    """

    def __init__(
        self,
        *exceptions: type[Exception],
        attempts: int = 5,
        initial_s: float = 0.1,
        max_wait_s: float = 5.0,
        jitter: float = 0.5,
        deadline_s: float = 30.0,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        if not exceptions:
            raise TypeError(
                "RetryWithBackoff needs the exceptions to try again after, for example "
                "RetryWithBackoff(ConnectionError)"
            )
        for kind in exceptions:
            if not (isinstance(kind, type) and issubclass(kind, Exception)):
                raise TypeError(f"RetryWithBackoff takes subclasses of Exception, not {kind!r}")
        if type(attempts) is not int or attempts < 1:
            raise ValueError(f"attempts must be a whole number from 1, not {attempts!r}")
        if not (isinstance(jitter, int | float) and 0 <= jitter <= 1):
            raise ValueError(f"jitter must be a number from 0 to 1, not {jitter!r}")
        with needed_by("RetryWithBackoff"):
            import tenacity  # noqa: F401 - better missed here than in the middle of a test
        self._exceptions = exceptions
        self._attempts = attempts
        self._backoff = Backoff(
            checked_s("initial_s", initial_s), checked_s("max_wait_s", max_wait_s), jitter
        )
        self._deadline_s = checked_s("deadline_s", deadline_s)
        self._clock = clock

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """``function``, tried again; ``TypeError`` for generators, whose call can't fail."""
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(
                f"RetryWithBackoff can't retry the generator function {function.__qualname__}: "
                "decorate the function that iterates over it"
            )
        if inspect.iscoroutinefunction(function):
            # What it returns is R: something to await.
            return cast("Callable[P, R]", self._async_form(function))

        @functools.wraps(function)
        def retried(*args: P.args, **kwargs: P.kwargs) -> R:
            for attempt in self:
                with attempt:
                    return function(*args, **kwargs)
            raise AssertionError("an attempt that neither returned nor raised")

        return retried

    def _async_form(self, function: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        @functools.wraps(function)
        async def retried(*args: P.args, **kwargs: P.kwargs) -> R:
            async for attempt in self:
                with attempt:
                    return await function(*args, **kwargs)
            raise AssertionError("an attempt that neither returned nor raised")

        return retried

    def __iter__(self) -> Iterator[AbstractContextManager[None]]:
        import tenacity

        run = _Run(self._attempts, self._backoff, self._deadline_s, self._clock.monotonic)
        return iter(
            tenacity.Retrying(
                sleep=self._clock.sleep,
                retry=tenacity.retry_if_exception_type(self._exceptions),
                wait=run.wait_s,
                stop=run.is_over,
                retry_error_callback=run.give_up,
            )
        )

    def __aiter__(self) -> AsyncIterator[AbstractContextManager[None]]:
        with needed_by("RetryWithBackoff"):
            import anyio
        import tenacity

        run = _Run(self._attempts, self._backoff, self._deadline_s, anyio.current_time)
        return aiter(
            tenacity.AsyncRetrying(
                sleep=anyio.sleep,
                retry=tenacity.retry_if_exception_type(self._exceptions),
                wait=run.wait_s,
                stop=run.is_over,
                retry_error_callback=run.give_up,
            )
        )


class _Run:
    """The answers to what tenacity asks after each attempt, from the first to the last."""

    def __init__(
        self, attempts: int, backoff: Backoff, deadline_s: float, now_s: Callable[[], float]
    ) -> None:
        self._attempts = attempts
        self._backoff = backoff
        self._now_s = now_s
        self._began_s = now_s()
        self._deadline_s = deadline_s

    def wait_s(self, state: RetryCallState) -> float:
        """How long to pause before the next attempt; asked before ``is_over``."""
        return self._backoff.wait_s(state.attempt_number, _random.random())

    def is_over(self, state: RetryCallState) -> bool:
        """Whether there is to be no other attempt."""
        next_s = self._now_s() - self._began_s + state.upcoming_sleep
        return state.attempt_number >= self._attempts or next_s > self._deadline_s

    def give_up(self, state: RetryCallState) -> NoReturn:
        """Raise what the last attempt raised."""
        __tracebackhide__ = True
        # Asked only after an attempt that failed.
        error = cast("Exception", state.outcome and state.outcome.exception())
        if hasattr(error, "add_note"):
            passed_s = self._now_s() - self._began_s
            error.add_note(
                f"RetryWithBackoff gave up after {state.attempt_number} of {self._attempts} "
                f"attempts, in {passed_s:.2f} s"
            )
        raise error
