import pytest
from store.baskets import Basket


def test_a_basket_keeps_its_articles(basket):
    basket.add("lamp")
    assert basket.articles == ["lamp"]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_lamps_are_taken_from_the_shelf(count, own_store):
    basket = Basket(own_store)
    for _ in range(count):
        basket.add("lamp")
    assert own_store.articles["lamp"] == 2 - count


def test_an_emptied_basket_fills_the_shelf(own_store):
    basket = Basket(own_store)
    basket.add("desk")
    basket.empty()
    assert own_store.articles["desk"] == 1


def test_an_empty_basket(basket):
    assert basket.articles == []
