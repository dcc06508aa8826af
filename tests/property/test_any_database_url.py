"""Any URL of a database: what SQLAlchemy reads in it stays, but for the name."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import URL, make_url

from pytest_markersteal.safety.databases.names import MOST_BYTES, base_of, parsed, slot_name
from pytest_markersteal.safety.databases.urls import parse

TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
NAME = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="?"), min_size=1)
SERVERS = st.sampled_from(["postgresql", "postgresql+asyncpg", "mysql+pymysql", "mariadb"])
HOST = st.sampled_from([None, "localhost", "db.example", "::1", "%2Fvar%2Frun"])


@st.composite
def server_urls(draw: st.DrawFn) -> URL:
    """Of servers, with anything in users, passwords, names and queries."""
    user = draw(st.none() | TEXT.filter(bool))
    return URL.create(
        draw(SERVERS),
        username=user,
        password=None if user is None else draw(st.none() | TEXT),
        host=draw(HOST),
        port=draw(st.none() | st.integers(1, 65535)),
        database=draw(NAME),
        query=draw(st.dictionaries(TEXT.filter(bool), TEXT.filter(bool), max_size=3)),
    )


@given(server_urls(), st.text("abc_", min_size=1))
def test_only_the_name_differs_for_sqlalchemy(url: URL, name: str) -> None:
    """Users, passwords, hosts, ports and queries are what they were."""
    text = url.render_as_string(hide_password=False)
    read = make_url(text)
    found = parse(text)
    assert make_url(str(found.named(name))) == read.set(database=name)


@given(NAME, st.text(), st.integers(0, 9999))
def test_names_fit_and_tell_their_slot(name: str, run: str, slot: int) -> None:
    """However long the name is that they are made from, and however often."""
    made = slot_name(base_of(name), run, slot)
    assert len(made.encode(errors="surrogateescape")) <= MOST_BYTES
    assert "%" not in made
    known = parsed(made)
    assert known is not None
    assert (known.base, known.slot) == (base_of(name), slot)
    assert base_of(made) == base_of(name)
