import random

import pytest
from raffle.draw import draw, start_again


@pytest.fixture
def same_dice():
    """The generator's state is given back."""
    state = random.getstate()
    random.seed(7)
    yield
    random.setstate(state)


def test_a_draw_can_be_repeated():
    start_again(2026)
    first = draw(range(100), 10)
    start_again(2026)
    assert draw(range(100), 10) == first
    start_again(2026)


@pytest.mark.parametrize("winners", [0, 1, 5])
def test_as_many_as_asked_for_win(winners):
    assert len(draw("abcdefgh", winners)) == winners


def test_nobody_wins_twice():
    assert len(set(draw(range(50), 50))) == 50


def test_too_many_winners():
    with pytest.raises(ValueError, match="larger than population"):
        draw("ab", 3)


def test_the_order_of_entries_is_no_matter(same_dice):
    state = random.getstate()
    first = draw([1, 2, 3, 4], 2)
    random.setstate(state)
    assert draw([4, 3, 2, 1], 2) == first
