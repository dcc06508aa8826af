import pytest
from breaker import bank
from breaker.bank import pay
from breaker.circuit import Breaker


def order(articles, asked):
    try:
        return pay(100 * len(articles), asked)
    except ConnectionError:
        return "later"


def test_an_order_without_a_bank(closed_bank):
    assert order(["lamp"], closed_bank) == "later"


@pytest.mark.parametrize("count", [1, 2, 3])
def test_orders_of_any_size(count, open_bank, monkeypatch):
    monkeypatch.setattr(bank, "BREAKER", Breaker(limit=1))
    assert order(["lamp"] * count, open_bank) == f"paid {count}00"


def test_a_bank_that_closes(closed_bank, monkeypatch):
    monkeypatch.setattr(bank, "BREAKER", Breaker(limit=1))
    assert order(["lamp"], closed_bank) == "later"
    assert bank.BREAKER.failures == 1
