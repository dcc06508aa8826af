"""All orders are in one file, which these tests empty: one at a time, please."""

import time

import pytest
import shop

pytestmark = pytest.mark.shared_resource("orders")


@pytest.fixture(autouse=True)
def no_orders():
    with shop.open_orders() as connection:
        connection.execute("DELETE FROM orders")


@pytest.mark.parametrize("cents", [1, 10, 100, 1000, 10_000])
def test_turnover_is_the_sum_of_all_orders(cents):
    shop.order("first", cents)
    time.sleep(0.1)  # A customer hesitates.
    shop.order("second", cents)
    assert shop.turnover() == 2 * cents


def test_without_orders_there_is_no_turnover():
    assert shop.turnover() == 0
