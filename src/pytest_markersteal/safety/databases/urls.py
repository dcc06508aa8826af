"""Database URLs: what they lead to, and the same URL with another name in it.

Only the name changes. All around it stays as it is, byte for byte: besides SQLAlchemy many a
library reads such URLs, each with an idea of its own of what is escaped, so none may write them
anew. That also spares processes that only need the URL the import of SQLAlchemy.
"""

from __future__ import annotations

import enum
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs, unquote

import pytest

from pytest_markersteal import place
from pytest_markersteal.options import DATABASES
from pytest_markersteal.safety.databases.names import base_of, slot_name

_URL = re.compile(
    r"(?P<scheme>[A-Za-z][\w.-]*)(?:\+[\w.-]+)?://"
    r"(?:[^:/@]*(?::[^@]*)?@)?"  # user and password, which may have slashes in it
    r"(?P<host>\[[^]/?]*\](?::[^/?]*)?|[^/?]*)"
    r"(?:/(?P<database>[^?]*))?"
    r"(?:\?(?P<query>.*))?",
    re.DOTALL,
)
_IN_MEMORY = ("", ":memory:", "file:", "file::memory:")
_PLACES = ("host", "port", "service", "unix_socket")
"""Where a server is, if the query says it."""


class Family(enum.Enum):
    """Servers of one kind."""

    POSTGRESQL = "postgresql"
    MYSQL = "mysql"
    SQLITE = "sqlite"


_FAMILIES = {
    "postgresql": Family.POSTGRESQL,
    "postgres": Family.POSTGRESQL,  # as Heroku and dj-database-url write it
    "postgis": Family.POSTGRESQL,
    "mysql": Family.MYSQL,
    "mariadb": Family.MYSQL,
    "sqlite": Family.SQLITE,
}


URLS = pytest.StashKey[Mapping[str, "DatabaseUrl"]]()
"""By variable: the URL for this slot."""


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """A URL in three pieces, of which the one in the middle is the ``name``.

    The name of an SQLite file is without its folder and its ending; one in memory has none.
    """

    family: Family
    before: str
    name: str
    after: str

    def __str__(self) -> str:
        return f"{self.before}{self.name}{self.after}"

    def named(self, name: str) -> DatabaseUrl:
        """The same place, with another name; what is in memory has none."""
        return replace(self, name=name) if self.name else self

    @property
    def is_in_memory(self) -> bool:
        """Whether each process, or each connection, has a database of its own anyway."""
        return not self.name

    @property
    def base(self) -> str:
        """The name that others are made from."""
        return base_of(self.name)

    @property
    def place(self) -> tuple[object, ...]:
        """What is equal for two URLs of one database, whatever their driver, user and options."""
        parts = _parts(str(self))
        if self.family is Family.SQLITE:
            return (self.family, self.path.absolute())
        query = parse_qs(parts["query"])
        return (self.family, parts["host"], self.name, *(str(query.get(key)) for key in _PLACES))

    @property
    def path(self) -> Path:
        """The file of an SQLite database."""
        parts = _parts(str(self))
        database = parts["database"]
        if not _is_uri(parts):
            return Path(database)
        path = database.removeprefix("file:")
        if path.startswith("//"):
            path = "/" + path[2:].partition("/")[2]  # An authority can be only this machine.
        return Path(unquote(path))


def parse(text: str) -> DatabaseUrl:
    """What a URL leads to; ``ValueError`` where that can't be said, without showing a password."""
    found = _URL.fullmatch(text)
    if found is None:
        raise ValueError(
            "this is no URL, such as postgresql://user:password@localhost/shop or sqlite:///shop.db"
        )
    family = _FAMILIES.get(found["scheme"].lower())
    if family is None:
        raise ValueError(
            f"there are no databases for URLs of {found['scheme']!r}, only for those of "
            f"{', '.join(_FAMILIES)}, each also with a driver, as in postgresql+psycopg"
        )
    parts = found.groupdict("")
    if family is Family.SQLITE and _has_no_file(parts):
        return DatabaseUrl(family, text, "", "")
    start, end = found.span("database")
    if start == end:
        raise ValueError(
            f"it names no database: write that behind the host, as in "
            f"{found['scheme']}://localhost/shop"
        )
    if family is Family.SQLITE:
        # From behind the folder to before the ending, of which '.hidden' has none.
        separators = "/\\:" if sys.platform == "win32" else "/:" if _is_uri(parts) else "/"
        start = max(start, *(text.rfind(each, start, end) + 1 for each in separators))
        dot = text.rfind(".", start + 1, end)
        end = end if dot == -1 else dot
    return DatabaseUrl(family, text[:start], text[start:end], text[end:])


def parse_all(variables: Iterable[str], environ: Mapping[str, str]) -> dict[str, DatabaseUrl]:
    """The URL in each of ``variables``; ``UsageError`` where there is none."""
    urls = {}
    for variable in variables:
        if not environ.get(variable):
            raise pytest.UsageError(
                f"{DATABASES}: the variable {variable} is not set: set it to the URL of the "
                "database, or take it out of the list"
            )
        try:
            urls[variable] = parse(environ[variable])
        except ValueError as error:
            raise pytest.UsageError(f"{DATABASES}: {variable}: {error}") from None
    return urls


def slot_urls(urls: Mapping[str, DatabaseUrl]) -> dict[str, DatabaseUrl]:
    """The same places, with the names for the slot and the run of this process."""
    run, slot = place.run_id(), place.worker_slot()
    return {variable: url.named(slot_name(url.base, run, slot)) for variable, url in urls.items()}


def _parts(text: str) -> dict[str, str]:
    found = _URL.fullmatch(text)
    return {} if found is None else found.groupdict("")


def _is_uri(parts: Mapping[str, str]) -> bool:
    uri = parse_qs(parts["query"]).get("uri", [""])[-1]
    return parts["database"].startswith("file:") and uri.lower() in ("true", "1", "yes", "on")


def _has_no_file(parts: Mapping[str, str]) -> bool:
    modes = parse_qs(parts["query"]).get("mode", [])
    return parts["database"] in _IN_MEMORY or (_is_uri(parts) and "memory" in modes)
