import pytest

pytestmark = pytest.mark.random_order(disabled=True)


@pytest.mark.shared_resource("key")
@pytest.mark.parametrize("number", range(10))
def test_number(number):
    pass


def test_that_fails():
    raise AssertionError("it always does")
