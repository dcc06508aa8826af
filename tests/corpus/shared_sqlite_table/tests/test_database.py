import sqlite3

import pytest
from orders.book import articles, place
from orders.database import connected


def test_a_new_file_has_the_table(tmp_path):
    with connected(tmp_path / "var" / "new.sqlite") as connection:
        assert articles(connection) == []


def test_a_file_keeps_its_rows(tmp_path):
    with connected(tmp_path / "kept.sqlite") as connection:
        place(connection, "chair", 4900)
    with connected(tmp_path / "kept.sqlite") as connection:
        assert articles(connection) == ["chair"]


def test_memory_is_forgotten():
    with connected(":memory:") as connection:
        place(connection, "chair", 4900)
    with connected(":memory:") as connection:
        assert articles(connection) == []


def test_it_is_closed_behind_the_block(tmp_path):
    with connected(tmp_path / "closed.sqlite") as connection:
        pass
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        articles(connection)
