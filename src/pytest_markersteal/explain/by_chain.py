"""The gap of a run that is held by tests of which no two can overlap: when none of them ran.

The floor is what those tests take, and ``no_parallel`` tests, one after another. Whatever else
happened while none of them ran is the gap: the set-ups of what they share with others, what the
worker of the next one waited for or ran before, and what came after the last one. What the floor
has beyond those tests, such as a set-up that happened before them, is taken off that.

Where most of the floor is ``no_parallel`` tests, the rest is not theirs, so they are no chain.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence

from pytest_markersteal.core.floor import Floor, Limit
from pytest_markersteal.core.suite import Demand, KeyScope, Mode
from pytest_markersteal.explain.causes import AFTERWARDS, OTHER_TESTS, SETUPS
from pytest_markersteal.trace import idle
from pytest_markersteal.trace.idle import Cause, Idle
from pytest_markersteal.trace.model import Span, TestRun, Trace


def chain_of(trace: Trace, limit: Limit, limit_id: str | None) -> list[TestRun] | None:
    """The tests that ``limit`` speaks of, and ``no_parallel`` ones, in the order in which they ran.

    ``limit_id`` is the node id of its longest test. None if they may overlap, or are no chain; on
    several hosts, those of a key per host are several.
    """
    if limit.kind == "key" and len(trace.hosts) > 1 and _is_per_host(trace, limit.name):
        return None
    if limit.kind == "test":
        chain = [run for run in trace.tests if trace.ids[run.test] == limit_id]
    elif limit.kind in ("key", "serial", "group"):
        chain = [run for run in trace.tests if _is_in(trace.demand(run.test), limit)]
    else:
        return None
    alone = [run for run in trace.tests if trace.demand(run.test).exclusive]
    chain = sorted({id(run): run for run in (*chain, *alone)}.values(), key=lambda run: run.span)
    overlap = any(
        after.span.since_s < before.span.until_s for before, after in itertools.pairwise(chain)
    )
    return None if overlap else chain


def _is_per_host(trace: Trace, key: str | None) -> bool:
    claims = (claim for demand in trace.demands for claim in demand.claims)
    return any(claim.key == key and claim.scope is KeyScope.HOST for claim in claims)


def _is_in(demand: Demand, limit: Limit) -> bool:
    match limit.kind:
        case "key":
            return any(c.key == limit.name and c.mode is Mode.WRITE for c in demand.claims)
        case "group":
            return demand.group == limit.name
        case _:
            return demand.serial


def by_chain(
    trace: Trace, chain: Sequence[TestRun], floor: Floor, spans: Iterable[Idle]
) -> dict[Cause, float]:
    """Seconds by cause; ``spans`` are those in which slots were idle."""
    found_s: dict[Cause, float] = defaultdict(float)
    idle_of: dict[int, list[Idle]] = defaultdict(list)
    for one in spans:
        idle_of[one.worker].append(one)
    free_s = trace.began_s
    for run in chain:
        gap = Span(free_s, run.span.since_s)
        waited_s = 0.0
        for one in idle_of[run.worker]:
            part_s = min(one.span.until_s, gap.until_s) - max(one.span.since_s, gap.since_s)
            if part_s > 0:
                found_s[one.cause] += part_s
                waited_s += part_s
        found_s[OTHER_TESTS] += max(0.0, gap.seconds - waited_s)
        found_s[Cause(idle.TRANSPORT)] += sum(wait.seconds for wait in run.waits)
        free_s = run.span.until_s
    own_s = sum(run.own_s for run in chain)
    found_s[SETUPS] += sum(run.busy_s for run in chain) - own_s
    found_s[AFTERWARDS] += trace.ended_s - free_s
    beyond_s = max(0.0, floor.total_s - own_s)
    for cause in [SETUPS, *sorted(found_s.keys() - {SETUPS}, key=lambda one: -found_s[one])]:
        taken_s = min(found_s[cause], beyond_s)
        found_s[cause] -= taken_s
        beyond_s -= taken_s
    return found_s
