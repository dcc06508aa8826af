"""What servers do with locks, notes, clones and drops; SQLite's files where they do the same."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy.exc import DBAPIError

from pytest_markersteal.safety.databases.leftovers import Leftovers
from pytest_markersteal.safety.databases.mysql import MysqlServer
from pytest_markersteal.safety.databases.names import slot_name, template_name
from pytest_markersteal.safety.databases.postgresql import PostgresqlServer
from pytest_markersteal.safety.databases.records import owner_here, written
from pytest_markersteal.safety.databases.server import DatabaseInUse, Server, connect
from pytest_markersteal.safety.databases.urls import DatabaseUrl, parse

pytestmark = pytest.mark.xdist_group("databases")

TEMPLATE = template_name("shop", b"key")
SLOT = slot_name("shop", "run", 0)
AT_ONCE_S = 0.0
SOON_S = 20.0
"""How long to wait for what comes at once."""


class Database:
    """A server, and ways to look at it from outside."""

    def __init__(self, url: DatabaseUrl, stack: ExitStack) -> None:
        self.url = url
        self._stack = stack
        self.server = self.another()

    def another(self) -> Server:
        """As another process would come to it."""
        return self._stack.enter_context(closing(connect(self.url)))

    @contextmanager
    def connection(self, name: str) -> Iterator[sqlalchemy.Connection]:
        """What a test would have."""
        engine = sqlalchemy.create_engine(
            str(self.url.named(name)),
            poolclass=sqlalchemy.NullPool,
            execution_options={"no_parameters": True},
        )
        connection = engine.connect()
        try:
            yield connection
        finally:
            if not connection.closed:
                connection.invalidate()  # Perhaps it was cut off.
                connection.close()

    def execute(self, name: str, *statements: str) -> None:
        """Change a database."""
        with self.connection(name) as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
            connection.commit()

    def rows(self, name: str, query: str) -> Sequence[Sequence[Any]]:
        """Look into a database."""
        with self.connection(name) as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]


@contextmanager
def opened(text: str) -> Iterator[Database]:
    """The server of a URL, which has none of our databases before and after."""
    with ExitStack() as stack:
        database = Database(parse(text), stack)
        try:
            yield database
        finally:
            left = database.server.databases("shop")
            for name in left:
                database.server.drop(name, even_if_used=True)


@pytest.fixture(params=["postgresql", "mariadb"])
def sql(request: pytest.FixtureRequest) -> Iterator[Database]:
    """On a server that is asked in SQL."""
    with opened(request.getfixturevalue(f"{request.param}_url")) as database:
        yield database


@pytest.fixture(params=["postgresql", "mariadb", "sqlite"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """On any server."""
    if request.param == "sqlite":
        folder = request.getfixturevalue("tmp_path")
        text = f"sqlite:///{folder}/shop.db"
    else:
        text = request.getfixturevalue(f"{request.param}_url")
    with opened(text) as database:
        yield database


def test_a_lock_has_one_holder(database: Database) -> None:
    """Until that gives it back, or is gone."""
    other, third = database.another(), database.another()
    assert database.server.lock(SLOT, AT_ONCE_S)
    assert not other.lock(SLOT, AT_ONCE_S)
    assert other.lock(TEMPLATE, AT_ONCE_S)
    database.server.unlock(SLOT)
    assert other.lock(SLOT, AT_ONCE_S)
    other.close()
    assert third.lock(SLOT, SOON_S)


def test_who_waits_for_a_lock_gets_it(database: Database) -> None:
    """As soon as it is given back."""
    other = database.another()
    assert database.server.lock(SLOT, AT_ONCE_S)
    got: list[bool] = []
    waiting = threading.Thread(target=lambda: got.append(other.lock(SLOT, SOON_S)))
    waiting.start()
    database.server.unlock(SLOT)
    waiting.join()
    assert got == [True]


def test_notes_are_kept_beside_databases(database: Database) -> None:
    """They are written again and again, and go with the database; others are not ours."""
    server = database.server
    for name in (SLOT, slot_name("bank", "run", 0)):
        assert server.lock(name, AT_ONCE_S)
        server.create(name)
    try:
        assert database.server.databases("shop") == {SLOT: ""}
        for text in ("a=%20b&c=1", written(owner_here("run 1", server.now_s()))):
            server.note(SLOT, text)
            assert database.another().databases("shop") == {SLOT: text}
        server.drop(SLOT, even_if_used=False)
        server.unlock(SLOT)
        assert not database.server.databases("shop")
    finally:
        server.drop(slot_name("bank", "run", 0), even_if_used=True)


def prepare(database: Database, *statements: str) -> None:
    """Make the template, and leave a connection open, as an engine with a pool does."""
    assert database.server.lock(TEMPLATE, AT_ONCE_S)
    database.server.create(TEMPLATE)
    with database.connection(TEMPLATE) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.commit()
        connection.exec_driver_sql("SELECT 1").all()
        connection.rollback()
        database.server.seal(TEMPLATE)
    database.server.unlock(TEMPLATE)


def test_a_clone_has_all_and_shares_nothing(database: Database) -> None:
    """What is written into one clone is in no other, and not in the template."""
    prepare(
        database,
        "CREATE TABLE item (id INTEGER PRIMARY KEY, name VARCHAR(20) UNIQUE)",
        "INSERT INTO item VALUES (1, 'apple: 100%'), (2, '')",
    )
    other = slot_name("shop", "run", 1)
    for name in (SLOT, other):
        database.server.clone(TEMPLATE, name)
    database.execute(SLOT, "INSERT INTO item VALUES (3, 'pear')")
    assert database.rows(SLOT, "SELECT id FROM item ORDER BY id") == [(1,), (2,), (3,)]
    assert database.rows(other, "SELECT * FROM item ORDER BY id") == [(1, "apple: 100%"), (2, "")]
    with pytest.raises(DBAPIError):
        database.execute(other, "INSERT INTO item VALUES (4, '')")


def test_a_clone_of_mariadb_has_whatever_a_schema_can_have(mariadb_url: str) -> None:
    """Keys, generated and hidden columns, sequences, routines, views, triggers and events."""
    with opened(mariadb_url) as database:
        prepare(
            database,
            "CREATE TABLE b_parent (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(20) "
            "DEFAULT 'a:%b', twice INT AS (hidden * 2) STORED, hidden INT INVISIBLE DEFAULT 7)",
            "CREATE TABLE a_child (id INT PRIMARY KEY, parent INT, "
            "FOREIGN KEY (parent) REFERENCES b_parent (id) ON DELETE CASCADE)",
            "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'",
            "INSERT INTO b_parent (id, hidden) VALUES (0, 1), (5, 2)",
            "INSERT INTO a_child VALUES (1, 5)",
            "CREATE SEQUENCE number START WITH 5 NOCACHE",
            "SELECT nextval(number)",
            "CREATE FUNCTION plus_one(x INT) RETURNS INT DETERMINISTIC RETURN x + 1",
            "CREATE VIEW z_view AS SELECT plus_one(id) AS id FROM b_parent",
            "CREATE VIEW a_view AS SELECT z_view.id FROM z_view",
            "CREATE TRIGGER upper_name BEFORE INSERT ON b_parent FOR EACH ROW "
            "SET new.name = upper(new.name)",
            "CREATE PROCEDURE clear() DELETE FROM b_parent",
            "CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO CALL clear()",
        )
        database.server.clone(TEMPLATE, SLOT)
        assert database.rows(SLOT, "SELECT id, name, twice, hidden FROM b_parent") == [
            (0, "a:%b", 2, 1),
            (5, "a:%b", 4, 2),
        ]
        assert database.rows(SLOT, "SELECT id FROM a_view ORDER BY id") == [(1,), (6,)]
        assert database.rows(SLOT, "SELECT nextval(number)") == [(6,)]
        assert database.rows(SLOT, "SHOW EVENTS")[0][1] == "nightly"
        database.execute(SLOT, "INSERT INTO b_parent (name) VALUES ('pear')")
        assert database.rows(SLOT, "SELECT id, name FROM b_parent WHERE id > 5") == [(6, "PEAR")]
        database.execute(SLOT, "CALL clear()")
        assert database.rows(SLOT, "SELECT * FROM a_child") == []
        assert database.rows(SLOT, "SELECT * FROM a_view") == []
        with database.connection(SLOT) as connection:
            connection.exec_driver_sql("DROP DATABASE " + TEMPLATE)
        assert database.rows(SLOT, "SELECT * FROM a_view") == []


class Releases:
    """A clock that lets somebody go when it is slept on."""

    def __init__(self, release: Callable[[], object]) -> None:
        self._release = release

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        self._release()


def test_a_clone_waits_until_nobody_uses_the_template(postgresql_url: str) -> None:
    """PostgreSQL refuses as long as anybody is connected to it."""
    with opened(postgresql_url) as database:
        database.server.create(TEMPLATE)
        with database.connection(TEMPLATE) as connection:
            clock = Releases(connection.close)
            with closing(PostgresqlServer(database.url, clock)) as server:
                server.clone(TEMPLATE, SLOT)
        assert set(database.server.databases("shop")) == {TEMPLATE, SLOT}


def test_a_drop_cuts_off_who_is_connected(sql: Database) -> None:
    """In the middle of a transaction too."""
    sql.server.create(SLOT)
    sql.execute(SLOT, "CREATE TABLE item (id INTEGER PRIMARY KEY)")
    with sql.connection(SLOT) as connection:
        connection.exec_driver_sql("INSERT INTO item VALUES (1)")
        assert sql.server.connections(SLOT) == 1
        sql.server.drop(SLOT, even_if_used=True)
        with pytest.raises(DBAPIError):
            connection.exec_driver_sql("SELECT 1")
    assert not sql.server.databases("shop")


def test_what_is_in_use_is_not_dropped_unless_asked_for(sql: Database) -> None:
    """Who is connected stays so."""
    sql.server.create(SLOT)
    make = MysqlServer if sql.url.family.value == "mysql" else PostgresqlServer
    with (
        sql.connection(SLOT) as connection,
        closing(make(sql.url, Releases(lambda: None))) as server,
    ):
        with pytest.raises(DatabaseInUse):
            server.drop(SLOT, even_if_used=False)
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1


def cut(database: Database) -> None:
    """End all other connections to the server, as a restarted pooler would."""
    admin = sqlalchemy.create_engine(
        str(database.url.named("mysql" if database.url.family.value == "mysql" else "postgres")),
        isolation_level="AUTOCOMMIT",
        poolclass=sqlalchemy.NullPool,
    )
    with admin.connect() as connection:
        if database.url.family.value == "mysql":
            query = (
                "SELECT id FROM information_schema.processlist "
                "WHERE user = 'ann' AND id <> connection_id()"
            )
            for thread in connection.exec_driver_sql(query).scalars().all():
                connection.exec_driver_sql(f"KILL {thread}")
        else:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )


def test_a_heartbeat_takes_back_a_lock_that_was_cut_off(sql: Database) -> None:
    """Also when the server could not be reached in between."""
    sql.server.create(SLOT)
    assert sql.server.lock(SLOT, AT_ONCE_S)
    cut(sql)
    sql.server.beat(SLOT, lambda now_s: f"beat={now_s > 0}")
    other = sql.another()
    assert other.databases("shop") == {SLOT: "beat=True"}
    assert not other.lock(SLOT, AT_ONCE_S)
    cut(sql)
    sql.server.beat(SLOT, lambda now_s: "it's no note")  # An error, which is left for later.
    sql.server.beat(SLOT, lambda now_s: "note")
    assert sql.another().databases("shop") == {SLOT: "note"}
    cut(sql)
    sql.server.unlock(SLOT)
    assert sql.another().lock(SLOT, SOON_S)


def test_what_is_connected_to_is_not_reaped(sql: Database) -> None:
    """Even where nothing tells that its owner lives."""
    sql.server.create(SLOT)
    with sql.connection(SLOT):
        (found,) = Leftovers(sql.another(), "shop").look(remove=True)
        assert (found.stays, found.removed) == ("1 connected", False)
    leftovers, until_s = Leftovers(sql.another(), "shop"), time.monotonic() + SOON_S
    while not (found := leftovers.look(remove=True)[0]).removed:
        assert found.stays  # The server has not seen yet that it left.
        assert time.monotonic() < until_s
    assert not sql.server.databases("shop")
