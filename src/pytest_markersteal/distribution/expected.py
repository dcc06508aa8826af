"""The run that is asked for, as earlier runs predict it."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_markersteal.core.floor import Floor, floor_of
from pytest_markersteal.core.setups import Setups
from pytest_markersteal.core.sizing import Costs
from pytest_markersteal.core.suite import Suite
from pytest_markersteal.distribution.input import suite_known_to
from pytest_markersteal.distribution.machine import PLATFORM
from pytest_markersteal.distribution.places import setups_from
from pytest_markersteal.distribution.request import Request
from pytest_markersteal.distribution.shards import Split
from pytest_markersteal.durations.history import History, Startup, is_under


class ExpectedRun:
    """What a run of the tests ``ids`` takes."""

    def __init__(self, ids: list[str], suite: Suite, history: History, startup: Startup) -> None:
        self.ids = ids
        self._suite = suite
        known = (history.times(node_id, PLATFORM) for node_id in ids)
        self._times = [times for times in known if times is not None]
        self._setups = Setups(suite, setups_from(ids, suite, history.fixtures_s))
        session = (s for fixture, s in history.fixtures_s.items() if fixture.scope == "session")
        self._ready_s = startup.ready_cpu_s + startup.collect_cpu_s + sum(session)
        self._startup = startup
        self.costs = self._costs()

    def floor(self, workers: int) -> Floor:
        """The floor with so many workers."""
        return floor_of(self._suite, range(len(self.ids)), self._duration_s, self._setups, workers)

    def _duration_s(self, test: int) -> float:
        return self._times[test].total_s

    def _costs(self) -> Costs:
        tests_s = self.floor(1).total_s
        cpu_s = sum(times.cpu_s for times in self._times)
        here_s = max(0.0, tests_s - cpu_s)
        return Costs(
            launch_s=self._startup.launch_s,
            ready_s=self._ready_s,
            tests_s=tests_s,
            cpu_s=cpu_s,
            reports_s=self._startup.report_cpu_s * len(self.ids),
            # These tests may wait less than all those of the run in which that was measured.
            waiting_share=min(self._startup.waiting_share or 0.0, here_s / (tests_s or 1.0)),
        )


def expected_run(
    history: History, request: Request, capacities: Mapping[str, int]
) -> ExpectedRun | None:
    """The run of ``request``; None where ``history`` does not know its tests."""
    present = list(history.node_ids())
    startup = _startup(history, request, present)
    ids = [node_id for node_id in present if request.includes(node_id)]
    # The history does not name tests that share what is known of their function.
    ids += [
        asked
        for asked in dict.fromkeys(request.node_ids)
        if "[" in asked and asked not in ids and history.times(asked) is not None
    ]
    if request.shard is not None:
        known = suite_known_to(history, ids, capacities)
        demands = [known.demand(test) for test in range(len(ids))]
        split = Split(ids, demands, history, capacities, request.shard)
        ids = [ids[test] for test in split.own]
    if startup is None or not ids:
        return None
    return ExpectedRun(ids, suite_known_to(history, ids, capacities), history, startup)


def _startup(history: History, request: Request, present: list[str]) -> Startup | None:
    """What the start takes, put together from what is known of the parts of ``request``."""
    parts: list[Startup] = []
    for selection in request.selections():
        found = history.startup_of(selection)
        if found is None:
            return None
        known, startup = found
        within = [node_id for node_id in present if is_under(node_id, known.path)]
        count = sum(is_under(node_id, selection.path) for node_id in within)
        share = count / len(within) if within else 0.0
        parts.append(startup._replace(collect_cpu_s=startup.collect_cpu_s * share))
    if not parts:
        return None
    return Startup(
        launch_s=max(part.launch_s for part in parts),
        ready_cpu_s=max(part.ready_cpu_s for part in parts),
        collect_cpu_s=sum(part.collect_cpu_s for part in parts),
        report_cpu_s=max(part.report_cpu_s for part in parts),
        waiting_share=min(part.waiting_share or 0.0 for part in parts),
    )
