"""A virtual clock, and what a simulated run costs on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

Action = Callable[[], None]


class Clock:
    """Runs actions at their virtual times; of those at the same time, the first planned first."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._plans: list[tuple[float, int, Action]] = []
        self._planned = 0

    def after(self, delay_s: float, action: Action) -> None:
        """Plan ``action`` for ``delay_s`` seconds from now."""
        self.at(self.now_s + delay_s, action)

    def at(self, time_s: float, action: Action) -> None:
        """Plan ``action`` for ``time_s``, which is not over yet."""
        self._planned += 1
        heappush(self._plans, (time_s, self._planned, action))

    def run(self) -> None:
        """Go on until nothing is planned any more."""
        while self._plans:
            self.now_s, _, action = heappop(self._plans)
            action()


@dataclass(frozen=True, slots=True)
class Costs:
    """What things take besides the tests, in seconds.

    ``message_delay_s`` is the way between controller and worker, one way; ``event_s`` the
    controller's time for one message; ``test_overhead_s`` a worker's time around each test;
    ``start_s`` what a replacement for a crashed worker takes to be ready. ``crash_rate`` is the
    chance of each test to crash its worker. ``host_delays_s`` are ways to hosts, where they differ:
    slots are on them in turn. ``report_s`` is what the reports of a test take the controller,
    beside the message that brings them.
    """

    message_delay_s: float = 0.0005
    event_s: float = 0.00002
    test_overhead_s: float = 0.0
    start_s: float = 1.0
    crash_rate: float = 0.0
    host_delays_s: Sequence[float] = ()
    report_s: float = 0.0

    def delay_s(self, slot: int) -> float:
        """A message's way between the controller and the worker of ``slot``."""
        hosts = self.host_delays_s
        return hosts[slot % len(hosts)] if hosts else self.message_delay_s

    def round_trip_s(self, slot: int) -> float:
        """What the worker of ``slot`` waits for an answer, of a controller that is idle."""
        return 2 * self.delay_s(slot) + self.event_s


class Controller:
    """One process that takes messages one after another, in the order in which they arrive."""

    def __init__(self, clock: Clock, costs: Costs) -> None:
        self._clock = clock
        self._costs = costs
        self._free_at_s = 0.0

    def receive(self, slot: int, action: Action, reports: int = 0) -> None:
        """``slot`` sends a message; ``action`` is what the controller does when its turn comes.

        ``reports`` says of how many tests the message brings the reports.
        """
        takes_s = self._costs.event_s + reports * self._costs.report_s
        self._clock.after(self._costs.delay_s(slot), lambda: self._queue(action, takes_s))

    def _queue(self, action: Action, takes_s: float) -> None:
        self._free_at_s = max(self._clock.now_s, self._free_at_s) + takes_s
        self._clock.at(self._free_at_s, action)
