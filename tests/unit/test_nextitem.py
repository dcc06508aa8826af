"""The stand-in for the next item."""

from __future__ import annotations

import pytest

from pytest_markersteal.distribution.nextitem import NextItem, bind


class Thing:
    name = "thing"

    def listchain(self) -> list[str]:
        return ["session", self.name]


def stand_in_for(thing: object) -> tuple[NextItem, list[int]]:
    asked: list[int] = []

    def choose() -> object:
        asked.append(1)
        return thing

    return NextItem(choose), asked  # type: ignore[arg-type]


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
    with pytest.raises(AttributeError, match="NoneType"):
        _ = stand_in.listchain
