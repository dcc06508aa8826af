import pytest
from breaker.bank import pay, retry


def test_a_refused_payment_is_told(closed_bank):
    with pytest.raises(ConnectionError, match="closed"):
        pay(100, closed_bank)


def test_the_next_bank_is_asked(own, closed_bank, open_bank):
    assert retry(7, [closed_bank, open_bank], own) == "paid 7"


@pytest.mark.parametrize("count", [1, 2])
def test_every_bank_is_closed(count, own, closed_bank):
    with pytest.raises(ConnectionError):
        retry(7, [closed_bank] * count, own)
    assert own.failures == count
