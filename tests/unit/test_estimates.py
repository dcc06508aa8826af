"""Predictions, from the test itself or from its nearest neighbours."""

from __future__ import annotations

import pytest
from builders import PLAIN, suite_of

from pytest_markersteal.core.estimates import GUESS_S, UNKNOWN_S, Estimates


def test_while_nothing_is_known_tests_count_as_equals() -> None:
    """Without history every test has the same guess, and the guess is known to be one."""
    estimates = Estimates(suite_of([PLAIN] * 2))
    assert estimates.of(0) == estimates.of(1) == GUESS_S
    assert not estimates.is_founded(0)
    assert estimates.known == 0


def test_an_unknown_test_is_predicted_by_its_function_before_its_module() -> None:
    """The nearest relatives that are known decide."""
    suite = suite_of([PLAIN] * 4, modules=[0, 0, 0, 1], functions=[0, 0, 1, 2])
    estimates = Estimates(suite, [1.0, UNKNOWN_S, 9.0, UNKNOWN_S])
    assert estimates.of(1) == 1.0
    assert estimates.is_founded(1)
    assert estimates.of(3) == pytest.approx(5.0), "the mean of the suite"
    assert not estimates.is_founded(3)


def test_a_run_teaches_while_it_goes_on() -> None:
    """A finished test predicts the others of its module at once."""
    estimates = Estimates(suite_of([PLAIN] * 2))
    estimates.learn(0, 0.25, setups_s={"module": 2.0})
    assert estimates.of(1) == 0.25
    assert estimates.setups.of("module", 0) == 2.0


def test_what_history_says_stands_for_this_run() -> None:
    """One run does not overrule history before it is written down."""
    estimates = Estimates(suite_of([PLAIN]), [3.0])
    estimates.learn(0, 0.1)
    assert estimates.of(0) == 3.0


def test_a_history_of_the_wrong_length_is_refused() -> None:
    """Durations must be for the tests of this suite."""
    with pytest.raises(ValueError, match="1 durations for 2 tests"):
        Estimates(suite_of([PLAIN] * 2), [1.0])
