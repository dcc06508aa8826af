import pytest
from rates.bank import rate


@pytest.fixture
def fresh_rates():
    rate.cache_clear()
    yield
    rate.cache_clear()
