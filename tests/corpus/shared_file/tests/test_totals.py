import pytest
from reports.totals import total, vat


@pytest.fixture
def fresh_vat():
    vat.cache_clear()
    yield vat
    vat.cache_clear()


def test_the_total_is_the_sum(sales):
    assert total(sales) == 175


def test_no_sales_are_logged(caplog):
    assert total([]) == 0
    assert "no sales" in caplog.text


def test_vat_is_computed_once(fresh_vat):
    assert [fresh_vat(100), fresh_vat(100)] == [19, 19]
    assert fresh_vat.cache_info().misses == 1


@pytest.mark.parametrize(("amount", "expected"), [(0, 0), (1, 0), (10, 2), (1000, 190)])
def test_vat_is_rounded(amount, expected, fresh_vat):
    assert fresh_vat(amount) == expected
