"""A run on several machines, as if all of it had run on one.

Hosts differ in speed, and which of them a test runs on is chance. How fast a host is, is told by
the tests that ran there and that earlier runs know. So the durations of every host are brought to
the speed of one, and an unchanged suite teaches nothing, however often tests change places.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pytest_markersteal.durations.history import Fixture, History, Times
from pytest_markersteal.durations.learning import Measured, known_ratio

HERE = ""
"""The name of the machine that the run was started on."""


def as_on_one(
    history: History,
    run: Measured,
    machines: Mapping[str, str],
    of_fixtures: Mapping[Fixture, str],
) -> Measured:
    """``run`` with durations as of this machine, or of the one with most tests if it has none.

    ``machines``: the names of those of the tests that did not run here, by node id; likewise
    ``of_fixtures``. Where it can't be told how fast a machine is, its tests teach only where
    nothing is known of them.
    """
    if not machines:
        return run
    tests: dict[str, dict[str, Times]] = {}
    for node_id, times in run.tests.items():
        tests.setdefault(machines.get(node_id, HERE), {})[node_id] = times
    ratios = {name: known_ratio(history, replace(run, tests=own)) for name, own in tests.items()}
    base = HERE if HERE in tests else max(tests, key=lambda name: len(tests[name]), default=HERE)
    base_ratio = ratios.get(base) or 1.0
    brought = dict(tests.pop(base, {}))
    for name, own in tests.items():
        ratio = ratios[name]
        for node_id, times in own.items():
            if ratio is not None:
                brought[node_id] = Times(*(value * base_ratio / ratio for value in times))
            elif history.times(node_id, run.platform) is None:
                brought[node_id] = times
    fixtures_s = {
        fixture: seconds * base_ratio / (ratios.get(of_fixtures.get(fixture, base)) or base_ratio)
        for fixture, seconds in run.fixtures_s.items()
    }
    return replace(run, tests=brought, fixtures_s=fixtures_s)
