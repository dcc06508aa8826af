import pytest
from engine.heat import Engine


@pytest.fixture
def engine():
    return Engine()
