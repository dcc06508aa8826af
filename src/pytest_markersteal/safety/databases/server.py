"""What is asked of each kind of server, and how to come to one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from pytest_markersteal.safety.databases.urls import DatabaseUrl, Family


class DatabaseInUse(RuntimeError):  # noqa: N818 - reads as what happened
    """Somebody else uses a database; the message says who, if that is known."""


class Server(Protocol):
    """The databases where one URL leads.

    Names of databases are those in ``names``. Of the threads of a process one may call ``beat``
    while another one does anything else.
    """

    def lock(self, name: str, timeout_s: float) -> bool:
        """Take the lock called ``name``; False if another holder has it for so long.

        It dies with this process, however it dies. Any text can be a name.
        """

    def unlock(self, name: str) -> None:
        """Give back a lock that this has."""

    def databases(self, base: str) -> Mapping[str, str]:
        """The databases made from ``base``: what is noted beside each, empty if nothing is."""

    def create(self, name: str) -> None:
        """Make an empty one."""

    def clone(self, template: str, name: str) -> None:
        """Make one with all that ``template`` has, which must be sealed.

        ``DatabaseInUse`` if that is used, and still is after some time.
        """

    def seal(self, name: str) -> None:
        """End what is connected to a database, so that it can be cloned."""

    def note(self, name: str, text: str) -> None:
        """Note ``text`` beside a database: printable ASCII without quotes and backslashes."""

    def beat(self, name: str, text: Callable[[float], str]) -> None:
        """Note the text of the time that it is, as ``now_s`` says.

        Connects and locks anew if the connection was cut; errors are left for the next time.
        """

    def connections(self, name: str) -> int:
        """How many connections to a database there are, as far as the server tells."""

    def drop(self, name: str, *, even_if_used: bool) -> None:
        """Remove a database if it is there.

        What is connected to it is cut off with ``even_if_used``, otherwise ``DatabaseInUse``.
        """

    def now_s(self) -> float:
        """Seconds since 1970, on the server's clock."""

    def close(self) -> None:
        """Give back all locks and disconnect."""


def connect(url: DatabaseUrl) -> Server:
    """The server of ``url``, which may not be in memory.

    ``ModuleNotFoundError`` says what to install, if something is missing.
    """
    match url.family:
        case Family.POSTGRESQL:
            from pytest_markersteal.safety.databases.postgresql import PostgresqlServer

            return PostgresqlServer(url)
        case Family.MYSQL:
            from pytest_markersteal.safety.databases.mysql import MysqlServer

            return MysqlServer(url)
        case Family.SQLITE:
            from pytest_markersteal.safety.databases.sqlite import SqliteFiles

            return SqliteFiles(url)
