"""Waiting for a condition, and what is said where it never comes true."""

from __future__ import annotations

import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest
from clocks import BACKENDS, SleepingClock

from pytest_markersteal.sync import (
    WaitTimeoutError,
    wait_for_condition,
    wait_for_condition_async,
)

Wait = Callable[..., Any]


def on_fake_clock(condition: Callable[[], object], **options: float) -> object:
    return wait_for_condition(condition, clock=SleepingClock(), **options)


def on(backend: str) -> Wait:
    def wait(condition: Callable[[], object], **options: float) -> object:
        async def scenario() -> object:
            return await wait_for_condition_async(condition, **options)

        return anyio.run(scenario, backend=backend, backend_options=BACKENDS[backend]())

    return wait


@pytest.fixture(params=["threads", *BACKENDS])
def wait(request: pytest.FixtureRequest) -> Wait:
    """Each of the ways to wait, with time that passes only while it waits."""
    return on_fake_clock if request.param == "threads" else on(request.param)


class Looks:
    """A condition that gives, or raises, one of ``seen`` after another, and then the last."""

    def __init__(self, *seen: object) -> None:
        self._seen = list(seen)
        self.count = 0

    def __repr__(self) -> str:
        return "Looks"

    def __call__(self) -> object:
        self.count += 1
        seen = self._seen.pop(0) if len(self._seen) > 1 else self._seen[0]
        if isinstance(seen, BaseException):
            raise seen
        return seen


def test_what_is_true_already_is_returned_at_once(wait: Wait) -> None:
    """One look, without any pause, even if there is no time at all."""
    looks = Looks(["row"])
    assert wait(looks, timeout_s=0) == ["row"]
    assert looks.count == 1


def test_false_values_and_exceptions_are_not_yet(wait: Wait) -> None:
    """What is waited for may be an error before it is there."""
    looks = Looks(0, ConnectionError("refused"), None, "up")
    assert wait(looks) == "up"
    assert looks.count == 4


def test_the_last_value_and_exception_are_told(wait: Wait) -> None:
    """With the condition, the time and the stacks; the exception is the cause, too."""
    refused = ConnectionError("refused")
    with pytest.raises(WaitTimeoutError) as caught:
        wait(Looks(ValueError("old"), 0, refused, []), timeout_s=1, interval_s=0.25)
    lines = str(caught.value).splitlines()
    assert lines[:3] == [
        "Looks gave nothing true within 1 s (looked 5 times)",
        "last value: []",
        "last exception: ConnectionError('refused')",
    ]
    assert caught.value.__cause__ is refused
    assert f"thread {threading.current_thread().name} (waiting here):" in lines


def test_nothing_seen_is_told_too(wait: Wait) -> None:
    """A condition that only raised, and one that never did."""
    with pytest.raises(WaitTimeoutError, match="last value: none yet\nlast exception: KeyError"):
        wait(Looks(KeyError("id")), timeout_s=1)
    with pytest.raises(
        WaitTimeoutError, match="last value: None\nlast exception: none\n"
    ) as caught:
        wait(Looks(None), timeout_s=1)
    assert caught.value.__cause__ is None


def test_there_is_a_last_look_when_time_is_over(wait: Wait) -> None:
    """However long the interval: what came true in the pause is seen."""
    looks = Looks(False, True)
    assert wait(looks, timeout_s=1, interval_s=100) is True


def test_failures_of_pytest_are_not_waited_out(wait: Wait) -> None:
    """pytest.fail, pytest.skip and Ctrl-C end the wait at once."""
    looks = Looks(pytest.fail.Exception("broken for good"))
    with pytest.raises(pytest.fail.Exception, match="broken for good"):
        wait(looks)
    assert looks.count == 1


def test_a_value_without_truth_is_an_error_of_the_test(wait: Wait) -> None:
    """It would be the same at every look, so it is raised at the first."""

    class Array:
        def __bool__(self) -> bool:
            raise ValueError("ambiguous")

    looks = Looks(Array())
    with pytest.raises(ValueError, match="ambiguous"):
        wait(looks)
    assert looks.count == 1


def test_values_are_shown_cut_short_and_even_if_their_repr_fails(wait: Wait) -> None:
    """What is wrong with a value must not hide that it never came true."""

    class Broken:
        def __bool__(self) -> bool:
            return False

        def __repr__(self) -> str:
            raise RuntimeError("no repr")

    with pytest.raises(WaitTimeoutError, match="last value: <Broken instance at"):
        wait(Looks(Broken()), timeout_s=1)
    with pytest.raises(WaitTimeoutError) as caught:
        wait(Looks(Exception("x" * 10_000)), timeout_s=1)
    assert len(str(caught.value).splitlines()[2]) < 600


