import pytest

pytestmark = pytest.mark.shared_resource("ledger")


@pytest.mark.order(before="test_open")
def test_create():
    pass


@pytest.mark.order(after="test_open")
def test_close():
    pass


def test_open():
    pass
