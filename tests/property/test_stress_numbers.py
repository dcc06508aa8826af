"""What is claimed of outcomes, whatever they are."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from pytest_markersteal.races.stress.attribution import attribute, chance_of
from pytest_markersteal.races.stress.bounds import least_failures, most_failures
from pytest_markersteal.races.stress.plan import Condition

CONDITIONS = st.builds(
    Condition,
    st.sampled_from([0, 1, 2, 4]),
    st.sampled_from(["collected", "reversed", "shuffled"]),
    st.sampled_from(["dealt", "drawn"]),
    st.sampled_from(["fixed", "drawn"]),
    st.sampled_from(["quiet", "busy"]),
    st.sampled_from(["fresh", "reused"]),
)
CONFIDENCES = st.floats(0.5, 0.999)


@given(st.integers(0, 40), st.integers(0, 40), CONFIDENCES)
def test_bounds_enclose_what_was_seen(failures: int, passes: int, confidence: float) -> None:
    """The seen rate lies between them, and one more pass never raises the upper one."""
    runs = failures + passes
    least, most = (bound(failures, runs, confidence) for bound in (least_failures, most_failures))
    assert 0 <= least <= (failures / runs if runs else 0) + 1e-9
    assert (failures / runs if runs else 1) <= most + 1e-9 <= 1 + 1e-9
    assert most_failures(failures, runs + 1, confidence) <= most + 1e-9


@given(st.integers(0, 15), st.integers(0, 15), st.integers(0, 30))
def test_chances_sum_up(runs_with: int, runs_without: int, failures: int) -> None:
    """The tail from nothing on is certain, and tails only shrink."""
    runs = runs_with + runs_without
    failures = min(failures, runs)
    tails = [chance_of(count, runs_with, failures, runs) for count in range(runs_with + 1)]
    assert math.isclose(tails[0], 1.0)
    assert tails == sorted(tails, reverse=True)


@given(st.lists(st.tuples(CONDITIONS, st.booleans()), max_size=40), CONFIDENCES)
def test_nothing_is_claimed_without_evidence(
    outcomes: list[tuple[Condition, bool]], confidence: float
) -> None:
    """A claimed cause is as clear as asked for, and counts every run once."""
    found = attribute(outcomes, confidence)
    assert len(found.causes) <= 2
    assert found.is_enough or not found.causes
    runs = len(outcomes)
    for cause in found.causes:
        assert cause.chance <= 1 - confidence
        assert cause.runs_with + cause.runs_without == runs
        assert cause.failed_with / cause.runs_with > cause.failed_without / cause.runs_without
        runs = cause.runs_with


@given(st.lists(CONDITIONS, min_size=1, max_size=40), st.booleans())
def test_what_never_varies_has_no_cause(conditions: list[Condition], failed: bool) -> None:
    """A test that always does the same is explained by nothing."""
    assert not attribute([(condition, failed) for condition in conditions], 0.95).causes
