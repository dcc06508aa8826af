"""What the workers collected, held against each other.

All workers must have the same tests with the same marks, but not in the same order: sets in
parametrize and plugins that shuffle give each process an order of its own. The first worker's order
is that of the run; each other worker has its own numbers for the tests, mapped here.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence

import pytest

from pytest_markersteal.core.suite import Suite
from pytest_markersteal.distribution import protocol

_SHOWN = 10
"""How many node ids a message lists for each side."""


class Numbering:
    """A worker's numbers for the tests of the run."""

    def __init__(self, run_ids: Sequence[str], worker_ids: Sequence[str]) -> None:
        """Map ``worker_ids`` to ``run_ids``, which hold the same node ids, maybe reordered."""
        self._to_run: array[int] | None = None
        self._to_worker: array[int] | None = None
        if list(run_ids) == list(worker_ids):
            return
        # A node id may occur more than once; its occurrences are paired in order.
        numbers: dict[str, list[int]] = {}
        for number in range(len(run_ids) - 1, -1, -1):
            numbers.setdefault(run_ids[number], []).append(number)
        self._to_run = array("L", (numbers[node_id].pop() for node_id in worker_ids))
        self._to_worker = array("L", bytes(self._to_run.itemsize * len(self._to_run)))
        for own, number in enumerate(self._to_run):
            self._to_worker[number] = own

    def to_run(self, own: int) -> int:
        """The run's number of the worker's test ``own``."""
        return own if self._to_run is None else self._to_run[own]

    def to_worker(self, number: int) -> int:
        """The worker's number of the run's test ``number``."""
        return number if self._to_worker is None else self._to_worker[number]


def problem_of(
    run_ids: Sequence[str],
    suite: Suite,
    worker_ids: Sequence[str],
    catalog: protocol.Catalog,
    run_name: str,
    worker_name: str,
) -> str | None:
    """What to tell of a worker that has other tests than the run, or marks them otherwise."""
    return difference(run_ids, worker_ids, run_name, worker_name) or other_marks(
        run_ids, suite, worker_ids, catalog, run_name, worker_name
    )


def report_problem(config: pytest.Config, worker_name: str, problem: str) -> None:
    """Tell of it as of any error in collection."""
    report = pytest.CollectReport(nodeid=worker_name, outcome="failed", longrepr=problem, result=[])
    config.hook.pytest_collectreport(report=report)


def difference(
    run_ids: Sequence[str], worker_ids: Sequence[str], run_name: str, worker_name: str
) -> str | None:
    """What to tell about two workers that collected different tests; None if they did not."""
    if len(run_ids) == len(worker_ids) and list(run_ids) == list(worker_ids):
        return None
    run, worker = Counter(run_ids), Counter(worker_ids)
    if run == worker:
        return None
    if not run or not worker:
        empty, other = (run_name, worker_name) if not run else (worker_name, run_name)
        found = len(run_ids or worker_ids)
        return (
            f"Worker {empty} collected no tests, and {other} collected {found}, so none can be "
            "run.\nIs the project where that worker runs? On another host, chdir= in its --tx is "
            "the folder, which is made, empty, if it is not there."
        )
    lines = [f"Workers {run_name} and {worker_name} collected different tests, so none can be run."]
    for name, only in ((run_name, run - worker), (worker_name, worker - run)):
        ids = sorted(only.elements())
        if ids:
            lines.append(f"Only on {name} ({len(ids)}):")
            lines += [f"  {node_id}" for node_id in ids[:_SHOWN]]
            if len(ids) > _SHOWN:
                lines.append(f"  ... and {len(ids) - _SHOWN} more")
    lines.append(
        "Node ids must not depend on the process: look for parameters made from random values, "
        "time, addresses or object ids, or for collection that depends on the environment."
    )
    return "\n".join(lines)


def other_marks(
    run_ids: Sequence[str],
    suite: Suite,
    worker_ids: Sequence[str],
    catalog: protocol.Catalog,
    run_name: str,
    worker_name: str,
) -> str | None:
    """What to tell if a worker with the same tests gives some of them other marks than the run."""
    demands = [protocol.demand_from(fields) for fields in catalog.demands]
    run = list(run_ids), list(suite.demands), list(suite.demand_of)
    if (list(worker_ids), demands, list(catalog.demand_of)) == run:
        return None  # The usual case, which is to cost nothing with many workers.
    numbering = Numbering(run_ids, worker_ids)
    different = [
        number
        for own, index in enumerate(catalog.demand_of)
        if demands[index] != suite.demand(number := numbering.to_run(own))
    ]
    if not different:
        return None
    lines = [
        f"Workers {run_name} and {worker_name} have different marks for {len(different)} of their "
        "tests, so nobody knows what to keep apart:",
        *(f"  {run_ids[number]}" for number in sorted(different)[:_SHOWN]),
    ]
    if len(different) > _SHOWN:
        lines.append(f"  ... and {len(different) - _SHOWN} more")
    lines.append("Give all hosts the same files, with markersteal.toml if there is one.")
    return "\n".join(lines)
