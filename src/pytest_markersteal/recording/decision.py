"""Whether what a run measured goes into the durations file."""

from __future__ import annotations

import os
import shlex
from datetime import date

import pytest

from pytest_markersteal import options
from pytest_markersteal.core.estimates import Estimates
from pytest_markersteal.distribution.finished import FinishedRun
from pytest_markersteal.distribution.input import estimates_from
from pytest_markersteal.distribution.stored import stored
from pytest_markersteal.durations.buckets import AT_ONCE, READY, STEADY
from pytest_markersteal.durations.history import History
from pytest_markersteal.durations.learning import learn, machine_ratio
from pytest_markersteal.recording.drift import Drift, can_pay, keep
from pytest_markersteal.recording.recorded import Fate, Recorded
from pytest_markersteal.simulate.clock import Costs
from pytest_markersteal.simulate.late_bound import LateBoundRun
from pytest_markersteal.simulate.workloads import Workload
from pytest_markersteal.words import path_from


def record(config: pytest.Config, run: FinishedRun) -> Recorded:
    """Write the durations file if that is asked for, or pays.

    The first run of a whole selection always pays: without it, ``-n auto`` knows nothing of it.
    """
    store, history = stored(config)
    path = path_from(config.invocation_params.dir, store.path)
    mode = options.record_mode(config)
    if mode is options.RecordMode.NEVER:
        return Recorded(Fate.LEFT)
    drift = _drift(run, history)
    if drift is not None:
        keep(config.rootpath, drift, date.today().isoformat())
    pays = drift is not None and drift.pays
    known = store.exists and all(map(history.startup_of, run.measured.startups))
    if mode is options.RecordMode.AUTO and in_ci():
        fate = Fate.PAYS if pays else Fate.GAINS_NOTHING
        return Recorded(fate if known else Fate.MISSING, drift, path, _command(config))
    if known and not pays:
        if mode is options.RecordMode.AUTO:
            return Recorded(Fate.GAINS_NOTHING, drift)
        better = learn(history, run.measured, STEADY)
        # Whoever joins the files of shards waits for one of each.
        if better == history and options.shard(config) is None:
            return Recorded(Fate.UNCHANGED, drift)
    else:
        better = learn(history, run.measured, READY)
    return Recorded(Fate.WRITTEN if store.save(better) else Fate.LEFT, drift, path)


def _drift(run: FinishedRun, before: History) -> Drift | None:
    """None where the run was not whole, so that nobody knows how long it would have taken."""
    if not run.whole:
        return None
    before_s = after_s = run.wall_s
    if can_pay(run.wall_s, run.floor):
        after = learn(before, run.measured, AT_ONCE)
        workload = Workload("run", run.ids, run.suite, run.duration_s, run.setups_s)
        before_s, after_s = (
            _predicted_s(workload, estimates_from(run.ids, run.suite, history), run.workers)
            for history in (before, after)
        )
    tests = run.measured.tests
    return Drift(
        tests=len(tests),
        new=sum(before.times(node_id) is None for node_id in tests),
        machine_ratio=machine_ratio(before, run.measured),
        before_s=before_s,
        after_s=after_s,
    )


def _predicted_s(run: Workload, planned_with: Estimates, workers: int) -> float:
    """How long ``run`` takes with ``workers`` when it is planned with these estimates."""
    return LateBoundRun(run, workers, planned_with, Costs()).run().makespan_s


def _command(config: pytest.Config) -> str:
    """The command of this run, made to write the file: of two such options the last counts."""
    record = f"{options.RECORD_OPTION}={options.RecordMode.ALWAYS.value}"
    return shlex.join(["pytest", *map(str, config.invocation_params.args), record])


def in_ci() -> bool:
    """Whether this runs in continuous integration, where nobody commits what a run leaves."""
    return bool(os.environ.get("CI"))
