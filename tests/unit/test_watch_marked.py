"""What watching says of tests that have marks."""

from __future__ import annotations

import pytest

from pytest_markersteal.core.suite import Claim, Demand, KeyScope, Mode
from pytest_markersteal.races.watch.findings import Use
from pytest_markersteal.races.watch.marked import Marks

BARE = Demand()
HELD = Demand((Claim("out"),))
READING = Demand((Claim("out", Mode.READ),))
HALF = Demand((Claim("out", units=2),))


def a_use(test: str, *, writes: bool = True, place: str = "", is_wide: bool = False) -> Use:
    return Use(test, None, place, is_wide, "gw0", 0, "call", "written", writes, 0, 1)


@pytest.mark.parametrize(
    ("demands", "apart"),
    [
        ([HELD, HELD], True),
        ([HELD, BARE], False),
        ([Demand(exclusive=True), BARE], True),
        ([Demand(exclusive=True), BARE, BARE], False),
        ([Demand(serial=True), Demand(serial=True)], True),
        ([Demand(serial=True), HELD], False),
        ([Demand(group="g"), Demand(group="g")], True),
        ([HELD, READING], True),
        ([READING, READING], False),
        ([HALF, HALF], False),
    ],
)
def test_marks_that_keep_writers_apart(demands: list[Demand], apart: bool) -> None:
    """All of them, two by two; units of a key that has more may be used together."""
    tests = {f"t{number}": demand for number, demand in enumerate(demands)}
    assert (
        Marks(tests, {"out": 4} if HALF in demands else {}).keep_apart(
            [a_use(test) for test in tests]
        )
        is apart
    )


def test_readers_may_meet() -> None:
    """Only pairs of which one writes need to be kept apart."""
    marks = Marks({"a": HELD, "b": READING, "c": READING})
    uses = [a_use("a"), a_use("b", writes=False), a_use("c", writes=False)]
    assert marks.keep_apart(uses)


def test_a_fixture_is_kept_apart_by_all_tests_that_may_need_it() -> None:
    """Those of its class or module; nothing keeps one of a session apart."""
    fixture = a_use("m.py::a", place="m.py")
    assert Marks({"m.py::a": HELD, "m.py::b": HELD, "n.py::c": BARE}).keep_apart([fixture])
    assert not Marks({"m.py::a": HELD, "m.py::b": BARE}).keep_apart([fixture])
    assert not Marks({"m.py::a": HELD}).keep_apart([a_use("m.py::a", is_wide=True)])


def test_marks_that_are_not_known_keep_nothing_apart() -> None:
    """As under xdist's own modes, which do not heed them."""
    assert not Marks().keep_apart([a_use("a"), a_use("b")])
    assert Marks().held_key([a_use("a"), a_use("b")]) is None


def test_the_key_that_most_hold() -> None:
    """The rest are to get that one, and no new one; keys per host, or held in part, are others."""
    uses = [a_use(test) for test in "abc"]
    assert Marks({"a": HELD, "b": HELD, "c": BARE}).held_key(uses) == ("out", ("a", "b"))
    assert Marks({"a": HELD, "b": BARE, "c": BARE}).held_key(uses) is None
    local = Demand((Claim("out", scope=KeyScope.HOST),))
    assert Marks({"a": local, "b": local, "c": BARE}).held_key(uses) is None
    assert Marks({"a": HELD, "b": HELD}, {"out": 2}).held_key(uses) is None
