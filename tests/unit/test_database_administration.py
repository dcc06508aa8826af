"""By what URL and driver databases are made."""

from __future__ import annotations

import importlib.util

import pytest

from pytest_markersteal.safety.databases import administration
from pytest_markersteal.safety.databases.administration import administrative_url
from pytest_markersteal.safety.databases.urls import parse


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The modules of drivers that are taken to be there."""
    modules = {"psycopg", "pg8000", "pymysql"}
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: object() if name in modules else None
    )
    return modules


@pytest.mark.parametrize(
    ("text", "administrative"),
    [
        (
            "postgresql+psycopg://ann:s%40@/shop?host=/run&options=-cx%3D1",
            "postgresql+psycopg://ann:s%40@/postgres?host=%2Frun&options=-cx%3D1",
        ),
        (
            "postgresql+asyncpg://ann@db/shop?host=/run&server_settings=x",
            "postgresql+psycopg://ann@db/postgres?host=%2Frun",
        ),
        ("postgres://ann@db/shop?conn_max_age=600", "postgresql+psycopg://ann@db/postgres"),
        ("postgresql+pg8000://db:1/shop", "postgresql+pg8000://db:1/postgres"),
        ("postgresql+psycopg2://db/shop?sslmode=require", None),
        ("mysql+aiomysql://ann@/shop?unix_socket=/s&charset=x", None),
    ],
)
def test_the_driver_is_the_users_or_one_that_is_installed(
    text: str, administrative: str | None, installed: set[str]
) -> None:
    """Asynchronous ones are replaced, with only those options that all drivers know."""
    database = None if text.startswith("mysql") else "postgres"
    url = administrative_url(parse(text), database)
    expected = (
        administrative
        or {
            "postgresql": "postgresql+psycopg://db/postgres?sslmode=require",
            "mysql": "mysql+pymysql://ann@?unix_socket=%2Fs",
        }[parse(text).family.value]
    )
    assert url.render_as_string(hide_password=False) == expected


def test_without_a_driver_the_error_says_what_to_install(installed: set[str]) -> None:
    """One that is not asynchronous."""
    installed.clear()
    with pytest.raises(ModuleNotFoundError, match=r"psycopg, psycopg2, .*'psycopg\[binary\]'"):
        administrative_url(parse("postgresql+asyncpg://localhost/shop"), "postgres")
    assert administration.DRIVERS
