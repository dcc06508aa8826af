"""Retries in their four forms, and when they end."""

from __future__ import annotations

import functools
import inspect
import random
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import anyio
import pytest
from clocks import BACKENDS, SleepingClock

from pytest_markersteal.sync import RetryWithBackoff

Run = Callable[[RetryWithBackoff, Callable[[], object]], object]


class Flaky:
    """Raises each of ``errors``, then returns ``"up"``; counts its calls."""

    def __init__(self, *errors: BaseException) -> None:
        self._errors = list(errors)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self._errors:
            raise self._errors.pop(0)
        return "up"


def decorated(retry: RetryWithBackoff, function: Callable[[], object]) -> object:
    return retry(function)()


def in_context(retry: RetryWithBackoff, function: Callable[[], object]) -> object:
    result: object = None
    for attempt in retry:
        with attempt:
            result = function()
    return result


async def decorated_async(retry: RetryWithBackoff, function: Callable[[], object]) -> object:
    @retry
    async def call() -> object:
        await anyio.lowlevel.checkpoint()
        return function()

    return await call()


async def in_context_async(retry: RetryWithBackoff, function: Callable[[], object]) -> object:
    result: object = None
    async for attempt in retry:
        with attempt:
            await anyio.lowlevel.checkpoint()
            result = function()
    return result


def under(backend: str, form: Callable[..., Any]) -> Run:
    def run(retry: RetryWithBackoff, function: Callable[[], object]) -> object:
        call = functools.partial(form, retry, function)
        return anyio.run(call, backend=backend, backend_options=BACKENDS[backend]())

    return run


FORMS: dict[str, Run] = {"function": decorated, "for": in_context}
for name in BACKENDS:
    FORMS[f"coroutine, {name}"] = under(name, decorated_async)
    FORMS[f"async for, {name}"] = under(name, in_context_async)


@pytest.fixture(params=FORMS)
def run(request: pytest.FixtureRequest) -> Run:
    """Each of the forms, with time that passes only in pauses."""
    return FORMS[request.param]


@pytest.fixture
def retry() -> RetryWithBackoff:
    return RetryWithBackoff(ConnectionError, TimeoutError, attempts=3, clock=SleepingClock())


def test_what_succeeds_is_tried_once(run: Run, retry: RetryWithBackoff) -> None:
    """And its result returned."""
    flaky = Flaky()
    assert run(retry, flaky) == "up"
    assert flaky.calls == 1


def test_the_named_exceptions_are_tried_again(run: Run, retry: RetryWithBackoff) -> None:
    """Subclasses too, in every run anew."""
    for _ in range(2):
        flaky = Flaky(ConnectionRefusedError(), TimeoutError())
        assert run(retry, flaky) == "up"
        assert flaky.calls == 3


@pytest.mark.parametrize("error", [ValueError("wrong"), KeyboardInterrupt()])
def test_every_other_exception_is_raised_at_once(
    run: Run, retry: RetryWithBackoff, error: BaseException
) -> None:
    """As it is."""
    flaky = Flaky(error)
    with pytest.raises(type(error)) as caught:
        run(retry, flaky)
    assert caught.value is error
    assert flaky.calls == 1
    assert not hasattr(error, "__notes__")


def test_the_last_exception_is_raised_in_the_end(run: Run, retry: RetryWithBackoff) -> None:
    """With a note of how often it was tried, where Python has notes."""
    errors = [ConnectionError(number) for number in range(4)]
    flaky = Flaky(*errors)
    with pytest.raises(ConnectionError) as caught:
        run(retry, flaky)
    assert caught.value is errors[2]
    assert flaky.calls == 3
    if sys.version_info >= (3, 11):
        (note,) = caught.value.__notes__
        assert note.startswith("RetryWithBackoff gave up after 3 of 3 attempts, in ")


def test_the_deadline_is_kept(run: Run) -> None:
    """Nobody waits for an attempt that would begin too late."""
    retry = RetryWithBackoff(
        ConnectionError,
        attempts=100,
        initial_s=1,
        max_wait_s=1,
        jitter=0,
        deadline_s=3.5,
        clock=SleepingClock(),
    )
    flaky = Flaky(*[ConnectionError()] * 100)
    with pytest.raises(ConnectionError):
        run(retry, flaky)
    assert flaky.calls == 4


def test_pauses_double_up_to_the_most() -> None:
    """Without jitter they are known beforehand."""
    clock = SleepingClock()
    retry = RetryWithBackoff(
        ConnectionError, attempts=6, initial_s=0.5, max_wait_s=3.0, jitter=0, clock=clock
    )
    assert decorated(retry, Flaky(*[ConnectionError()] * 5)) == "up"
    assert clock.slept_s == [0.5, 1.0, 2.0, 3.0, 3.0]


def test_python_s_random_numbers_are_left_alone() -> None:
    """A test that draws numbers draws the same ones, however often something was retried."""
    retry = RetryWithBackoff(ConnectionError, jitter=1, clock=SleepingClock())
    state = random.getstate()
    assert decorated(retry, Flaky(ConnectionError())) == "up"
    assert random.getstate() == state


def test_decorated_functions_stay_what_they_are(retry: RetryWithBackoff) -> None:
    """Name, arguments and result; a coroutine function is one still."""

    @retry
    def add(one: int, other: int = 1) -> int:
        """Add."""
        return one + other

    @retry
    async def add_async(one: int) -> int:
        return one

    assert add(1) == 2
    assert add(1, other=2) == 3
    assert (add.__name__, add.__doc__) == ("add", "Add.")
    assert inspect.iscoroutinefunction(add_async)
    assert not inspect.iscoroutinefunction(add)


def test_generators_are_refused(retry: RetryWithBackoff) -> None:
    """Calling one never fails, so it would never be tried again."""

    def rows() -> Iterator[int]:
        yield 1

    async def rows_async() -> AsyncIterator[int]:
        yield 1

    for function in (rows, rows_async):
        with pytest.raises(TypeError, match=rf"generator function .*{function.__name__}:"):
            retry(function)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"attempts": 0}, "attempts must be a whole number from 1, not 0"),
        ({"attempts": 2.0}, "attempts must be a whole number from 1, not 2.0"),
        ({"attempts": True}, "attempts must be a whole number from 1, not True"),
        ({"jitter": 1.5}, "jitter must be a number from 0 to 1, not 1.5"),
        ({"jitter": float("nan")}, "jitter must be a number from 0 to 1, not nan"),
        ({"jitter": None}, "jitter must be a number from 0 to 1, not None"),
        ({"initial_s": -1}, "initial_s must be a finite number of seconds from 0, not -1"),
        ({"max_wait_s": -1}, "max_wait_s must be a finite number of seconds from 0, not -1"),
        ({"deadline_s": float("inf")}, "deadline_s must be a finite number of seconds from 0"),
    ],
)
def test_options_are_checked(options: dict[str, Any], message: str) -> None:
    """The error names the option, what it may be and what it was."""
    with pytest.raises(ValueError, match=message):
        RetryWithBackoff(ConnectionError, **options)


@pytest.mark.parametrize("wrong", [KeyboardInterrupt, "ConnectionError", ConnectionError()])
def test_exceptions_are_checked(wrong: Any) -> None:
    """Those that can be retried are subclasses of Exception, and there must be one."""
    with pytest.raises(TypeError, match="takes subclasses of Exception, not "):
        RetryWithBackoff(ConnectionError, wrong)
    with pytest.raises(TypeError, match="needs the exceptions to try again after"):
        RetryWithBackoff()
