"""MySQL and MariaDB: clones are made table by table, notes are the comment of a procedure.

There are no comments on databases. Those of a procedure go with the database, and stay where tests
drop, empty or count all tables.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256

from pytest_markersteal.safety.databases.administration import needing_extra
from pytest_markersteal.safety.databases.mysql_copy import NOTE, Copy, quoted
from pytest_markersteal.safety.databases.names import MARK, parsed
from pytest_markersteal.safety.databases.server import DatabaseInUse
from pytest_markersteal.safety.databases.sql_server import SqlServer
from pytest_markersteal.safety.databases.urls import DatabaseUrl
from pytest_markersteal.sync.clocks import SYSTEM_CLOCK, Clock
from pytest_markersteal.sync.retrying import RetryWithBackoff

with needing_extra():
    import sqlalchemy
    from sqlalchemy.exc import DBAPIError

_NO_SUCH_THREAD = 1094
_LOCK_WAIT_TIMEOUT = 1205
_NO_SUCH_PROCEDURE = 1305

_DAY_S = 86400
_LONGEST_WAIT_S = 365 * _DAY_S
_DROP_WAIT_S = 2
"""How long to wait for transactions in a database that is dropped, before they are ended again."""


class MysqlServer(SqlServer):
    """A server of MySQL 8 or MariaDB 10.5, or newer, whose user may create databases."""

    encoding = "utf8mb4"

    def __init__(self, url: DatabaseUrl, clock: Clock = SYSTEM_CLOCK) -> None:
        super().__init__(url, None)
        self._retry = RetryWithBackoff(DatabaseInUse, attempts=6, deadline_s=60.0, clock=clock)

    def _prepare(self, connection: sqlalchemy.Connection) -> None:
        connection.exec_driver_sql(
            f"SET SESSION wait_timeout = {30 * _DAY_S}, lock_wait_timeout = {_DROP_WAIT_S}"
        )

    def _try_lock(self, name: str, timeout_s: float) -> bool:
        wait_s = math.ceil(min(timeout_s, _LONGEST_WAIT_S))
        ((locked,),) = self._rows(f"SELECT GET_LOCK('{_lock_name(name)}', {wait_s})")
        return bool(locked)

    def _unlock(self, name: str) -> None:
        self._rows(f"SELECT RELEASE_LOCK('{_lock_name(name)}')")

    def databases(self, base: str) -> Mapping[str, str]:
        """The databases made from ``base``: what is noted beside each, empty if nothing is."""
        rows = self._rows(
            "SELECT schema_name, coalesce(routine_comment, '') FROM information_schema.schemata "
            "LEFT JOIN information_schema.routines "
            "ON routine_schema = schema_name AND routine_name = :note "
            "WHERE locate(:mark, schema_name) > 0 ORDER BY schema_name",
            note=NOTE,
            mark=MARK,
        )
        return {name: text for name, text in rows if (ours := parsed(name)) and ours.base == base}

    def clone(self, template: str, name: str) -> None:
        """Make one with all that ``template`` has."""
        Copy(self._rows, self._do, template, name).make()

    def seal(self, name: str) -> None:
        """End what is connected to a database."""
        threads = self._rows(
            "SELECT id FROM information_schema.processlist "
            "WHERE db = :name AND id <> connection_id()",
            name=name,
        )
        for (thread,) in threads:
            try:
                self._do(f"KILL {thread}")
            except DBAPIError as error:
                if _number(error) != _NO_SUCH_THREAD:  # It has left by itself.
                    raise

    def note(self, name: str, text: str) -> None:
        """Note ``text`` beside a database, which goes with it."""
        procedure = f"{quoted(name)}.{quoted(NOTE)}"
        try:
            self._do(f"ALTER PROCEDURE {procedure} COMMENT '{text}'")
        except DBAPIError as error:
            if _number(error) != _NO_SUCH_PROCEDURE:
                raise
            self._do(f"CREATE PROCEDURE {procedure}() COMMENT '{text}' DO 0")

    def connections(self, name: str) -> int:
        """How many connections to a database there are, that the user may know of."""
        ((count,),) = self._rows(
            "SELECT count(*) FROM information_schema.processlist WHERE db = :name", name=name
        )
        return int(count)

    def drop(self, name: str, *, even_if_used: bool) -> None:
        """Remove a database if it is there."""
        for attempt in self._retry:
            with attempt:
                if even_if_used:
                    self.seal(name)
                elif self.connections(name):
                    raise DatabaseInUse(f"somebody is connected to {name}")
                self._drop(name)

    def now_s(self) -> float:
        """Seconds since 1970, on the server's clock."""
        ((now_s,),) = self._rows("SELECT unix_timestamp(now(6))")
        return float(now_s)

    def _drop(self, name: str) -> None:
        try:
            self._do(f"DROP DATABASE IF EXISTS {quoted(name)}")
        except DBAPIError as error:
            if _number(error) != _LOCK_WAIT_TIMEOUT:
                raise
            raise DatabaseInUse(f"a transaction has locked tables of {name}") from error


def _lock_name(name: str) -> str:
    """What MySQL takes for the name of a lock: at most 64 characters."""
    return f"markersteal {sha256(name.encode()).hexdigest()[:40]}"


def _number(error: DBAPIError) -> int:
    """The number of an error."""
    with suppress(IndexError, TypeError, ValueError):
        return int(error.orig.args[0])  # type: ignore[union-attr] # without one: AttributeError
    return 0
