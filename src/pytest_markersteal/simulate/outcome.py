"""What came of a simulated run."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from pytest_markersteal.core.setups import SCOPES, Scope
from pytest_markersteal.simulate.workloads import Workload


@dataclass(slots=True)
class Outcome:
    """Seconds of virtual time.

    ``idle_s`` is what the workers together spent without a test, from the start to the last end:

    - ``overhead``: around the tests;
    - ``transport``: on the way between controller and worker;
    - ``keys``, ``no_parallel``: because what was left could not run beside what was running;
    - ``held back``: holding a test, because xdist's worker must know the one after it;
    - ``second pass``: while tests with marks ran one by one, in a run of their own;
    - ``crash``: in a test that crashed, and until the replacement for its worker was ready;
    - ``tail``: because nothing was left.
    """

    makespan_s: float = 0.0
    test_s: float = 0.0
    setup_s: float = 0.0
    idle_s: dict[str, float] = field(default_factory=dict)
    ran: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    """How often each test ran or crashed."""
    started: list[tuple[float, str, int]] = field(default_factory=list)
    """When which worker started which test."""
    ended_s: dict[int, float] = field(default_factory=dict)
    """When each test ended or crashed."""
    events: int = 0
    """How many messages the controller took in."""
    _waits: list[tuple[float, float, str]] = field(default_factory=list)

    def end(self, test: int, now_s: float) -> None:
        """A test ended or crashed."""
        self.ran[test] += 1
        self.ended_s[test] = self.makespan_s = now_s

    def wait(self, since_s: float, until_s: float, cause: str) -> None:
        """A worker had no test for some time."""
        self._waits.append((since_s, until_s, cause))

    def finish(self, workers: int) -> None:
        """Add up what the workers waited until the last end, and what is left of their time."""
        idle_s: dict[str, float] = defaultdict(float)
        for since_s, until_s, cause in self._waits:
            idle_s[cause] += max(0.0, min(until_s, self.makespan_s) - since_s)
        spent_s = self.test_s + self.setup_s + sum(idle_s.values())
        idle_s["tail"] += workers * self.makespan_s - spent_s
        self.idle_s = dict(idle_s)


class Bench:
    """Where one worker stands: it knows what a test costs it, given what it has set up."""

    def __init__(self, workload: Workload, outcome: Outcome) -> None:
        self._workload = workload
        suite = workload.suite
        self._columns = (suite.package_of, suite.module_of, suite.class_of)
        self._outcome = outcome
        self._last: int | None = None

    def tear_down(self) -> None:
        """Nothing is set up any more."""
        self._last = None

    def start(self, test: int) -> tuple[float, dict[Scope, float]]:
        """Come to ``test``: its own seconds, and those of the set-ups by scope."""
        setups_s: dict[Scope, float] = {}
        last, self._last = self._last, test
        for scope, column in zip(SCOPES, self._columns, strict=True):
            place = column[test]
            if last is None or column[last] != place:
                seconds = self._workload.setups_s.get((scope, place))
                if seconds is not None:
                    setups_s[scope] = seconds
        return self._workload.duration_s[test], setups_s
