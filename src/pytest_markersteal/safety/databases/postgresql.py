"""PostgreSQL: clones are ``CREATE DATABASE … TEMPLATE``, notes are comments."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from pytest_markersteal.safety.databases.administration import needing_extra
from pytest_markersteal.safety.databases.names import MARK, parsed
from pytest_markersteal.safety.databases.server import DatabaseInUse
from pytest_markersteal.safety.databases.sql_server import SqlServer
from pytest_markersteal.safety.databases.urls import DatabaseUrl
from pytest_markersteal.sync.clocks import SYSTEM_CLOCK, Clock
from pytest_markersteal.sync.retrying import RetryWithBackoff

with needing_extra():
    import sqlalchemy
    from sqlalchemy.exc import DBAPIError

_DATABASE = "postgres"
"""Where locks are: they are not the server's but a database's, so all must meet in one."""

_IN_USE = "55006"
_LOCK_NOT_AVAILABLE = "55P03"
_UNKNOWN_SETTING = "42704"

_LONGEST_WAIT_MS = 2**31 - 1


class PostgresqlServer(SqlServer):
    """A server of PostgreSQL 13 or newer, whose role may create databases."""

    encoding = "utf8"

    def __init__(self, url: DatabaseUrl, clock: Clock = SYSTEM_CLOCK) -> None:
        super().__init__(url, _DATABASE)
        # The server itself waits five seconds before it says that a database is in use.
        self._retry = RetryWithBackoff(DatabaseInUse, attempts=6, deadline_s=60.0, clock=clock)

    def _prepare(self, connection: sqlalchemy.Connection) -> None:
        # Roles can have limits, which are meant for an application.
        for setting in ("statement_timeout", "idle_session_timeout"):
            try:
                connection.exec_driver_sql(f"SET {setting} = 0")
            except DBAPIError as error:
                if _sqlstate(error) != _UNKNOWN_SETTING:  # Idle sessions end since 14.
                    raise

    def _try_lock(self, name: str, timeout_s: float) -> bool:
        if timeout_s <= 0:
            ((locked,),) = self._rows(f"SELECT pg_try_advisory_lock({_lock_key(name)})")
            return bool(locked)
        wait_ms = int(min(timeout_s * 1000, _LONGEST_WAIT_MS))
        self._do(f"SET lock_timeout = {wait_ms}")
        try:
            self._rows(f"SELECT pg_advisory_lock({_lock_key(name)})")
        except DBAPIError as error:
            if _sqlstate(error) != _LOCK_NOT_AVAILABLE:
                raise
            return False
        finally:
            self._do("SET lock_timeout = 0")
        return True

    def _unlock(self, name: str) -> None:
        self._rows(f"SELECT pg_advisory_unlock({_lock_key(name)})")

    def databases(self, base: str) -> Mapping[str, str]:
        """The databases made from ``base``: what is noted beside each, empty if nothing is."""
        rows = self._rows(
            "SELECT datname, coalesce(shobj_description(oid, 'pg_database'), '') "
            "FROM pg_database WHERE position(:mark IN datname) > 0 ORDER BY datname",
            mark=MARK,
        )
        return {name: text for name, text in rows if (ours := parsed(name)) and ours.base == base}

    def clone(self, template: str, name: str) -> None:
        """Make one with all that ``template`` has."""
        for attempt in self._retry:
            with attempt:
                self._unless_used(f"CREATE DATABASE {_quoted(name)} TEMPLATE {_quoted(template)}")

    def seal(self, name: str) -> None:
        """End what is connected to a database, and let nothing connect again."""
        # What prepared it may have left connections, as engines with a pool do.
        self._do(f"ALTER DATABASE {_quoted(name)} ALLOW_CONNECTIONS false")
        self._rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name",
            name=name,
        )

    def note(self, name: str, text: str) -> None:
        """Note ``text`` beside a database, which goes with it."""
        self._do(f"COMMENT ON DATABASE {_quoted(name)} IS '{text}'")

    def connections(self, name: str) -> int:
        """How many connections to a database there are."""
        ((count,),) = self._rows(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = :name", name=name
        )
        return int(count)

    def drop(self, name: str, *, even_if_used: bool) -> None:
        """Remove a database if it is there."""
        force = " WITH (FORCE)" if even_if_used else ""
        self._unless_used(f"DROP DATABASE IF EXISTS {_quoted(name)}{force}")

    def now_s(self) -> float:
        """Seconds since 1970, on the server's clock."""
        ((now_s,),) = self._rows("SELECT extract(epoch FROM clock_timestamp())")
        return float(now_s)

    def _unless_used(self, statement: str) -> None:
        try:
            self._do(statement)
        except DBAPIError as error:
            if _sqlstate(error) != _IN_USE:
                raise
            raise DatabaseInUse(f"{statement}: {error.orig}") from error


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _lock_key(name: str) -> int:
    """What PostgreSQL takes for the name of a lock: 64 bits with a sign."""
    return int.from_bytes(sha256(f"markersteal {name}".encode()).digest()[:8], "big", signed=True)


def _sqlstate(error: DBAPIError) -> str:
    """The code of an error, which each driver has elsewhere."""
    original = error.orig
    for attribute in ("sqlstate", "pgcode"):
        code = getattr(original, attribute, None)
        if code is not None:
            return str(code)
    match getattr(original, "args", ()):
        case [{"C": code}]:
            return str(code)
    return ""
