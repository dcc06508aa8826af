import pytest
from rates import bank
from rates.convert import convert


def test_dollars_in_francs():
    assert convert(10, "USD", "CHF") == 8.0
    bank.rate.cache_clear()


@pytest.mark.parametrize("amount", [0, 1, 2.5, 100])
def test_one_currency_only(amount, fresh_rates):
    assert convert(amount, "SEK", "SEK") == amount


def test_there_and_back(fresh_rates):
    assert convert(convert(100, "EUR", "USD"), "USD", "EUR") == 100


def test_another_table(monkeypatch, fresh_rates):
    monkeypatch.setattr(bank, "TABLE", {"EUR": 1.0, "DKK": 7.5})
    assert convert(2, "EUR", "DKK") == 15.0
