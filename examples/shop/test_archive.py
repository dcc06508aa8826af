"""Archiving takes every invoice there is, so nothing else may run meanwhile."""

import pytest
import shop

pytestmark = pytest.mark.no_parallel


@pytest.mark.parametrize("count", [1, 10])
def test_archiving_removes_what_is_there_and_nothing_more(count):
    shop.archive_invoices()
    for number in range(count):
        shop.write_invoice(number, 100)
    assert shop.archive_invoices() == count
