"""A worker's inbox: filled by execnet's receiver thread, emptied by the main thread."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from pytest_markersteal.distribution.protocol import (
    Gate,
    Hungry,
    Message,
    Park,
    ProtocolError,
    Recall,
    Recalled,
    Run,
    Stop,
)


class Inbox:
    """The tests that the controller sent and that have not started."""

    def __init__(self, send: Callable[[Message], None]) -> None:
        self._send = send
        self._changed = threading.Condition()
        self._tests: deque[int] = deque()
        self._instances: dict[int, dict[str, list[int]]] = {}
        self._received = 0
        self._taken = 0
        self._gate: int | None = None
        """How many of all tests sent may start; None for all."""
        self._asked = False
        self._park = False
        self._stopped = False

    # The receiver thread

    def receive(self, message: Message) -> None:
        """Take in a message from the controller."""
        match message:
            case Run(tests, instances):
                with self._changed:
                    if self._stopped:
                        return
                    self._tests.extend(tests)
                    self._instances.update(instances)
                    self._received += len(tests)
                    self._asked = False
                    self._changed.notify()
            case Gate(tests):
                with self._changed:
                    self._gate = tests
                    self._changed.notify()
            case Recall(tests):
                self._send(Recalled(self._give_back(tests)))
            case Park():
                with self._changed:
                    self._park = True
                    self._changed.notify()
            case Stop():
                self.stop()
            case _:
                raise ProtocolError(f"{type(message).__name__} is no message for a worker")

    def _give_back(self, wanted: list[int] | None) -> list[int]:
        with self._changed:
            recalled = set(self._tests if wanted is None else wanted)
            returned = [test for test in self._tests if test in recalled]
            self._tests = deque(test for test in self._tests if test not in recalled)
            return returned

    def stop(self) -> None:
        """Let the running test be the last."""
        with self._changed:
            self._stopped = True
            self._tests.clear()
            self._changed.notify()

    # The main thread

    @property
    def stopped(self) -> bool:
        """Whether no further test may start."""
        return self._stopped

    def wait(self) -> int | None:
        """The next test for a parked worker, when it may start; None when it is to leave."""
        with self._changed:
            while not (self._stopped or (self._tests and self._is_open(self._taken))):
                self._changed.wait()
            return self._take() if self._tests else None

    def next(self) -> int | None:
        """The next test for a worker that is running one; None to tear everything down.

        With nothing to run it asks the controller, whose answer is tests, ``Park`` or ``Stop``.
        """
        while True:
            with self._changed:
                while self._asked and not (self._tests or self._park or self._stopped):
                    self._changed.wait()
                # Park first: it answers the question, tests may have followed it since.
                if self._park or self._stopped:
                    self._park = self._asked = False
                    return None
                if self._tests:
                    return self._take()
                self._asked = True
                received = self._received
            self._send(Hungry(received))

    def may_start(self) -> bool:
        """Whether the test taken last may start at once."""
        with self._changed:
            return not self._stopped and self._is_open(self._taken - 1)

    def wait_at_gate(self) -> bool:
        """Wait until the test taken last may start; False if the worker is to leave instead."""
        with self._changed:
            while not (self._stopped or self._is_open(self._taken - 1)):
                self._changed.wait()
            return not self._stopped

    def instances(self, test: int) -> dict[str, list[int]]:
        """The instances that ``test`` holds, by key."""
        with self._changed:
            return self._instances.pop(test, {})

    def _take(self) -> int:
        self._taken += 1
        return self._tests.popleft()

    def _is_open(self, place: int) -> bool:
        # Where there is a gate nothing is ever recalled, so places of tests taken and sent agree.
        return self._gate is None or place < self._gate
