"""A few slow tests at the end of the suite: the worst place, unless durations are known."""

import time

import pytest
import shop


@pytest.mark.parametrize("years", [1, 2, 3, 4])
def test_statistics_of_several_years(years):
    time.sleep(0.1 * years)  # The statistics server thinks.
    assert shop.price(years, 12) == 12 * years


def test_statistics_of_all_years():
    time.sleep(1.5)
    assert shop.price(10, 12) == 120