@pytest.mark.parametrize("name", ["timeout_s", "interval_s"])
def test_durations_are_checked(wait: Wait, name: str) -> None:
    """A wait that can't end is refused before the first look."""
    looks = Looks(True)
    with pytest.raises(ValueError, match=f"{name} must be a finite number of seconds from 0"):
        wait(looks, **{name: -1})
    assert looks.count == 0


def test_the_pauses_are_the_interval_and_what_is_left() -> None:
    """The time that looks take is part of the limit."""
    clock = SleepingClock()

    def slow_look() -> bool:
        clock.now_s += 1.0
        return False

    with pytest.raises(WaitTimeoutError, match="looked 3 times"):
        wait_for_condition(slow_look, timeout_s=3.5, interval_s=1.0, clock=clock)
    assert clock.slept_s == [1.0, 0.5]


def test_a_coroutine_function_is_refused_by_the_other_wait() -> None:
    """Its coroutine would be taken for something true."""

    async def is_up() -> bool:
        return False

    with pytest.raises(TypeError, match=r"is_up is a coroutine function: await wait_for_cond"):
        wait_for_condition(is_up)
    with pytest.raises(TypeError, match=r"<lambda> returned a coroutine: await wait_for_cond"):
        wait_for_condition(lambda: is_up())


def test_a_test_that_freezes_the_clock_does_not_wait_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Waiting goes by the machine's clock, whatever the time module says."""

    def frozen(*_: object) -> float:
        raise AssertionError("asked the patched clock")

    monkeypatch.setattr(time, "monotonic", frozen)
    monkeypatch.setattr(time, "sleep", frozen)
    with pytest.raises(WaitTimeoutError):
        wait_for_condition(lambda: False, timeout_s=0.001)


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_can_be_awaited_is(backend: str) -> None:
    """Coroutine functions are conditions too, and other tasks go on meanwhile."""
    up = []

    async def start() -> None:
        await anyio.sleep(1)
        up.append("up")

    async def is_up() -> list[str]:
        await anyio.sleep(0.1)
        return up

    async def scenario() -> list[str]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(start)
            return await wait_for_condition_async(is_up)

    result = anyio.run(scenario, backend=backend, backend_options=BACKENDS[backend]())
    assert result == ["up"]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("timeout_s", [0, 1, 10])
@pytest.mark.parametrize("interval_s", [0.01, 100])
def test_the_last_look_has_time_to_be_awaited(
    backend: str, timeout_s: float, interval_s: float
) -> None:
    """It begins when the time is up, or nearly, and is no look if it is cancelled in its midst."""
    began_s: list[float] = []

    async def is_late() -> bool:
        now_s = anyio.current_time()
        await anyio.sleep(0.5)
        began_s[:] = began_s or [now_s]
        return anyio.current_time() >= began_s[0] + timeout_s

    async def scenario() -> bool:
        return await wait_for_condition_async(is_late, timeout_s=timeout_s, interval_s=interval_s)

    assert anyio.run(scenario, backend=backend, backend_options=BACKENDS[backend]())


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_look_that_hangs_is_cancelled(backend: str) -> None:
    """The limit holds for conditions that never come back; what was seen before is told."""
    looks: list[Callable[[], Awaitable[object]]] = [anyio.lowlevel.checkpoint, anyio.sleep_forever]

    def look() -> Awaitable[object]:
        return looks.pop(0)()

    async def scenario() -> None:
        before_s = anyio.current_time()
        with pytest.raises(WaitTimeoutError, match=r"looked 2 times\)\nlast value: None\n"):
            await wait_for_condition_async(look, timeout_s=5)
        assert 5 <= anyio.current_time() - before_s < 1000

    anyio.run(scenario, backend=backend, backend_options=BACKENDS[backend]())


@pytest.mark.parametrize("backend", BACKENDS)
def test_cancelling_whoever_waits_ends_the_wait(backend: str) -> None:
    """The timeout of somebody else is not taken for our own."""

    async def scenario() -> bool:
        with anyio.move_on_after(1) as scope:
            await wait_for_condition_async(anyio.sleep_forever, timeout_s=5)
        return scope.cancelled_caught

    assert anyio.run(scenario, backend=backend, backend_options=BACKENDS[backend]())
