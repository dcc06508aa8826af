import os
import urllib.request
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import TestCase, TransactionTestCase
from shop.models import Order


@pytest.mark.django_db
@pytest.mark.parametrize("number", range(8))
def test_order(number):
    Order.objects.create(name="the same in all tests")
    assert Order.objects.count() == 1


@pytest.mark.django_db
def test_database_of_this_worker():
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    name = Path(connection.settings_dict["NAME"]).name
    assert name == (f"test-shop.sqlite3_{worker}" if worker else "test-shop.sqlite3")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", range(3))
def test_transaction(number):
    with transaction.atomic():
        Order.objects.create(name="taken back")
        transaction.set_rollback(True)
    assert not Order.objects.exists()
    Order.objects.create(name="the same in all tests")


@pytest.mark.serial
def test_live_server(live_server):
    Order.objects.create(name="the same in all tests")
    with urllib.request.urlopen(f"{live_server.url}/count") as answer:
        assert answer.read() == b"1"


@pytest.mark.shared_resource("mail")
def test_client(client, db, mailoutbox):
    assert client.get("/count").content == b"0"
    assert not mailoutbox


def test_database_is_refused():
    with pytest.raises(RuntimeError, match="django_db"):
        Order.objects.count()


class TestOrders(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.order = Order.objects.create(name="of the class")

    def test_one(self):
        assert Order.objects.get() == self.order

    def test_two(self):
        Order.objects.all().delete()
        assert not Order.objects.exists()

    def test_three(self):
        assert self.order.name == "of the class"


class TestTransactions(TransactionTestCase):
    def test_one(self):
        Order.objects.create(name="of the class")

    def test_two(self):
        assert not Order.objects.exists()
