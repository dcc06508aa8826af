import pytest
from pytest_bdd import given, parsers, scenarios, then, when

scenarios("cart.feature")


@given("an empty cart", target_fixture="cart")
def empty():
    return []


@when(parsers.re(r"I put in (?P<count>\d+) books?"), converters={"count": int})
def put(cart, count):
    cart.extend(["book"] * count)


@then(parsers.re(r"there (is|are) (?P<count>\d+) things? in it"), converters={"count": int})
def counted(cart, count):
    assert len(cart) == count


@pytest.mark.parametrize("number", range(8))
def test_plain(number):
    pass
