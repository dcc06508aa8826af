"""A database of MySQL or MariaDB copied within its server, without a program such as mysqldump.

What the server says that would make a thing makes it in the copy too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_markersteal.safety.databases.administration import needing_extra

with needing_extra():
    from sqlalchemy.exc import DBAPIError

NOTE = "_markersteal"
"""The procedure that has the note about a database, which is not copied."""

_MODE = "NO_AUTO_VALUE_ON_ZERO"
"""In which tables take whatever was in the others."""

_STATEMENT = {
    "TABLE": 1,
    "SEQUENCE": 1,
    "VIEW": 1,
    "FUNCTION": 2,
    "PROCEDURE": 2,
    "TRIGGER": 2,
    "EVENT": 3,
}
"""Which column of SHOW CREATE says it; where it is not number 1, that is the mode to do it in."""


def quoted(name: str) -> str:
    """A name as it is written in statements, whatever the mode of the server."""
    escaped = name.replace("`", "``")
    return f"`{escaped}`"


@dataclass(frozen=True, slots=True)
class Copy:
    """Of the database ``source``, to be called ``target``, which must not be there yet."""

    rows: Callable[[str], Sequence[Sequence[Any]]]
    """Asks the server."""
    do: Callable[[str], None]
    """Tells it to do something."""
    source: str
    target: str

    def make(self) -> None:
        """Copy tables with data, sequences, routines, views, triggers and events."""
        ((mode, checks),) = self.rows("SELECT @@sql_mode, @@foreign_key_checks")
        try:
            # Keys may refer to tables that are still to come.
            self.do("SET SESSION foreign_key_checks = 0")
            self._set_mode(_MODE)
            self._make_database()
            self._copy_tables()
            self._copy_routines()
            self._copy_views()
            self._copy_all("TRIGGER", "trigger_name", "triggers", "trigger_schema")
            self._copy_all("EVENT", "event_name", "events", "event_schema")
        finally:
            self.do("USE information_schema")  # What uses the copy counts as connected to it.
            self._set_mode(mode)
            self.do(f"SET SESSION foreign_key_checks = {checks}")

    def _make_database(self) -> None:
        ((charset, collation),) = self.rows(
            "SELECT default_character_set_name, default_collation_name "
            f"FROM information_schema.schemata WHERE schema_name = {_literal(self.source)}"
        )
        self.do(
            f"CREATE DATABASE {quoted(self.target)} CHARACTER SET {charset} COLLATE {collation}"
        )

    def _copy_tables(self) -> None:
        for name in self._names("table_name", "tables", "table_schema", "table_type = 'SEQUENCE'"):
            self._make("SEQUENCE", name)
            there = f"{quoted(self.source)}.{quoted(name)}"
            ((next_value,),) = self.rows(f"SELECT next_not_cached_value FROM {there}")
            copy = f"{quoted(self.target)}.{quoted(name)}"
            self.rows(f"SELECT setval({copy}, {next_value}, 0)")
        is_table = "table_type NOT IN ('SEQUENCE', 'VIEW')"
        for name in self._names("table_name", "tables", "table_schema", is_table):
            self._make("TABLE", name)
            self._copy_data(name)

    def _copy_data(self, table: str) -> None:
        # Named, because some can't be set, and others are hidden from '*'.
        is_data = f"table_name = {_literal(table)} AND coalesce(generation_expression, '') = ''"
        columns = self._names("column_name", "columns", "table_schema", is_data)
        if not columns:
            return
        listed = ", ".join(map(quoted, columns))
        self.do(
            f"INSERT INTO {quoted(self.target)}.{quoted(table)} ({listed}) "
            f"SELECT {listed} FROM {quoted(self.source)}.{quoted(table)}"
        )

    def _copy_routines(self) -> None:
        for kind in ("FUNCTION", "PROCEDURE"):
            chosen = f"routine_type = '{kind}' AND routine_name <> '{NOTE}'"
            self._copy_all(kind, "routine_name", "routines", "routine_schema", chosen)

    def _copy_views(self) -> None:
        """In whatever order they build on each other."""
        left = self._names("table_name", "views", "table_schema")
        while left:
            failed = []
            for name in left:
                try:
                    self._make("VIEW", name)
                except DBAPIError as error:
                    failed.append(name)
                    last = error
            if len(failed) == len(left):
                raise last
            left = failed

    def _copy_all(
        self, kind: str, column: str, table: str, schema: str, chosen: str = "TRUE"
    ) -> None:
        for name in self._names(column, table, schema, chosen):
            self._make(kind, name)

    def _make(self, kind: str, name: str) -> None:
        self.do(f"USE {quoted(self.source)}")
        (told,) = self.rows(f"SHOW CREATE {kind} {quoted(name)}")
        self.do(f"USE {quoted(self.target)}")
        column = _STATEMENT[kind]
        if column > 1:
            self._set_mode(told[1])
        # The database that is in use is not named, but perhaps in views.
        self.do(told[column].replace(f"{quoted(self.source)}.", f"{quoted(self.target)}."))
        self._set_mode(_MODE)

    def _names(self, column: str, table: str, schema: str, chosen: str = "TRUE") -> list[str]:
        order = "ordinal_position" if table == "columns" else column
        rows = self.rows(
            f"SELECT {column} FROM information_schema.{table} "
            f"WHERE {schema} = {_literal(self.source)} AND {chosen} ORDER BY {order}"
        )
        return [name for (name,) in rows]

    def _set_mode(self, mode: str) -> None:
        self.do(f"SET SESSION sql_mode = '{mode}'")


def _literal(text: str) -> str:
    """Text as it is written in statements, whatever the mode of the server."""
    return f"0x{text.encode().hex()}" if text else "''"
