"""URLs of databases: another name in them, and nothing else changed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_markersteal.safety.databases.names import (
    MOST_BYTES,
    base_of,
    parsed,
    slot_name,
    template_name,
)
from pytest_markersteal.safety.databases.urls import parse, parse_all, slot_urls

REWRITTEN = [
    "postgresql://localhost/{shop}",
    "postgresql://ann:p%40ss%2Fword@db.example:5433/{shop}?sslmode=require&application_name=a/b",
    "postgresql://ann:raw/slash?#!@localhost/{shop}",
    "postgresql://ann@[::1]:5432/{shop}",
    "postgresql:///{shop}?host=/var/run/postgresql",
    "postgresql://%2Fvar%2Frun%2Fpostgresql/{shop}",
    "postgresql+asyncpg://ann:secret@localhost/{shop}?ssl=require",
    "postgresql+psycopg://ann@/{shop}?host=h1:1&host=h2:2",
    "postgres://ann:secret@ec2.example:5432/{d4f5}",
    "POSTGRES://localhost/{Shop}",
    "mysql+aiomysql://root@/{shop}?unix_socket=/run/mysqld/mysqld.sock&charset=utf8mb4",
    "mariadb+mariadbconnector://root@127.0.0.1:3306/{shop}",
    "sqlite:///{shop}.db",
    "sqlite:///data/test.d/{shop}.sqlite3",
    "sqlite:////var/tmp/{shop}",
    "sqlite:///{.hidden}",
    "sqlite:///{10:30}.db",
    "sqlite+aiosqlite:///./{shop}.db?timeout=5",
    "sqlite:///file:{shop}.db?mode=rwc&uri=true",
    "sqlite:///file:///var/tmp/{my%20shop}.db?uri=true",
]
"""The name in braces."""

IN_MEMORY = [
    "sqlite://",
    "sqlite:///",
    "sqlite:///:memory:",
    "sqlite://:memory:",
    "sqlite+aiosqlite:///:memory:",
    "sqlite:///file::memory:?cache=shared&uri=true",
    "sqlite:///file:shop?mode=memory&cache=shared&uri=true",
]


@pytest.mark.parametrize("marked", REWRITTEN)
def test_only_the_name_changes(marked: str) -> None:
    """Drivers, users, passwords, sockets, folders, endings and queries stay byte for byte."""
    before, name, after = re.split("[{}]", marked)
    url = parse(f"{before}{name}{after}")
    assert url.name == name
    assert str(url.named("other")) == f"{before}other{after}"


@pytest.mark.parametrize("text", IN_MEMORY)
def test_a_database_in_memory_stays_as_it_is(text: str) -> None:
    """It is each process's own anyway."""
    url = parse(text)
    assert url.is_in_memory
    assert str(url.named("other")) == text


def test_each_slot_of_each_run_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two runs at the same time have the same slots."""
    found = set()
    for run in ("one", "two"):
        for slot in ("0", "1"):
            monkeypatch.setenv("PYTEST_MARKERSTEAL_RUN", run)
            monkeypatch.setenv("PYTEST_MARKERSTEAL_SLOT", slot)
            urls = slot_urls(parse_all(["A", "B"], {"A": "sqlite:///a.db", "B": "sqlite://"}))
            assert str(urls["B"]) == "sqlite://"
            found.add(str(urls["A"]))
    assert len(found) == 4


def test_drivers_users_and_options_are_not_the_place() -> None:
    """Two variables can lead to one database, once with a synchronous driver and once without."""
    urls = [
        "postgresql+asyncpg://ann:secret@localhost:5433/shop?ssl=require",
        "postgres://bob@localhost:5433/shop?sslmode=require",
    ]
    assert len({parse(text).place for text in urls}) == 1
    others = [
        "postgresql://localhost:5433/bank",
        "postgresql://localhost:5434/shop",
        "postgresql:///shop?host=/tmp",
        "postgresql:///shop?host=/run",
        "mysql://localhost:5433/shop",
    ]
    assert len({parse(text).place for text in [urls[0], *others]}) == 6


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("sqlite:///shop.db", "shop.db"),
        ("sqlite:////var/shop.db", "/var/shop.db"),
        ("sqlite:///file:a%20b.db?mode=rwc&uri=true", "a b.db"),
        ("sqlite:///file:///var/shop.db?uri=true", "/var/shop.db"),
        ("sqlite:///file:shop.db", "file:shop.db"),
    ],
)
def test_the_file_of_a_url(text: str, path: str) -> None:
    """As SQLite would open it; without ``uri=true`` all of it is a path."""
    assert parse(text).path == Path(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("shop.db", "this is no URL, such as postgresql://"),
        ("postgresql:/shop", "this is no URL"),
        ("oracle://localhost/shop", "no databases for URLs of 'oracle', only for .*mysql"),
        ("postgresql://ann:secret@localhost", "names no database: .* postgresql://localhost/shop"),
        ("mysql://localhost/?charset=utf8", "names no database"),
    ],
)
def test_what_has_no_database_is_a_usage_error(text: str, message: str) -> None:
    """It names the variable and what to write instead, and shows no password."""
    with pytest.raises(
        pytest.UsageError, match=f"^markersteal_databases: URL: .*{message}"
    ) as told:
        parse_all(["URL"], {"URL": text})
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("environ", [{}, {"URL": ""}])
def test_a_variable_that_is_not_set_is_a_usage_error(environ: dict[str, str]) -> None:
    """Rather than a database that workers share."""
    with pytest.raises(pytest.UsageError, match="the variable URL is not set: set it"):
        parse_all(["URL"], environ)


def test_names_say_what_they_are_of() -> None:
    """Of which slot, run or key, and of no others than ours."""
    slot, template = slot_name("shop", "run", 12), template_name("shop", b"key")
    assert (found := parsed(slot)) is not None
    assert (found.base, found.slot, found.is_template) == ("shop", 12, False)
    assert (found := parsed(template)) is not None
    assert (found.base, found.is_template) == ("shop", True)
    for other in ("shop", "shop_markersteal_0", "shop_markersteal_tt", f"{slot}_old"):
        assert parsed(other) is None


def test_long_names_are_cut_and_told_apart() -> None:
    """In bytes, as PostgreSQL counts, and not within a character."""
    names = ["é" * 40, "é" * 41]
    made = {slot_name(base_of(name), "run", 9999) for name in names}
    assert len(made) == 2
    assert all(len(name.encode()) <= MOST_BYTES for name in made)
    (short,) = {template_name(base_of("x" * 37), b"key")}
    assert short.startswith("x" * 37 + "_")
    assert len(short) <= MOST_BYTES


def test_a_name_made_from_one_of_ours_does_not_grow() -> None:
    """A pytest that a test starts inherits the URL of a slot."""
    for name in ("shop", "x" * 100):
        outer = slot_name(base_of(name), "outer", 1)
        assert base_of(outer) == base_of(name)
