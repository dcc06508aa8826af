import pytest


@pytest.mark.parametrize("number", range(6))
def test_good(number):
    assert number >= 0
