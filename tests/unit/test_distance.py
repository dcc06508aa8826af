"""The way to a worker, from pings with any clocks."""

from __future__ import annotations

import pytest

from pytest_markersteal.distribution.distance import AGAIN_S, AT_ONCE, Distance


def answer(distance: Distance, at_s: float, there_s: float, back_s: float, ahead_s: float) -> None:
    """A ping of ``at_s`` took so long there and back, to a clock that is behind by ``ahead_s``."""
    distance.asked(at_s)
    distance.answered(at_s, at_s + there_s - ahead_s, at_s + there_s + back_s)


def test_before_any_answer_nothing_is_known() -> None:
    """Nor is a ping due: the first series is on its way."""
    distance = Distance()
    assert distance.round_trip_s == 0
    assert distance.ahead_s is None
    assert not distance.is_due(1e9)


def test_the_quickest_answer_counts() -> None:
    """The others waited somewhere, and so the middle is not when the worker saw them."""
    distance = Distance()
    answer(distance, 0.0, there_s=0.9, back_s=0.1, ahead_s=50.0)
    answer(distance, 1.0, there_s=0.1, back_s=0.1, ahead_s=50.0)
    answer(distance, 2.0, there_s=0.1, back_s=0.5, ahead_s=50.0)
    assert distance.round_trip_s == pytest.approx(0.2)
    assert distance.ahead_s == pytest.approx(50.0)


def test_a_clock_is_off_by_no_more_than_half_of_the_round_trip() -> None:
    """However unequal the two ways are."""
    distance = Distance()
    answer(distance, 7.0, there_s=0.3, back_s=0.0, ahead_s=-2.0)
    assert distance.ahead_s is not None
    assert abs(distance.ahead_s - -2.0) <= distance.round_trip_s / 2 + 1e-9


def test_after_a_series_pings_are_few() -> None:
    """One for each while, though messages come all the time."""
    distance = Distance()
    for number in range(AT_ONCE):
        assert not distance.is_known
        answer(distance, float(number), 0.1, 0.1, 0.0)
    assert distance.is_known
    assert not distance.is_due(AT_ONCE + AGAIN_S - 2)
    assert distance.is_due(AT_ONCE + AGAIN_S)


def test_a_way_that_became_longer_is_noticed() -> None:
    """Old answers are forgotten."""
    distance = Distance()
    answer(distance, 0.0, 0.001, 0.001, 0.0)
    for number in range(AT_ONCE):
        answer(distance, 10.0 * number, 0.1, 0.1, 0.0)
    assert distance.round_trip_s == pytest.approx(0.2)
