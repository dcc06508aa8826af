"""Events of test authors: between threads, and between tasks of asyncio and trio."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import anyio
import pytest
from clocks import BACKENDS

from pytest_markersteal.sync import AsyncTestEvent, TestEvent, WaitTimeoutError


def test_waiting_threads_go_on_once_the_event_is_set() -> None:
    """All of them, and those who come later."""
    event, gone_on = TestEvent(), threading.Barrier(3)

    def wait() -> None:
        event.wait()
        gone_on.wait(60)

    threads = [threading.Thread(target=wait) for _ in range(2)]
    for thread in threads:
        thread.start()
    event.set()
    gone_on.wait(60)
    for thread in threads:
        thread.join()
    event.wait(timeout_s=0)


def test_a_cleared_event_is_waited_for_again() -> None:
    """And says so of itself."""
    event = TestEvent("server up")
    event.set()
    assert event.is_set()
    assert repr(event) == "<TestEvent server up: set>"
    event.clear()
    assert not event.is_set()
    assert repr(event) == "<TestEvent server up: not set>"
    with pytest.raises(WaitTimeoutError):
        event.wait(timeout_s=0)


def test_who_does_not_set_an_event_is_shown() -> None:
    """The error names the event, and shows where every thread is, the waiting one too."""
    started, release = threading.Event(), threading.Event()

    def server() -> None:
        started.set()
        release.wait()

    thread = threading.Thread(target=server, name="the server")
    thread.start()
    started.wait()
    try:
        with pytest.raises(WaitTimeoutError) as caught:
            TestEvent("server up").wait(timeout_s=0)
    finally:
        release.set()
        thread.join()
    message = str(caught.value)
    assert message.startswith("server up was not set within 0 s\n")
    assert "thread the server:\n" in message
    assert "release.wait()" in message
    # Of the waiting thread, the last frame is the one of the test.
    mine = message.split(f"thread {threading.current_thread().name} (waiting here):\n")[1]
    last = [line for line in mine.split("\nthread ")[0].splitlines() if "File " in line][-1]
    assert last.endswith("in test_who_does_not_set_an_event_is_shown")
    assert isinstance(caught.value, TimeoutError)


def test_deep_stacks_are_cut_at_their_outer_end() -> None:
    """What a thread does is in the innermost frames."""

    def deep(depth: int) -> None:
        if depth:
            deep(depth - 1)
        else:
            TestEvent().wait(timeout_s=0)

    with pytest.raises(WaitTimeoutError, match=r"\.\.\. \d+ outer frames") as caught:
        deep(30)
    mine = str(caught.value).split(" (waiting here):\n")[1].split("\nthread ")[0]
    assert "TestEvent().wait(timeout_s=0)" in mine
    assert mine.count("File ") <= 15


@pytest.mark.parametrize("timeout_s", [-1, float("nan"), float("inf"), None, "5"])
def test_a_limit_that_is_none_is_refused(timeout_s: Any) -> None:
    """Whatever waits must end."""
    with pytest.raises(ValueError, match="timeout_s must be a finite number of seconds from 0"):
        TestEvent().wait(timeout_s)


@pytest.mark.parametrize("backend", BACKENDS)
def test_waiting_tasks_go_on_once_the_event_is_set(backend: str) -> None:
    """All of them, and those who come later; the event is older than its loop."""
    event = AsyncTestEvent()
    gone_on = []

    async def wait(name: str) -> None:
        await event.wait()
        gone_on.append(name)

    async def scenario() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait, "first")
            tasks.start_soon(wait, "second")
            await anyio.sleep(1)
            assert gone_on == []
            event.set()
        await event.wait(timeout_s=0)

    anyio.run(scenario, backend=backend, backend_options=BACKENDS[backend]())
    assert sorted(gone_on) == ["first", "second"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_cleared_asynchronous_event_is_waited_for_again(backend: str) -> None:
    """And who waited when it was set goes on although it was cleared at once."""
    event = AsyncTestEvent("server up")

    async def scenario() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(event.wait)
            await anyio.sleep(1)
            event.set()
            assert repr(event) == "<AsyncTestEvent server up: set>"
            event.clear()
        assert not event.is_set()
        assert repr(event) == "<AsyncTestEvent server up: not set>"
        with pytest.raises(WaitTimeoutError):
            await event.wait(timeout_s=0)

    anyio.run(scenario, backend=backend, backend_options=BACKENDS[backend]())


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_other_tasks_do_is_shown(backend: str) -> None:
    """The error shows the stacks of tasks down to what they await, and those of threads."""

    async def slow() -> None:
        await anyio.sleep_forever()

    async def server() -> None:
        await slow()

    async def scenario() -> str:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(server, name="the server")
            with pytest.raises(WaitTimeoutError) as caught:
                await AsyncTestEvent("server up").wait(timeout_s=5)
            tasks.cancel_scope.cancel()
        return str(caught.value)

    message = anyio.run(scenario, backend=backend, backend_options=BACKENDS[backend]())
    assert message.startswith("server up was not set within 5 s\n")
    assert "task the server:\n" in message
    assert message.index("await slow()") < message.index("await anyio.sleep_forever()")
    assert message.count("(waiting here)") == 2
    assert f"thread {threading.current_thread().name} (waiting here)" in message


def test_plain_asyncio_is_enough() -> None:
    """A loop that anyio did not start can be waited in."""
    event = AsyncTestEvent()

    async def scenario() -> None:
        asyncio.get_running_loop().call_soon(event.set)
        await event.wait()

    asyncio.run(scenario())
    assert event.is_set()
