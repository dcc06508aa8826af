import pytest
from store.baskets import Basket
from store.shelves import Store


@pytest.fixture(scope="session")
def store():
    return Store(lamp=2, desk=1)


@pytest.fixture
def basket(store):
    basket = Basket(store)
    yield basket
    basket.empty()


@pytest.fixture
def own_store():
    return Store(lamp=2, desk=1)
