import pytest


@pytest.mark.order("first")
def test_first():
    pass


@pytest.mark.parametrize("number", range(12))
def test_number(number):
    pass
