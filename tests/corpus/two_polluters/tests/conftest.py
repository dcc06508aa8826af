import pytest
from breaker.circuit import Breaker


@pytest.fixture
def own():
    return Breaker(limit=3)


@pytest.fixture(scope="session")
def closed_bank():
    def bank(cents):
        raise ConnectionError("closed")

    return bank


@pytest.fixture(scope="session")
def open_bank():
    return "paid {}".format
