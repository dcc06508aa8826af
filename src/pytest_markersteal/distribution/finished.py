"""A run that is over, as those see it who record and picture it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from pytest_markersteal.core.floor import Floor, floor_of
from pytest_markersteal.core.setups import Scope, Setups
from pytest_markersteal.core.suite import Suite
from pytest_markersteal.distribution.launch import Launch
from pytest_markersteal.distribution.machine import PLATFORM
from pytest_markersteal.distribution.places import setups_from
from pytest_markersteal.distribution.request import request_of
from pytest_markersteal.distribution.startup import startups_of
from pytest_markersteal.distribution.stored import stored
from pytest_markersteal.durations.history import Times, is_under
from pytest_markersteal.durations.learning import Measured
from pytest_markersteal.durations.machines import as_on_one

if TYPE_CHECKING:
    from pytest_markersteal.distribution.scheduling import MarkerStealScheduling


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """``ids``, ``suite`` and ``duration_s`` (negative: did not finish) are by test.

    ``setups_s`` are the seconds of set-ups by scope and place; ``wall_s`` is from the first test
    sent to the last end. ``whole``: every test ran to its end.
    """

    ids: Sequence[str]
    suite: Suite
    duration_s: Sequence[float]
    setups_s: Mapping[tuple[Scope, int], float]
    workers: int
    wall_s: float
    floor: Floor
    whole: bool
    measured: Measured


def finished_run(
    session: pytest.Session, run: MarkerStealScheduling, workers: int, launch: Launch
) -> FinishedRun | None:
    """``run`` once it is over; None if no test of it ran to its end."""
    finished = run.timings.finished()
    if run.suite is None or not finished:
        return None
    setups_s = setups_from(run.ids, run.suite, run.timings.fixtures_s)
    duration_s = run.timings.wall_s
    setups = Setups(run.suite, setups_s)
    seconds = duration_s.__getitem__
    floor = floor_of(run.suite, finished, seconds, setups, workers, run.hosts)
    complete = _complete(session, run)
    measured = Measured(
        tests={
            run.ids[test]: Times(*phases)
            for test in finished
            if (phases := run.timings.phases_s(test)) is not None
        },
        fixtures_s=run.timings.fixtures_s,
        demands=[(node_id, run.suite.demand(test)) for test, node_id in enumerate(run.ids)],
        startups=startups_of(session, run, launch),
        complete=complete,
        gone=_gone(session.config, complete),
        platform=PLATFORM,
    )
    machines = {run.ids[test]: machine for test, machine in run.timings.machines.items()}
    measured = as_on_one(
        stored(session.config).history, measured, machines, run.timings.machines_of_fixtures
    )
    whole = len(finished) == len(run.ids)
    return FinishedRun(
        run.ids, run.suite, duration_s, setups_s, workers, run.wall_s, floor, whole, measured
    )


def _complete(session: pytest.Session, run: MarkerStealScheduling) -> tuple[str, ...]:
    """The files and folders of which this run found all tests, and all of them passed."""
    request = request_of(session.config)
    green = session.exitstatus == pytest.ExitCode.OK and not session.testsfailed
    part = run.deselected or run.unfinished() or session.config.getoption("maxfail")
    if request is None or not request.lasting or part or not green:
        return ()
    return tuple(selection.path for selection in request.selections())


def _gone(config: pytest.Config, complete: tuple[str, ...]) -> frozenset[str]:
    """The files in ``complete`` that earlier runs know and that are no more."""
    if not complete:
        return frozenset()
    files = {name.partition("::")[0] for name in stored(config).history.functions}
    return frozenset(
        file
        for file in files
        if any(is_under(file, path) for path in complete) and not (config.rootpath / file).exists()
    )
