import pytest
from orders import billing
from orders.billing import bill
from orders.book import empty, place
from orders.database import connected


def test_open_orders_are_billed():
    with connected() as connection:
        empty(connection)
        place(connection, "lamp", 2900)
        place(connection, "desk", 19900)
        assert bill(connection) == 22800


@pytest.mark.parametrize("prices", [[], [5], [5, 7], [0, 0, 1]])
def test_a_bill_is_the_sum(prices, memory, monkeypatch):
    monkeypatch.setattr(billing, "CHARGE_S", 0.0)
    for cents in prices:
        place(memory, "thing", cents)
    assert bill(memory) == sum(prices)


def test_a_bill_from_a_file(tmp_path):
    with connected(tmp_path / "own.sqlite") as connection:
        place(connection, "lamp", 2900)
        assert bill(connection) == 2900
