import pytest
from breaker.bank import pay
from breaker.circuit import OpenError


def test_the_bank_takes_a_payment(open_bank):
    assert pay(100, open_bank) == "paid 100"


@pytest.mark.parametrize("cents", [0, 1, 10**9])
def test_any_amount_is_paid(cents, own, open_bank):
    assert pay(cents, open_bank, own) == f"paid {cents}"


@pytest.mark.parametrize("failures", [0, 1, 2])
def test_below_the_limit_the_bank_is_asked(failures, own, open_bank):
    own.failures = failures
    assert pay(5, open_bank, own) == "paid 5"


def test_at_the_limit_nobody_is_asked(own, open_bank):
    own.failures = 3
    with pytest.raises(OpenError, match="3 failures"):
        pay(5, open_bank, own)
