import pytest


@pytest.mark.parametrize("number", range(15))
def test_good(number):
    pass
