"""The URL by which databases are made and dropped.

It leads to the server of the user's URL with a driver that is not asynchronous: the user's own if
it isn't, otherwise one that is installed.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pytest_markersteal.safety.databases.urls import DatabaseUrl, Family

if TYPE_CHECKING:
    from sqlalchemy import URL

DRIVERS: Mapping[Family, Mapping[str, str]] = {
    Family.POSTGRESQL: {"psycopg": "psycopg", "psycopg2": "psycopg2", "pg8000": "pg8000"},
    Family.MYSQL: {"pymysql": "pymysql", "mysqldb": "MySQLdb", "mariadbconnector": "mariadb"},
}
"""Synchronous drivers, as SQLAlchemy calls them, with their modules; the first ones first."""

_INSTALLABLE = {Family.POSTGRESQL: "psycopg[binary]", Family.MYSQL: "PyMySQL"}

_COMMON = {
    Family.POSTGRESQL: ("host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey"),
    Family.MYSQL: ("unix_socket",),
}
"""What queries can say that each driver understands, and which is of use here."""


@contextmanager
def needing_extra() -> Iterator[None]:
    """Around an import of what comes with the extra: where it is missing, say how to install it."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"worker_database and 'markersteal doctor' need {error.name}: "
            "pip install 'pytest-markersteal[db]'",
            name=error.name,
        ) from error


def administrative_url(url: DatabaseUrl, database: str | None) -> URL:
    """The URL of ``database`` on the server of ``url``; None where a server needs none.

    ``ModuleNotFoundError`` if no driver is installed.
    """
    with needing_extra():
        from sqlalchemy import make_url

    asked = make_url(str(url))
    driver = asked.drivername.partition("+")[2]
    chosen = _driver(url.family, driver)
    query = asked.query
    if driver != chosen or asked.get_backend_name() != url.family.value:
        # Another driver knows other options.
        query = asked.difference_update_query(
            [key for key in query if key not in _COMMON[url.family]]
        ).query
    drivername = f"{url.family.value}+{chosen}"
    return asked.set(drivername=drivername, query=query)._replace(database=database)


def _driver(family: Family, asked: str) -> str:
    known = DRIVERS[family]
    for name in (asked, *known):
        if name in known and importlib.util.find_spec(known[name]) is not None:
            return name
    raise ModuleNotFoundError(
        f"databases of {family.value} are made with one of {', '.join(known)}, of which none is "
        f"installed: pip install '{_INSTALLABLE[family]}'",
        name=next(iter(known.values())),
    )
