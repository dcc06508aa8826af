import pytest
from store.shelves import Store


def test_a_store_can_be_closed(store):
    store.close()
    assert not store.open


@pytest.mark.parametrize("article", ["rug", "sofa"])
def test_what_is_not_there(article, own_store):
    with pytest.raises(LookupError, match=article):
        own_store.take(article)


def test_the_last_desk(own_store):
    own_store.take("desk")
    with pytest.raises(LookupError, match="no desk"):
        own_store.take("desk")


def test_new_articles_can_be_put_back(own_store):
    own_store.put_back("rug")
    assert own_store.articles["rug"] == 1


def test_a_closed_store_takes_nothing_back():
    closed = Store()
    closed.close()
    with pytest.raises(RuntimeError, match="closed"):
        closed.put_back("lamp")
