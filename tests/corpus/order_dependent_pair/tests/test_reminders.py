import itertools

import pytest
from billing.invoices import Invoice
from billing.reminders import fee, reminder


@pytest.fixture
def first_numbers(monkeypatch):
    monkeypatch.setattr(Invoice, "numbers", itertools.count(1))


@pytest.fixture(scope="module")
def invoice():
    return Invoice("bob", 100, 9)


def test_a_reminder_names_an_invoice():
    invoice = Invoice("ann", 100)
    assert invoice.name in reminder(invoice, 5)


@pytest.mark.parametrize(("days", "tone"), [(0, "please"), (29, "please"), (30, "now")])
def test_the_tone_gets_worse(days, tone, invoice):
    assert reminder(invoice, days).endswith(tone)


@pytest.mark.parametrize(("days", "cents"), [(0, 0), (13, 0), (14, 500)])
def test_the_fee(days, cents):
    assert fee(days) == cents


def test_numbers_of_this_test(first_numbers):
    assert [Invoice("ann", 1).number, Invoice("ann", 2).number] == [1, 2]
