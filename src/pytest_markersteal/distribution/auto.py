"""``-n auto``: what earlier runs say of how many workers pay for themselves."""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest

from pytest_markersteal import options
from pytest_markersteal.core.floor import Limit
from pytest_markersteal.core.sizing import Sizing, size
from pytest_markersteal.distribution.expected import expected_run
from pytest_markersteal.distribution.machine import CORES
from pytest_markersteal.distribution.request import request_of
from pytest_markersteal.distribution.stored import stored

ENVIRONMENT_VARIABLE = "PYTEST_XDIST_AUTO_NUM_WORKERS"
"""With it, users tell xdist a number; it is their word, and obeyed."""


@dataclass(frozen=True, slots=True)
class AutoWorkers:
    """The number of workers for ``-n auto``, and why; ``sizing`` is None where nothing is known.

    ``limit`` is what would hold the run up with the usual number, ``limit_test`` the test that it
    names; None where it is not known which tests run.
    """

    workers: int
    sizing: Sizing | None = None
    limit: Limit | None = None
    limit_test: str | None = None


AUTO = pytest.StashKey[AutoWorkers]()
"""What was decided, where ``-n auto`` was ours to decide."""


def auto_workers(config: pytest.Config, cores: int) -> int:
    """How many workers to start where pytest-xdist would start one for each of ``cores``."""
    config.stash[CORES] = cores
    decides = config.getoption("dist") == options.DIST_NAME and not config.getoption("collectonly")
    if cores < 1 or not decides or not options.auto_is_sized(config) or _user_says():
        return cores
    most = options.max_workers(config, cores)
    usual = cores
    limit = config.getoption("maxprocesses")
    if limit:
        usual, most = min(usual, limit), min(most, limit)
    decided = _decide(config, cores, usual, most) or AutoWorkers(usual)
    config.stash[AUTO] = decided
    return decided.workers


def _user_says() -> bool:
    try:
        int(os.environ.get(ENVIRONMENT_VARIABLE, ""))
    except ValueError:
        return False  # xdist ignores it too.
    return True


def _decide(config: pytest.Config, cores: int, usual: int, most: int) -> AutoWorkers | None:
    request = request_of(config)
    if request is None:
        return None
    run = expected_run(stored(config).history, request, options.capacities(config))
    if run is None:
        return None
    if request.filtered:
        # Which tests are chosen by -k, -m and --lf is not known, so no one test is counted on.
        sizing = size(run.costs, lambda _: 0.0, cores, usual, usual)
        return AutoWorkers(sizing.chosen.workers, sizing)
    sizing = size(run.costs, lambda n: run.floor(n).total_s, cores, usual, most)
    limit = run.floor(usual).limit
    named = None if limit.test is None else run.ids[limit.test]
    return AutoWorkers(sizing.chosen.workers, sizing, limit, named)
