import pytest


@pytest.mark.parametrize("number", range(4))
def test_number(number):
    pass


@pytest.mark.repeat(5)
def test_with_a_mark(record_property, request):
    record_property("step", request.node.callspec.id)


@pytest.mark.serial
def test_serial():
    pass


@pytest.mark.shared_resource("key")
def test_key():
    pass


@pytest.mark.xfail(strict=True)
def test_expected_to_fail():
    raise AssertionError("as expected")
