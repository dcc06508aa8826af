"""What servers that are asked in SQL have in common: one kept connection, which has the locks."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from pytest_markersteal.safety.databases.administration import administrative_url, needing_extra
from pytest_markersteal.safety.databases.urls import DatabaseUrl

with needing_extra():
    import sqlalchemy
    from sqlalchemy.exc import SQLAlchemyError


class SqlServer(ABC):
    """A connection that is kept, because locks die with it."""

    encoding: str
    """Of databases that are made empty."""

    def __init__(self, url: DatabaseUrl, database: str | None) -> None:
        self._administrative = administrative_url(url, database)
        self._engine = sqlalchemy.create_engine(
            self._administrative,
            isolation_level="AUTOCOMMIT",
            poolclass=sqlalchemy.NullPool,
            # Statements without parameters have percent signs of their own.
            execution_options={"no_parameters": True},
        )
        self._mutex = threading.RLock()
        self._held: list[str] = []
        self._connection = self._connected()

    def _connected(self) -> sqlalchemy.Connection:
        connection = self._engine.connect()
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    @abstractmethod
    def _prepare(self, connection: sqlalchemy.Connection) -> None:
        """Make a new connection one that can wait, and be idle, for long."""

    @abstractmethod
    def _try_lock(self, name: str, timeout_s: float) -> bool:
        """Take the lock on the connection."""

    @abstractmethod
    def _unlock(self, name: str) -> None:
        """Give it back."""

    @abstractmethod
    def note(self, name: str, text: str) -> None:
        """Note ``text`` beside a database."""

    @abstractmethod
    def now_s(self) -> float:
        """Seconds since 1970, on the server's clock."""

    def lock(self, name: str, timeout_s: float) -> bool:
        """Take the lock called ``name``; False if another holder has it for so long."""
        with self._mutex:
            if not self._try_lock(name, timeout_s):
                return False
            self._held.append(name)
            return True

    def unlock(self, name: str) -> None:
        """Give back a lock that this has."""
        with self._mutex:
            self._held.remove(name)
            self._revive()
            self._unlock(name)

    def create(self, name: str) -> None:
        """Make an empty one."""
        # It has the statements for both servers, and takes long to import.
        with needing_extra():
            from sqlalchemy_utils import create_database

        create_database(self._administrative.set(database=name), encoding=self.encoding)

    def beat(self, name: str, text: Callable[[float], str]) -> None:
        """Note the text of the time that it is; connect and lock anew where that is needed."""
        with self._mutex:
            try:
                self._revive()
                self.note(name, text(self.now_s()))
            except SQLAlchemyError:
                return  # The server may be back the next time.

    def close(self) -> None:
        """Give back all locks and disconnect."""
        with self._mutex:
            _discard(self._connection)

    def _revive(self) -> None:
        """Connect and lock anew, if the connection was cut."""
        try:
            self._rows("SELECT 1")
        except SQLAlchemyError:
            _discard(self._connection)
            self._connection = self._connected()
            for name in self._held:
                # The server may need a moment to see that the connection before is gone.
                self._try_lock(name, 1.0)

    def _rows(self, statement: str, **parameters: object) -> Sequence[Sequence[Any]]:
        """What a query answers; without parameters it is sent as it is."""
        with self._mutex:
            if parameters:
                return self._connection.execute(sqlalchemy.text(statement), parameters).all()
            return self._connection.exec_driver_sql(statement).all()

    def _do(self, statement: str) -> None:
        """Send a statement that answers nothing, as it is."""
        with self._mutex:
            self._connection.exec_driver_sql(statement)


def _discard(connection: sqlalchemy.Connection) -> None:
    """Close a connection, which may have been cut off."""
    if not connection.closed:
        connection.invalidate()  # Closing would roll back first, and fail.
        connection.close()
