"""What ran where in a run, for whoever is to run it again."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_markersteal.core.messages import Instances
from pytest_markersteal.core.precedence import Played
from pytest_markersteal.core.suite import Claim, Mode
from pytest_markersteal.trace.model import TestRun, Trace


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


def met_on_hosts(trace: Trace) -> tuple[TestRun, TestRun, str] | None:
    """Two tests that used a key at the same time on different hosts, and the key, if any did.

    Not those that only read it, nor those that held other instances of it.
    """
    running: list[TestRun] = []
    for run in trace.tests if len(trace.hosts) > 1 else ():
        running = [other for other in running if other.span.until_s > run.span.since_s]
        for other in running:
            for claim in trace.demand(run.test).claims:
                if _met(trace, run, other, claim):
                    return other, run, claim.key
        running.append(run)
    return None


def _met(trace: Trace, run: TestRun, other: TestRun, claim: Claim) -> bool:
    """Whether ``run``, with ``claim``, would not have met ``other`` on its host."""
    same = [one for one in trace.demand(other.test).claims if one.key == claim.key]
    if not same or trace.host(run, claim) == trace.host(other, claim):
        return False
    modes = {claim.mode, same[0].mode}
    if len(modes) > 1:
        return True
    held, taken = (_instances(trace, one.test).get(claim.key, ()) for one in (run, other))
    return modes == {Mode.WRITE} and not set(held).isdisjoint(taken)


def _park(runs: list[Played]) -> None:
    """The last of ``runs``, if there is one, was followed by a worker that has nothing set up."""
    if runs:
        runs[-1] = runs[-1]._replace(parks=True)


def _instances(trace: Trace, test: int) -> Instances:
    return {key: tuple(held) for key, held in trace.instances.get(test, {}).items()}
