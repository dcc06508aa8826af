"""Marks that seem to be of no use: proposals to take them away, with what that would gain.

A key of one test keeps nothing apart. Everything else needs runs that were watched: a ``serial``
test that no finding mentions, a key no two of whose tests were seen with one thing. That is no
proof. What child processes, other machines and native code touch, nobody watches, and a test may be
marked because its times matter. The words say so, and nothing is removed that a person has not
switched on.

Keys with a capacity are left alone: their tests are told which instance they hold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from pytest_markersteal.core.suite import Demand
from pytest_markersteal.races.findings import CONFLICT, LATENT
from pytest_markersteal.races.propose.model import FLAGS, REMOVE, SHARED_RESOURCE, Mark, Proposal
from pytest_markersteal.races.propose.reading import Found
from pytest_markersteal.simulate.whatif import MARKS
from pytest_markersteal.words import count

Gain = Callable[[Callable[[str, Demand], Demand]], str]
"""Says what a run gains if demands are changed, by node id; empty where nobody knows."""

_UNSEEN = "what child processes, other machines and native code touch is not seen"


def removals(
    demands: Mapping[str, Demand], capacities: Mapping[str, int], found: Found, gain: Gain
) -> list[Proposal]:
    """What could be taken away from the tests with ``demands``, by node id."""
    return [*_flags(demands, found, gain), *_keys(demands, capacities, found, gain)]


def _flags(demands: Mapping[str, Demand], found: Found, gain: Gain) -> Iterator[Proposal]:
    mentioned = {test for finding in found.findings for test in finding.tests}
    for name in FLAGS:
        tests = {
            test
            for test, demand in demands.items()
            if MARKS[name](demand) != demand
            and test not in mentioned
            and found.watched_runs([test])
        }
        if tests:
            runs = found.watched_runs(tests) or 1
            why = (
                "never seen to touch what another test touches, nor to leave anything changed, in "
                f"{count(runs, 'watched run')}"
            )
            saved = gain(_changed(tests, MARKS[name]))
            yield _proposal(Mark(name), tests, why, saved, _UNSEEN)


def _keys(
    demands: Mapping[str, Demand], capacities: Mapping[str, int], found: Found, gain: Gain
) -> Iterator[Proposal]:
    holders: dict[str, set[str]] = defaultdict(set)
    for test, demand in demands.items():
        for claim in demand.claims:
            holders[claim.key].add(test)
    meetings = [set(one.tests) for one in found.findings if one.kind in (CONFLICT, LATENT)]
    for key, tests in sorted(holders.items()):
        if capacities.get(key, 1) > 1:
            continue
        runs = found.watched_runs(tests)
        if len(tests) == 1:
            why, unseen = "it is the only test with this key, which keeps it from no other", ""
        elif runs and not any(len(tests & met) > 1 for met in meetings):
            why = (
                "no two of these tests were ever seen to touch the same thing, in "
                f"{count(runs, 'watched run')}"
            )
            unseen = _UNSEEN
        else:
            continue
        saved = gain(_changed(tests, partial(_without_key, key)))
        yield _proposal(Mark(SHARED_RESOURCE, key), tests, why, saved, unseen)


def _without_key(key: str, demand: Demand) -> Demand:
    return replace(demand, claims=tuple(claim for claim in demand.claims if claim.key != key))


def _changed(
    tests: set[str], change: Callable[[Demand], Demand]
) -> Callable[[str, Demand], Demand]:
    return lambda test, demand: change(demand) if test in tests else demand


def _proposal(mark: Mark, tests: set[str], why: str, saved: str, unseen: str) -> Proposal:
    evidence = tuple(line for line in (saved, unseen) if line)
    return Proposal(REMOVE, mark, "", tuple(sorted(tests)), (why,), evidence, apply=False)
