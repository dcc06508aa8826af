"""How a suite is cut into jobs."""

from __future__ import annotations

from builders import ALONE, PLAIN, key, suite_of

from pytest_markersteal.core.estimates import Estimates
from pytest_markersteal.core.plan import Plan
from pytest_markersteal.core.suite import Suite


def plan(
    suite: Suite, seconds: list[float] | None, workers: int, setup_s: float = 0.0
) -> list[list[int]]:
    made = Plan(suite, Estimates(suite, seconds, {("module", 0): setup_s}), workers)
    return [list(job.tests) for job in made.jobs]


def test_a_module_is_cut_into_runs_short_beside_the_whole() -> None:
    """One module of equal tests on two workers: runs of at most 15 % of the target."""
    jobs = plan(suite_of([PLAIN] * 100), [0.1] * 100, 2)
    assert sorted(test for job in jobs for test in job) == list(range(100))
    assert all(len(job) <= 8 for job in jobs)
    assert all(job == list(range(job[0], job[-1] + 1)) for job in jobs), "collection order"


def test_a_dear_set_up_keeps_runs_long() -> None:
    """A run is not shorter than four set-ups of its module."""
    jobs = plan(suite_of([PLAIN] * 100), [0.1] * 100, 2, setup_s=1.0)
    assert min(map(len, jobs)) >= 30


def test_a_long_test_is_a_job_of_its_own() -> None:
    """A test that matters alone is not hidden in a run."""
    jobs = plan(suite_of([PLAIN] * 20), [0.1] * 10 + [5.0] + [0.1] * 9, 2)
    assert [10] in jobs


def test_a_long_test_with_a_dear_set_up_stays_in_its_module() -> None:
    """Where the set-up is not small beside the test, repeating it doesn't pay."""
    jobs = plan(suite_of([PLAIN] * 20), [0.1] * 10 + [5.0] + [0.1] * 9, 2, setup_s=4.0)
    assert [10] not in jobs


def test_without_history_a_module_is_one_run() -> None:
    """Where lengths are unknown, cutting would be guessing."""
    suite = suite_of([PLAIN] * 6, modules=[0, 0, 0, 0, 1, 1])
    assert plan(suite, None, 2) == [[0, 1, 2, 3], [4, 5]]


def test_a_chain_is_one_job_and_what_runs_alone_is_none() -> None:
    """Tests of a key stay together over modules; no_parallel tests are kept apart."""
    suite = suite_of([key(), PLAIN, key(), ALONE], modules=[0, 0, 1, 1])
    made = Plan(suite, Estimates(suite), 2)
    assert sorted(list(job.tests) for job in made.jobs) == [[0, 2], [1]]
    assert made.exclusive == [3]
