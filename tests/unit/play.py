"""A play for the scheduler, in which tests of its rules say what workers do."""

from __future__ import annotations

from pytest_markersteal.core.estimates import Estimates
from pytest_markersteal.core.messages import Command, Hungry, Instances, Run, WorkerJoined
from pytest_markersteal.core.scheduler import Scheduler
from pytest_markersteal.core.suite import Suite


class Play:
    """A scheduler with workers that do what they are told, one event at a time."""

    def __init__(
        self,
        suite: Suite,
        workers: int,
        history_s: list[float] | None = None,
        *,
        checks: bool = False,
        hosts: str = "",
    ) -> None:
        """Of ``hosts``, each letter is the host of a worker, in order; else all are on one."""
        self.scheduler = Scheduler(
            suite,
            Estimates(suite, history_s),
            workers,
            hosts=max(1, len(set(hosts))),
            checks=checks,
        )
        self.hosts = hosts
        self.told: list[Command] = []
        self.received: dict[str, int] = {}
        for number in range(workers):
            self.join(f"gw{number}", number)

    def join(self, name: str, slot: int = 0) -> list[Command]:
        return self.tell(WorkerJoined(name, slot, host=self.hosts[slot : slot + 1]))

    def tell(self, *events: object) -> list[Command]:
        """Commands that answer the last of ``events``."""
        answer: list[Command] = []
        for event in events:
            answer = self.scheduler.handle(event)  # type: ignore[arg-type] # also what is no event
            self.told += answer
            for command in answer:
                if isinstance(command, Run):
                    count = self.received.get(command.worker, 0)
                    self.received[command.worker] = count + len(command.tests)
        return answer

    def hungry(self, name: str) -> list[Command]:
        return self.tell(Hungry(name, self.received[name]))

    def sent(self, name: str) -> list[int]:
        """All tests that were sent to ``name``."""
        runs = [c for c in self.told if isinstance(c, Run) and c.worker == name]
        return [test for run in runs for test in run.tests]

    def instances(self, test: int) -> Instances:
        """What ``test`` was told, when it was sent last, that it holds."""
        runs = [c for c in self.told if isinstance(c, Run) and test in c.tests]
        return runs[-1].instances.get(test, {})
