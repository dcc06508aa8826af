"""Events whose wait ends: with the event, or with an error that shows who did not set it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from pytest_markersteal.sync.clocks import DEFAULT_TIMEOUT_S, checked_s
from pytest_markersteal.sync.extra import needed_by
from pytest_markersteal.sync.timeouts import WaitTimeoutError, task_stacks, thread_stacks

if TYPE_CHECKING:
    import anyio


class TestEvent:
    """An event between threads.

    ``name`` is what error messages call it.
    """

    __test__ = False  # Its name begins as those of test classes do.

    def __init__(self, name: str = "event") -> None:
        self._name = name
        self._event = threading.Event()

    def __repr__(self) -> str:
        return f"<TestEvent {self._name}: {'set' if self.is_set() else 'not set'}>"

    def is_set(self) -> bool:
        """Whether it is set."""
        return self._event.is_set()

    def set(self) -> None:
        """Let all who wait go on, and those who come later."""
        self._event.set()

    def clear(self) -> None:
        """Let those who come later wait again."""
        self._event.clear()

    def wait(self, timeout_s: float = DEFAULT_TIMEOUT_S) -> None:
        """Return once it is set; ``WaitTimeoutError`` if that takes more than ``timeout_s``."""
        __tracebackhide__ = True
        if not self._event.wait(checked_s("timeout_s", timeout_s)):
            raise WaitTimeoutError(
                f"{self._name} was not set within {timeout_s:g} s\n{thread_stacks()}"
            )


class AsyncTestEvent:
    """An event between tasks of one event loop, of asyncio or trio.

    It can be made outside of the loop. It is not for threads: these have the loop set it, as with
    ``loop.call_soon_threadsafe(event.set)``. ``name`` is what error messages call it. Without
    anyio, ``ModuleNotFoundError`` says how to install it.
    """

    __test__ = False

    def __init__(self, name: str = "event") -> None:
        with needed_by("AsyncTestEvent"):
            import anyio  # noqa: F401 - better missed here than in the middle of a test
        self._name = name
        self._is_set = False
        self._waiting: list[anyio.Event] = []

    def __repr__(self) -> str:
        return f"<AsyncTestEvent {self._name}: {'set' if self._is_set else 'not set'}>"

    def is_set(self) -> bool:
        """Whether it is set."""
        return self._is_set

    def set(self) -> None:
        """Let all who wait go on, and those who come later."""
        self._is_set = True
        for event in self._waiting:
            event.set()

    def clear(self) -> None:
        """Let those who come later wait again."""
        self._is_set = False

    async def wait(self, timeout_s: float = DEFAULT_TIMEOUT_S) -> None:
        """Return once it is set; ``WaitTimeoutError`` if that takes more than ``timeout_s``."""
        __tracebackhide__ = True
        import anyio

        checked_s("timeout_s", timeout_s)
        event = anyio.Event()
        if self._is_set:
            event.set()
        self._waiting.append(event)
        try:
            with anyio.move_on_after(timeout_s):
                await event.wait()
        finally:
            self._waiting.remove(event)
        # Not what became of the scope: it may have ended just when the event was set.
        if not event.is_set():
            raise WaitTimeoutError(
                f"{self._name} was not set within {timeout_s:g} s\n"
                f"{task_stacks()}\n{thread_stacks()}"
            )
