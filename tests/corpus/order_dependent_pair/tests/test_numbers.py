import pytest
from billing.invoices import Invoice


def test_the_first_invoice_has_number_one():
    assert Invoice("ann", 100).number == 1


@pytest.mark.parametrize(
    ("number", "name"), [(1, "INV-0001"), (42, "INV-0042"), (12345, "INV-12345")]
)
def test_the_name_has_the_number(number, name):
    assert Invoice("ann", 100, number).name == name


def test_a_number_is_kept():
    invoice = Invoice("ann", 100, 7)
    assert [invoice.number, invoice.number] == [7, 7]
