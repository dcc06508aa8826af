"""Prices are arithmetic: the kind of test of which one has many."""

import pytest
import shop


@pytest.mark.parametrize("discount", range(0, 101, 5))
@pytest.mark.parametrize("amount", [0, 1, 3, 10])
def test_a_discount_lowers_the_price(amount, discount):
    assert shop.price(amount, 100, discount) == amount * (100 - discount)


@pytest.mark.parametrize(("amount", "discount"), [(-1, 0), (1, -1), (1, 101)])
def test_nonsense_is_refused(amount, discount):
    with pytest.raises(ValueError, match="not negative"):
        shop.price(amount, 100, discount)
