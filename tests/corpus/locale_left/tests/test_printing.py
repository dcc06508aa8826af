import locale

import pytest
from invoices.places import kept
from invoices.printing import amount


@pytest.fixture(scope="module")
def plain():
    """The locale of the machine, in this module; given back."""
    with kept():
        locale.setlocale(locale.LC_NUMERIC, "C")
        yield


@pytest.mark.parametrize(("cents", "text"), [(0, "0.00"), (5, "0.05"), (123456, "1234.56")])
def test_cents_have_two_digits(cents, text, plain):
    assert amount(cents) == text
