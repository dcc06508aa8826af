"""Marks, read into demands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pytest_markersteal.core.suite import Claim, Demand, KeyScope, Mode
from pytest_markersteal.markers import MarkError, demand_of, read_demands, refuse


class Item:
    """As much of a pytest item as the reader of marks looks at."""

    nodeid = "tests/test_a.py::test_b"
    location = ("tests/test_a.py", 6, "test_b")

    def __init__(self, *marks: pytest.MarkDecorator) -> None:
        self._marks = [decorator.mark for decorator in marks]

    def iter_markers(self) -> Iterator[pytest.Mark]:
        return iter(self._marks)


def read(*marks: Any, **capacities: int) -> Demand:
    return demand_of(Item(*marks), capacities)  # type: ignore[arg-type]


shared = pytest.mark.shared_resource


def test_a_test_without_marks_asks_for_nothing() -> None:
    """Other marks are none of our business."""
    assert read(pytest.mark.usefixtures("x")) == Demand()


def test_bare_marks_mean_the_key_shared() -> None:
    """With and without parentheses."""
    assert read(shared) == read(shared()) == Demand(claims=(Claim("shared"),))


def test_several_keys_and_several_marks_are_held_together() -> None:
    """The claims of function, class and module add up, sorted by key."""
    demand = read(shared("db", "cache"), shared("queue", mode="read"))
    assert demand.claims == (Claim("cache"), Claim("db"), Claim("queue", Mode.READ))


def test_of_two_claims_on_a_key_the_stronger_counts() -> None:
    """Writing beats reading, more units beat fewer, in either order."""
    for marks in ((shared("db", mode="read"), shared("db")), (shared("db"), shared("db"))):
        assert read(*marks).claims == (Claim("db"),)
    units = shared("db", units=2), shared("db", units=3), shared("db", mode="read")
    assert read(*units, db=4).claims == (Claim("db", Mode.WRITE, 3),)


def test_a_key_is_per_host_if_every_mark_of_a_test_says_so() -> None:
    """The session beats the host, in either order, whatever else the marks say."""
    assert read(shared("p", scope="session")) == read(shared("p"))
    per_host = shared("p", scope="host")
    assert read(per_host, per_host).claims == (Claim("p", scope=KeyScope.HOST),)
    for marks in ((per_host, shared("p")), (shared("p"), per_host)):
        assert read(*marks).claims == (Claim("p"),)
    reading = shared("p", mode="read", scope="host")
    assert read(reading, per_host).claims == (Claim("p", scope=KeyScope.HOST),)
    assert read(reading, shared("p", mode="read")).claims == (Claim("p", Mode.READ),)


def test_a_key_that_is_per_host_for_some_tests_only_is_refused() -> None:
    """One line for each such key, which names a test of either kind."""
    per_host, other = Item(shared("p", "q", scope="host")), Item(shared("p"))
    other.nodeid, other.location = "tests/test_c.py::test_d", ("tests/test_c.py", 8, "test_d")
    items: Any = [Item(), per_host, per_host, other, other]
    _, problems = read_demands(items, {})
    assert problems == [
        "tests/test_a.py:7: tests/test_a.py::test_b: key 'p' is claimed with scope='host' here, "
        "and without at tests/test_c.py:9: tests/test_c.py::test_d; write scope='host' for all "
        "tests of the key, or for none"
    ]
    assert read_demands(items[:3], {})[1] == []


def test_serial_no_parallel_and_groups() -> None:
    """Groups are named as loadgroup names them."""
    assert read(pytest.mark.serial, pytest.mark.no_parallel) == Demand(exclusive=True, serial=True)
    assert read(pytest.mark.xdist_group("b"), pytest.mark.xdist_group(name="a")).group == "a_b"
    assert read(pytest.mark.xdist_group).group == "default"


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        (shared(1), "non-empty string, not 1"),
        (shared(""), "non-empty string"),
        (shared("  "), "non-empty string"),
        (shared(["db"]), "non-empty string"),
        (shared("db", key="x"), "no argument 'key'"),
        (shared("db", mode="w"), "'read' or 'write', not 'w'"),
        (shared("db", mode=["read"]), "'read' or 'write'"),
        (shared("db", scope="machine"), "'session' or 'host', not 'machine'"),
        (shared("db", scope=None), "'session' or 'host', not None"),
        (shared("db", units=0), "whole number from 1, not 0"),
        (shared("db", units=True), "whole number"),
        (shared("db", units="2"), "whole number"),
        (shared("db", units=2), "exceed its capacity of 1"),
        (shared("db", mode="read", units=1), "not both"),
        (pytest.mark.serial("why"), "takes no arguments, but has \\('why'\\)"),
        (pytest.mark.no_parallel(reason="x"), "takes no arguments"),
    ],
)
def test_a_mark_used_wrongly_is_refused(mark: Any, said: str) -> None:
    """The error says what is wrong with it."""
    with pytest.raises(MarkError, match=said):
        read(mark)


def test_the_usage_error_names_file_line_and_test() -> None:
    """All problems are told at once, up to a limit."""
    items: Any = [Item(shared(1)), Item(), Item(shared(2))]
    demands, problems = read_demands(items, {})
    assert demands == [Demand()] * 3
    with pytest.raises(pytest.UsageError) as raised:
        refuse(problems)
    lines = str(raised.value).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("tests/test_a.py:7: tests/test_a.py::test_b: a key of")
    with pytest.raises(pytest.UsageError, match="5 more tests"):
        refuse(["problem"] * 25)


def test_no_problem_is_no_error() -> None:
    """Nothing is raised where nothing is wrong."""
    refuse([])
