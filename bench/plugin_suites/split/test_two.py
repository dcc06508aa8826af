import pytest


@pytest.mark.parametrize("number", range(10))
def test_number(number):
    pass


@pytest.mark.serial
def test_serial():
    pass


@pytest.mark.shared_resource("key")
@pytest.mark.parametrize("number", range(4))
def test_key(number):
    pass
