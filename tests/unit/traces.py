"""Traces for tests, in few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from builders import PLAIN

from pytest_markersteal.core.suite import Demand
from pytest_markersteal.trace.model import FixtureRun, Isolation, Span, TestRun, Trace, WorkerRun
from pytest_markersteal.trace.records import FORMAT, VERSION, Command, End, Head

HEAD = Head(
    FORMAT, VERSION, "2026-01-02T03:04:05+00:00", ["-n", "2"], "markersteal", 2, 4, "p", None, {}
)


@dataclass(frozen=True)
class Ran:
    """A test that ran on ``worker`` from ``since_s`` to ``until_s``."""

    worker: int
    since_s: float
    until_s: float
    demand: Demand = PLAIN
    parked: bool = False
    waits: tuple[Span, ...] = ()
    fixtures: tuple[FixtureRun, ...] = ()
    outcome: str = "passed"
    name: str | None = None


IN_ORDER = End(10**9, 0, None)


def trace_of(
    *ran: Ran,
    workers: Sequence[WorkerRun] | int = 2,
    capacities: Mapping[str, int] | None = None,
    dist: str = "markersteal",
    isolations: Sequence[Isolation] = (),
    hosts: str = "aa",
    end: End | None = IN_ORDER,
) -> Trace:
    """The trace of these tests, which are ``test_0``, ``test_1`` ... of ``test_it.py``.

    Unless told otherwise, all workers joined at 1 s, and left when the last test ended. Of
    ``hosts``, each letter is the host of a worker.
    """
    end_s = max(run.until_s for run in ran)
    if isinstance(workers, int):
        workers = [
            WorkerRun(
                number, f"gw{number}", number, 0.0, 0.5, 0.8, 1.0, end_s, hosts[number : number + 1]
            )
            for number in range(workers)
        ]
    demands = list(dict.fromkeys(run.demand for run in ran))
    runs = [
        TestRun(
            test,
            run.worker,
            Span(run.since_s, run.until_s),
            run.until_s
            - run.since_s
            - sum(wait.seconds for wait in run.waits)
            - sum(fixture.own_s for fixture in run.fixtures),
            0.0,
            run.outcome,
            waits=run.waits,
            fixtures=run.fixtures,
            parked=run.parked,
        )
        for test, run in enumerate(ran)
    ]
    slots = len({worker.slot for worker in workers})
    return Trace(
        Head(FORMAT, VERSION, HEAD.began, HEAD.arguments, dist, slots, 4, "p", None, {}),
        [run.name or f"test_it.py::test_{test}" for test, run in enumerate(ran)],
        demands,
        [demands.index(run.demand) for run in ran],
        capacities or {},
        [None] * len(ran),
        workers,
        sorted(runs, key=lambda run: run.span.since_s),
        [Command(0, 0, 0, [0], {})] if dist == "markersteal" else [],
        end,
        isolations=isolations,
    )
