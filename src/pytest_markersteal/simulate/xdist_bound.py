"""A run of one of xdist's schedulers: its real object, and workers that hold a test back.

xdist's worker starts a test only when it knows the one after it, or that there is none. Marks mean
nothing to its schedulers; see ``two_passes``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

from pytest_markersteal.distribution.xdist_modes import xdist_scheduler
from pytest_markersteal.simulate.clock import Clock, Controller, Costs
from pytest_markersteal.simulate.outcome import Bench, Outcome
from pytest_markersteal.simulate.workloads import Workload

_SHUTDOWN = -1
"""What stands in a worker's queue for the end."""


class XdistRun:
    """One simulated run of ``mode`` on ``workers`` workers."""

    def __init__(self, workload: Workload, workers: int, mode: str, costs: Costs) -> None:
        self.workload = workload
        self.costs = costs
        self.clock = Clock()
        self.outcome = Outcome()
        self._controller = Controller(self.clock, costs)
        self._scheduler: Any = xdist_scheduler(mode, workers)
        self._scheduler.log = _keep_quiet  # It would write on stderr.
        self._nodes = [_Node(number, self) for number in range(workers)]

    def run(self) -> Outcome:
        """Run to the end; ``RuntimeError`` if tests are left over."""
        for node in self._nodes:
            self._scheduler.add_node(node)
        for node in self._nodes:
            self._scheduler.add_node_collection(node, self.workload.ids)
        self._scheduler.schedule()
        self._shut_down_if_finished()
        self.clock.run()
        if len(self.outcome.ran) < len(self.workload.ids):
            raise RuntimeError(f"only {len(self.outcome.ran)} tests ran")
        self.outcome.finish(len(self._nodes))
        return self.outcome

    def completed(self, node: _Node, test: int, duration_s: float) -> None:
        """A worker finished a test."""
        self._controller.receive(node.slot, partial(self._completed, node, test, duration_s), 1)

    def unscheduled(self, node: _Node, tests: Sequence[int]) -> None:
        """A worker answers a steal."""
        self._controller.receive(node.slot, partial(self._unscheduled, node, tests))

    def _completed(self, node: _Node, test: int, duration_s: float) -> None:
        self.outcome.events += 1
        self._scheduler.mark_test_complete(node, test, duration_s)
        self._shut_down_if_finished()

    def _unscheduled(self, node: _Node, tests: Sequence[int]) -> None:
        self.outcome.events += 1
        self._scheduler.remove_pending_tests_from_node(node, tests)
        self._shut_down_if_finished()

    def _shut_down_if_finished(self) -> None:
        if self._scheduler.tests_finished:
            for node in self._nodes:
                node.shutdown()


def _keep_quiet(*what: object) -> None:
    """Stand in for xdist's log."""


