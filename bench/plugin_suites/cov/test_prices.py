import pytest
from shop.prices import discount, gross


@pytest.mark.parametrize("kind", ["book", "toy"])
def test_gross(kind):
    assert gross(kind, 10) > 10


def test_unknown_kind():
    with pytest.raises(KeyError):
        gross("stone", 1)


@pytest.mark.shared_resource("till")
@pytest.mark.parametrize("items", [0, 1, 10, 50])
def test_discount(items):
    assert 0 <= discount(items) < 0.2


@pytest.mark.serial
def test_no_discount_for_less_than_nothing():
    with pytest.raises(ValueError, match="nobody"):
        discount(-1)
