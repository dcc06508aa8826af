import pytest


@pytest.mark.parametrize("number", range(15))
def test_number(number):
    pass


@pytest.mark.random_order(disabled=True)
class TestInOrder:
    def test_a(self):
        pass

    def test_b(self):
        pass


@pytest.mark.serial
def test_serial():
    pass
