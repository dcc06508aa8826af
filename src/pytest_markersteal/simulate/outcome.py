"""What came of a simulated run."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from pytest_markersteal.core.setups import SCOPES, Scope
from pytest_markersteal.simulate.workloads import Workload


@dataclass(slots=True)
class Outcome:
    """Seconds of virtual time. ``idle_s`` is summed over the workers, by cause."""

    makespan_s: float = 0.0
    test_s: float = 0.0
    setup_s: float = 0.0
    idle_s: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    ran: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    """How often each test ran or crashed."""
    started: list[tuple[float, str, int]] = field(default_factory=list)
    """When which worker started which test."""
    events: int = 0
    """How many messages the controller took in."""

    def finish(self, workers: int) -> None:
        """Count as tail whatever time of the workers is not accounted for."""
        spent_s = self.test_s + self.setup_s + sum(self.idle_s.values())
        self.idle_s["tail"] += max(0.0, workers * self.makespan_s - spent_s)


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
