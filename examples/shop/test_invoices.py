"""Invoices have numbers of their own, so these tests get along with each other."""

import pytest
import shop


@pytest.mark.parametrize("number", range(100, 140))
def test_an_invoice_tells_the_price(number):
    path = shop.write_invoice(number, shop.price(number, 5))
    assert path.read_text() == f"{number * 5} cents"
