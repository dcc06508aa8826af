import os

import pytest


@pytest.mark.parametrize("number", range(8))
def test_insert(postgresql, number):
    postgresql.execute("INSERT INTO orders (name) VALUES ('the same in all tests')")
    postgresql.commit()
    assert postgresql.execute("SELECT count(*) FROM orders").fetchone() == (2,)


@pytest.mark.serial
def test_database_of_this_worker(postgresql):
    assert postgresql.info.dbname.endswith(os.environ.get("PYTEST_XDIST_WORKER", "tests"))


@pytest.mark.shared_resource("key")
@pytest.mark.parametrize("number", range(3))
def test_drop(postgresql, number):
    postgresql.execute("DROP TABLE orders")
    postgresql.commit()


def test_that_fails(postgresql):
    postgresql.execute("SELECT * FROM nowhere")


@pytest.mark.parametrize("number", range(6))
def test_without(number):
    pass
