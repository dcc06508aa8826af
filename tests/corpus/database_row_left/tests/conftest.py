import sqlite3
from contextlib import closing

import pytest
from crm.customers import SCHEMA, add


@pytest.fixture(scope="session")
def database():
    """One for the session, with two customers; who writes must roll back."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(SCHEMA)
        add(connection, "ann", "Ulm")
        add(connection, "bob", "Rom")
        connection.commit()
        yield connection


@pytest.fixture
def rolled_back(database):
    yield database
    database.rollback()


@pytest.fixture
def own():
    """An empty one for one test."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(SCHEMA)
        yield connection
