import time

import pytest
from orders.book import articles, count, empty, place
from orders.database import connected


def test_orders_are_kept_in_the_default_database():
    with connected() as connection:
        empty(connection)
        place(connection, "shelf", 7900)
        time.sleep(0.04)  # as long as a page takes
        assert count(connection) == 1


@pytest.mark.parametrize("number", [0, 1, 2, 5])
def test_orders_are_counted(number, memory):
    for _ in range(number):
        place(memory, "lamp", 2900)
    assert count(memory) == number


def test_articles_are_sorted(memory):
    place(memory, "shelf", 1)
    place(memory, "desk", 1)
    assert articles(memory) == ["desk", "shelf"]


def test_emptying(memory):
    place(memory, "shelf", 1)
    empty(memory)
    assert count(memory) == 0
