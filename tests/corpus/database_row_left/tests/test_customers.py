import sqlite3

import pytest
from crm.customers import add, count, living_in


def test_the_shop_has_two_customers(database):
    assert count(database) == 2


@pytest.mark.parametrize(("city", "names"), [("Ulm", ["ann"]), ("Rom", ["bob"]), ("Bonn", [])])
def test_customers_of_a_city(city, names, database):
    assert living_in(database, city) == names


def test_a_customer_for_a_while(rolled_back):
    before = count(rolled_back)
    add(rolled_back, "eve", "Nice")
    assert count(rolled_back) == before + 1


def test_a_name_is_there_once(rolled_back):
    with pytest.raises(sqlite3.IntegrityError):
        add(rolled_back, "ann", "Nice")


@pytest.mark.parametrize("number", [0, 1, 3])
def test_customers_of_this_test(number, own):
    for name in range(number):
        add(own, f"customer {name}", "Ulm")
    assert count(own) == number
