"""What a run measures of its own start, for the next ``-n auto``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_markersteal.distribution.launch import Launch
from pytest_markersteal.distribution.machine import cores_of
from pytest_markersteal.distribution.request import request_of
from pytest_markersteal.durations.history import Selection, Startup, is_under

if TYPE_CHECKING:
    from pytest_markersteal.distribution.scheduling import MarkerStealScheduling

FAILED_SHARE = 0.1
"""With more failures than this share of the tests, a run does not tell how long they take."""

BUSY_SHARE = 0.9
"""Where cores were in use for this share of the time, tests waited for cores too."""


def startups_of(
    session: pytest.Session, run: MarkerStealScheduling, launch: Launch
) -> dict[Selection, Startup]:
    """What ``run`` tells of the start of runs of the same selections, in shares by their tests."""
    request = request_of(session.config)
    tests = max(1, len(run.ids))
    if (
        request is None
        or not request.lasting
        or run.suite is None
        or run.timings.machines  # ``-n auto`` starts all workers on this machine.
        or run.unfinished()
        or session.testsfailed > FAILED_SHARE * tests
    ):
        return {}
    ready_s, collected_s = run.collecting_cpu_s
    waiting_share = _waiting_share(run, cores_of(session.config))
    found = {}
    for selection in request.selections():
        share = sum(is_under(node_id, selection.path) for node_id in run.ids) / tests
        found[selection] = Startup(
            launch_s=launch.seconds,
            ready_cpu_s=ready_s,
            collect_cpu_s=max(0.0, collected_s - ready_s) * share,
            report_cpu_s=run.timings.controller_cpu_s / tests,
            waiting_share=waiting_share,
        )
    return found


def _waiting_share(run: MarkerStealScheduling, cores: int) -> float | None:
    """How much of their time tests waited for other things than cores, if that can be told."""
    phases = list(filter(None, map(run.timings.phases_s, run.timings.finished())))
    wall_s = sum(sum(phases_s[:3]) for phases_s in phases) + sum(run.timings.fixtures_s.values())
    cpu_s = sum(phases_s[3] for phases_s in phases)
    own_share = (cpu_s + run.timings.controller_cpu_s) / (cores * run.wall_s) if run.wall_s else 1.0
    if max(own_share, run.timings.cores.busy_share or 0.0) >= BUSY_SHARE or not wall_s:
        return None
    return max(0.0, 1.0 - cpu_s / wall_s)
