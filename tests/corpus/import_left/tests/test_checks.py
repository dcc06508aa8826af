from types import SimpleNamespace

import pytest
from rules.checks import broken
from rules.loading import loaded


def test_rules_of_the_house(write_rules):
    with loaded(write_rules("number < 3")) as house:
        assert broken(house, [1, 2, 3, 4]) == [3, 4]


@pytest.mark.parametrize(("numbers", "found"), [([], []), ([2], []), ([2, 3, 5], [3, 5])])
def test_odd_numbers_are_broken(numbers, found):
    even = SimpleNamespace(allowed=lambda number: number % 2 == 0)
    assert broken(even, numbers) == found


@pytest.mark.parametrize("condition", ["True", "number > 0"])
def test_rules_of_guests(condition, write_rules):
    with loaded(write_rules(condition, "guest_rules"), "guest_rules") as guests:
        assert broken(guests, [1, 2]) == []
