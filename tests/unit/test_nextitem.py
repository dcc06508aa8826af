"""The stand-in for the next item."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from pytest_markersteal.distribution.nextitem import NOWHERE, NextItem, bind


class Thing:
    name = "thing"

    def listchain(self) -> list[str]:
        return ["session", self.name]


SESSION = SimpleNamespace(nodeid="", parent=None)


def stand_in_for(thing: object) -> tuple[NextItem, list[int]]:
    asked: list[int] = []

    def choose() -> object:
        asked.append(1)
        return thing

    # Things stand for items, as all that matters here is that attributes are passed on.
    return NextItem(choose, SESSION), asked  # type: ignore[arg-type]


def test_nobody_is_asked_before_the_first_look() -> None:
    """Making a stand-in binds nothing; looking at it binds once."""
    stand_in, asked = stand_in_for(Thing())
    assert not asked
    assert stand_in
    assert stand_in.name == "thing"
    assert stand_in.listchain() == ["session", "thing"]
    assert len(asked) == 1


def test_it_is_what_it_stands_for() -> None:
    """Equality, hash, repr, type and attributes are those of the item."""
    thing = Thing()
    stand_in, _ = stand_in_for(thing)
    assert stand_in == thing
    assert thing == stand_in
    assert hash(stand_in) == hash(thing)
    assert repr(stand_in) == repr(thing)
    assert isinstance(stand_in, Thing)
    stand_in.name = "changed"
    assert thing.name == "changed"
    assert bind(stand_in) is thing


def test_without_a_next_item_it_is_as_false_as_none() -> None:
    """pytest's own idiom for teardown works on it."""
    stand_in, _ = stand_in_for(None)
    assert not stand_in
    assert ((stand_in and stand_in.listchain()) or []) == []
    assert stand_in == None  # noqa: E711


@pytest.mark.parametrize("thing", [None, SESSION], ids=["None", "session"])
def test_without_a_next_item_it_is_unlike_any_item(thing: object) -> None:
    """Who has compared it with None by ``is``, and goes on, finds what no other item has."""
    stand_in, _ = stand_in_for(thing)
    assert (stand_in.nodeid, stand_in.parent) == ("", None)
    assert stand_in.module is None
    assert stand_in.location[0] == ""
    assert "db" not in stand_in.fixturenames
    assert not hasattr(stand_in, "callspec")


def test_test_functions_still_have_what_it_stands_in_for(request: pytest.FixtureRequest) -> None:
    """And sessions have not."""
    for name in NOWHERE:
        assert hasattr(request.node, name)
        assert not hasattr(request.session, name)
