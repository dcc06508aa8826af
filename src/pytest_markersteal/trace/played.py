"""What ran where in a run, for whoever is to run it again."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_markersteal.core.messages import Instances
from pytest_markersteal.core.precedence import Played
from pytest_markersteal.trace.model import Trace


def played(trace: Trace, number_of: Mapping[int, int]) -> list[Played]:
    """The tests that ran, in the order of each slot, by the numbers that they have now.

    Tests of the trace without a number are left out. One that crashed and was run again is there
    once, where it crashed. A worker that replaced another had nothing set up when it came, which is
    as if the one before it had parked.
    """
    first: dict[int, int] = {}
    by_worker: dict[int, list[int]] = {worker.number: [] for worker in trace.workers}
    for place, run in enumerate(trace.tests):
        first.setdefault(run.test, place)
        by_worker[run.worker].append(place)
    by_slot: dict[int, list[Played]] = {}
    for worker in trace.workers:
        runs = by_slot.setdefault(worker.slot, [])
        _park(runs)
        for place in by_worker[worker.number]:
            run = trace.tests[place]
            if first[run.test] == place and run.test in number_of:
                runs.append(
                    Played(
                        number_of[run.test],
                        worker.slot,
                        *run.span,
                        run.parked,
                        _instances(trace, run.test),
                    )
                )
            elif run.parked:
                _park(runs)
    return [run for slot in sorted(by_slot) for run in by_slot[slot]]


def _park(runs: list[Played]) -> None:
    """The last of ``runs``, if there is one, was followed by a worker that has nothing set up."""
    if runs:
        runs[-1] = runs[-1]._replace(parks=True)


def _instances(trace: Trace, test: int) -> Instances:
    return {key: tuple(held) for key, held in trace.instances.get(test, {}).items()}
