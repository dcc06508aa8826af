"""What the core is given: the suite as collected, and what earlier runs took."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from pytest_markersteal.core.estimates import UNKNOWN_S, Estimates
from pytest_markersteal.core.novelty import Novelty
from pytest_markersteal.core.scheduler import Scheduler
from pytest_markersteal.core.suite import Demand, Suite
from pytest_markersteal.distribution import protocol
from pytest_markersteal.distribution.machine import PLATFORM
from pytest_markersteal.distribution.places import places_of, setups_from, shared_places
from pytest_markersteal.distribution.transport import PAUSE_S
from pytest_markersteal.durations.history import History
from pytest_markersteal.options import explores

LEAST_STRETCH_S = 3 * PAUSE_S
"""Workers tell of the start of a test up to ``PAUSE_S`` late, and must not run dry meanwhile."""


def suite_from(
    ids: Sequence[str], catalog: protocol.Catalog, capacities: Mapping[str, int]
) -> Suite:
    """The suite with node ids ``ids`` and the marks of ``catalog``."""
    demands = [protocol.demand_from(fields) for fields in catalog.demands]
    return Suite(demands, catalog.demand_of, places_of(ids), capacities)


def suite_known_to(history: History, ids: Sequence[str], capacities: Mapping[str, int]) -> Suite:
    """The suite with node ids ``ids`` and the marks that earlier runs found."""
    known = list(map(history.demand, ids))
    # A capacity may have become smaller since then.
    fitting = {
        demand: replace(
            demand,
            claims=tuple(
                replace(claim, units=min(claim.units, capacities.get(claim.key, 1)))
                for claim in demand.claims
            ),
        )
        for demand in dict.fromkeys(known)
    }
    return suite_of(ids, [fitting[demand] for demand in known], capacities)


def suite_of(ids: Sequence[str], demands: Sequence[Demand], capacities: Mapping[str, int]) -> Suite:
    """The suite with node ids ``ids`` and the demand of each."""
    numbers = {demand: number for number, demand in enumerate(dict.fromkeys(demands))}
    return Suite(
        tuple(numbers), [numbers[demand] for demand in demands], places_of(ids), capacities
    )


def estimates_from(
    ids: Sequence[str], suite: Suite, history: History, platform: str = PLATFORM
) -> Estimates:
    """What ``history`` says of the tests of ``suite`` on ``platform``, and of what they share."""
    seconds = array("d", [UNKNOWN_S]) * len(ids)
    for number, node_id in enumerate(ids):
        times = history.times(node_id, platform)
        if times is not None:
            seconds[number] = times.total_s
    return Estimates(suite, seconds, setups_from(ids, suite, history.fixtures_s))


def scheduler_for(
    config: pytest.Config,
    ids: Sequence[str],
    suite: Suite,
    estimates: Estimates,
    workers: int,
    *,
    hosts: int,
    checks: bool,
) -> Scheduler:
    """The core of a run of ``suite``, with the node ids ``ids``: see ``Scheduler``."""
    return Scheduler(
        suite,
        estimates,
        workers,
        LEAST_STRETCH_S,
        hosts=hosts,
        checks=checks,
        novelty=_novelty_from(config, ids),
    )


def _novelty_from(config: pytest.Config, ids: Sequence[str]) -> Novelty | None:
    """The pairs of modules that earlier runs saw, if those that are new are wanted."""
    if not explores(config):
        return None
    # Most runs don't need it.
    from pytest_markersteal.neighbours.store import load

    # In the order in which the suite numbers them.
    modules = list(dict.fromkeys(shared_places(node_id)[1] for node_id in ids))
    return Novelty(*load(config.rootpath).rows(modules))
