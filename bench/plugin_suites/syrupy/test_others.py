import pytest


@pytest.mark.parametrize("number", range(8))
def test_other(snapshot, number):
    assert number == snapshot