class _Node:
    """Both ends of a worker: what the scheduler calls, and the loop of xdist's worker."""

    def __init__(self, slot: int, run: XdistRun) -> None:
        self.slot = slot
        self.gateway = SimpleNamespace(id=f"gw{slot}")
        self.shutting_down = False
        self._run = run
        self._bench = Bench(run.workload, run.outcome)
        self._queue: deque[int] = deque()
        self._next: int | None = None
        self._busy = False
        self._idle_since_s = 0.0

    # What the scheduler calls

    def send_runtest_some(self, indices: Sequence[int]) -> None:
        """Send tests."""
        self._send(partial(self._queue.extend, list(indices)))

    def send_runtest_all(self) -> None:
        """Send every test."""
        self.send_runtest_some(range(len(self._run.workload.ids)))

    def send_steal(self, indices: Sequence[int]) -> None:
        """Ask for tests back."""
        self._send(partial(self._give_back, list(indices)))

    def shutdown(self) -> None:
        """Say that there will be no more tests."""
        if not self.shutting_down:
            self.shutting_down = True
            self._send(partial(self._queue.append, _SHUTDOWN))

    def _send(self, action: Any) -> None:
        def arrive() -> None:
            action()
            self._work()

        self._run.clock.after(self._run.costs.delay_s(self.slot), arrive)

    # The worker

    def _give_back(self, indices: list[int]) -> None:
        if not set(indices) <= set(self._queue):
            indices = []
        returned = set(indices)
        kept = [test for test in self._queue if test not in returned]
        self._queue.clear()
        self._queue.extend(kept)
        self._run.unscheduled(self, indices)

    def _work(self) -> None:
        """Start a test if the one after it is known."""
        if self._next is None and self._queue:
            self._next = self._queue.popleft()
            self._idle("tail" if self._next == _SHUTDOWN else "transport")
        if self._busy or self._next in (None, _SHUTDOWN) or not self._queue:
            return
        assert self._next is not None
        test, self._next = self._next, self._queue.popleft()
        self._idle("held back")
        self._busy = True
        duration_s, setups_s = self._bench.start(test)
        setup_s = sum(setups_s.values())
        outcome = self._run.outcome
        now_s = self._run.clock.now_s
        overhead_s = self._run.costs.test_overhead_s
        outcome.wait(now_s, now_s + overhead_s, "overhead")
        outcome.started.append((now_s, self.gateway.id, test))
        outcome.test_s += duration_s
        outcome.setup_s += setup_s
        spent_s = duration_s + setup_s + overhead_s
        self._run.clock.after(spent_s, partial(self._end, test, spent_s))

    def _idle(self, cause: str) -> None:
        """Count the time since the last test ended, or since the last call, to ``cause``."""
        now_s = self._run.clock.now_s
        if not self._busy:
            self._run.outcome.wait(self._idle_since_s, now_s, cause)
            self._idle_since_s = now_s

    def _end(self, test: int, spent_s: float) -> None:
        self._busy = False
        self._idle_since_s = self._run.clock.now_s
        self._run.outcome.end(test, self._run.clock.now_s)
        self._run.completed(self, test, spent_s)
        self._work()


def two_passes(workload: Workload, workers: int, mode: str, costs: Costs) -> Outcome:
    """What users of xdist do with marked tests: those one by one, after all others.

    The second pass is counted without the start-up and collection of a second session.
    """
    plain, marked = workload.parted()
    both = Outcome()
    if plain.ids:
        both = XdistRun(plain, workers, mode, costs).run()
    if marked.ids:
        number_of = {node_id: number for number, node_id in enumerate(workload.ids)}
        _renumber(both, [number_of[node_id] for node_id in plain.ids])
        second = XdistRun(marked, 1, mode, costs).run()
        _renumber(second, [number_of[node_id] for node_id in marked.ids])
        _append(both, second, workers)
    return both


def _renumber(outcome: Outcome, numbers: Sequence[int]) -> None:
    """Let test 0 be ``numbers[0]`` and so on."""
    outcome.ran = {numbers[test]: times for test, times in outcome.ran.items()}
    outcome.started = [(at_s, name, numbers[test]) for at_s, name, test in outcome.started]
    outcome.ended_s = {numbers[test]: at_s for test, at_s in outcome.ended_s.items()}


def _append(first: Outcome, second: Outcome, workers: int) -> None:
    """Let ``second``, a run on one worker, follow on ``first``."""
    for at_s, name, test in second.started:
        first.started.append((first.makespan_s + at_s, name, test))
    for test, at_s in second.ended_s.items():
        first.ended_s[test] = first.makespan_s + at_s
    first.ran = {**first.ran, **second.ran}
    first.makespan_s += second.makespan_s
    first.test_s += second.test_s
    first.setup_s += second.setup_s
    first.events += second.events
    for cause, seconds in second.idle_s.items():
        first.idle_s[cause] = first.idle_s.get(cause, 0.0) + seconds
    first.idle_s["second pass"] = (workers - 1) * second.makespan_s
