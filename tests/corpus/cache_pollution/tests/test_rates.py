from functools import lru_cache

import pytest
from rates import bank
from rates.bank import Day, rate


def test_a_rate_comes_from_the_table(monkeypatch):
    monkeypatch.setitem(bank.TABLE, "USD", 2.0)
    assert rate("USD") == 2.0


@pytest.mark.parametrize("currency", ["EUR", "CHF", "SEK"])
def test_every_currency_has_a_rate(currency, fresh_rates):
    assert rate(currency) >= 1.0


def test_a_rate_is_looked_up_once(fresh_rates):
    assert rate("CHF") == rate("CHF")
    assert rate.cache_info().hits == 1


def test_no_such_currency(fresh_rates):
    with pytest.raises(KeyError):
        rate("DEM")


@pytest.mark.parametrize(("table", "best"), [({"A": 1, "B": 2}, "B"), ({"A": 3, "B": 2}, "A")])
def test_the_best_rate_of_a_day(table, best):
    day = Day(table)
    assert [day.best, day.best] == [best, best]


def test_a_cache_of_the_test():
    calls = []

    @lru_cache
    def asked(currency):
        calls.append(currency)
        return rate.__wrapped__(currency)

    assert asked("EUR") == asked("EUR")
    assert calls == ["EUR"]
