"""What numbers of runs prove."""

from __future__ import annotations

import pytest

from pytest_markersteal.races.stress.bounds import least_failures, most_failures, runs_to_prove


@pytest.mark.parametrize(
    ("failures", "runs", "least", "most"),
    [
        # Tables of one-sided Clopper-Pearson limits, at 95 %.
        (0, 10, 0.0, 0.2589),
        (0, 299, 0.0, 0.009969),
        (1, 10, 0.005116, 0.3942),
        (3, 10, 0.08726, 0.6066),
        (5, 100, 0.01991, 0.1023),
        (10, 10, 0.7411, 1.0),
        (0, 0, 0.0, 1.0),
    ],
)
def test_known_bounds(failures: int, runs: int, least: float, most: float) -> None:
    """The bounds are those of published tables."""
    assert least_failures(failures, runs, 0.95) == pytest.approx(least, rel=1e-3)
    assert most_failures(failures, runs, 0.95) == pytest.approx(most, rel=1e-3)


@pytest.mark.parametrize(("rate", "runs"), [(0.01, 299), (0.1, 29), (0.5, 5), (0.05, 59)])
def test_runs_that_prove_a_rate(rate: float, runs: int) -> None:
    """So many passes are enough, and one less is not."""
    assert runs_to_prove(rate, 0.95) == runs
    assert most_failures(0, runs, 0.95) <= rate < most_failures(0, runs - 1, 0.95)
