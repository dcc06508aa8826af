"""Does a run with the new marks keep apart what it should? Its trace says.

A conflict is gone in a run if all its tests were marked and ran, no two of them at the same time,
and all passed. Of ``xdist_group``, all ran on one worker. It says nothing of other runs, but what
marks guarantee holds in each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pytest_markersteal.core.suite import Demand
from pytest_markersteal.races.propose.model import SHARED_RESOURCE, XDIST_GROUP, Mark, Proposal
from pytest_markersteal.races.trials.model import NOT_RUN, TestResult
from pytest_markersteal.trace.model import TestRun, Trace
from pytest_markersteal.words import count

GONE = "gone"
STILL = "still there"
UNMARKED = "not marked"
UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of a proposal: ``state`` is one of those above, ``why`` a phrase."""

    proposal: Proposal
    state: str
    why: str


def verdict(proposal: Proposal, trace: Trace, results: Mapping[str, TestResult]) -> Verdict:
    """What a run says of ``proposal``, which is to add a mark; ``results`` are by node id."""
    number_of = {node_id: number for number, node_id in enumerate(trace.ids)}
    missing = [
        test
        for test in proposal.tests
        if test not in number_of or results.get(test, _NOTHING).outcome == NOT_RUN
    ]
    if missing:
        return Verdict(proposal, UNKNOWN, f"not run: {_some(missing)}")
    bare = [
        test for test in proposal.tests if not _has(trace.demand(number_of[test]), proposal.mark)
    ]
    if bare:
        return Verdict(proposal, UNMARKED, f"without this mark: {_some(bare)}")
    numbers = {number_of[test] for test in proposal.tests}
    runs = [run for run in trace.tests if run.test in numbers]
    slots = {trace.slot(run) for run in runs}
    if proposal.mark.name == XDIST_GROUP:
        if len(slots) > 1:
            return Verdict(proposal, STILL, f"they ran on {len(slots)} workers")
        kept = "all on one worker"
    else:
        for one, other in _overlaps(runs):
            pair = f"{trace.ids[one.test]} and {trace.ids[other.test]}"
            return Verdict(proposal, STILL, f"{pair} ran at the same time")
        kept = "no two of them at the same time"
    for test in proposal.tests:
        if results[test].is_bad:
            result = results[test]
            return Verdict(proposal, STILL, f"{test} {result.outcome}: {result.message}")
    ran = f"{count(len(proposal.tests), 'test')} ran, {kept}, and passed"
    return Verdict(proposal, GONE, f"{ran}; the run had {count(trace.head.slots, 'worker')}")


_NOTHING = TestResult(NOT_RUN)


def _has(demand: Demand, mark: Mark) -> bool:
    if mark.name == SHARED_RESOURCE:
        return any(claim.key == mark.argument for claim in demand.claims)
    if mark.name == XDIST_GROUP:
        # A test with several groups has their names in one.
        return mark.argument in (demand.group or "")
    return demand.serial if mark.name == "serial" else demand.exclusive


def _overlaps(runs: Iterable[TestRun]) -> Iterator[tuple[TestRun, TestRun]]:
    """Neighbours in time that ran at the same time; if any two did, some neighbours did."""
    latest: TestRun | None = None
    for run in sorted(runs, key=lambda one: one.span):
        if latest is not None and run.span.since_s < latest.span.until_s:
            yield latest, run
        if latest is None or run.span.until_s > latest.span.until_s:
            latest = run


def _some(tests: list[str]) -> str:
    return tests[0] + (f" and {len(tests) - 1:,} more" if len(tests) > 1 else "")
