import pytest
from accounts.passwords import strong


@pytest.mark.parametrize("password", ["Secret12", "aB3aB3aB3"])
def test_strong_passwords(password):
    assert strong(password)


@pytest.mark.parametrize("password", ["", "Short1", "nocapital1", "NOSMALL1", "NoDigits"])
def test_weak_passwords(password):
    assert not strong(password)
