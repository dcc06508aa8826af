"""What a run measures of its own start, for the next ``-n auto``."""

from __future__ import annotations

import os
import time

import pytest

from pytest_markersteal.distribution.request import request_of
from pytest_markersteal.distribution.scheduling import MarkerStealScheduling
from pytest_markersteal.durations.history import Selection, Startup, is_under

FAILED_SHARE = 0.1
"""With more failures than this share of the tests, a run does not tell how long they take."""

CORES = pytest.StashKey[int]()
"""The number of cores according to xdist, where it was asked."""


class Launch:
    """The time that the controller needs to start a worker; they are started one after another.

    The shortest counts: later ones compete with the imports of those that were started before.
    """

    def __init__(self) -> None:
        self.workers = 0
        self.seconds = 0.0
        """Wall seconds for a worker."""
        self._left = 0
        self._since_s = 0.0

    def begin(self, workers: int) -> None:
        """So many are about to be started."""
        self.workers = self._left = workers
        self.seconds = float("inf")
        self._since_s = time.perf_counter()

    def launched(self) -> None:
        """One has been started; replacements, which come later, don't count."""
        if self._left:
            self._left -= 1
            now_s = time.perf_counter()
            self.seconds = min(self.seconds, now_s - self._since_s)
            self._since_s = now_s


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
        or run.unfinished()
        or session.testsfailed > FAILED_SHARE * tests
    ):
        return {}
    ready_s, collected_s = run.collecting_cpu_s
    found = {}
    for selection in request.selections():
        share = sum(is_under(node_id, selection.path) for node_id in run.ids) / tests
        found[selection] = Startup(
            launch_s=launch.seconds,
            ready_cpu_s=ready_s,
            collect_cpu_s=max(0.0, collected_s - ready_s) * share,
            report_cpu_s=run.timings.controller_cpu_s / tests,
            workers=launch.workers,
            cores=cores_of(session.config),
        )
    return found


def cores_of(config: pytest.Config) -> int:
    """The number of cores, according to xdist if it was asked."""
    if CORES in config.stash:
        return config.stash[CORES]
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # Not on this system.
        return os.cpu_count() or 1
