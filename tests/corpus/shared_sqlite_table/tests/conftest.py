import pytest
from orders.database import connected


@pytest.fixture
def memory():
    with connected(":memory:") as connection:
        yield connection
