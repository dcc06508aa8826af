"""What limits a run, in as few words as a table has room for."""

from __future__ import annotations

import pytest

from pytest_markersteal.core.floor import Limit
from pytest_markersteal.words import limit_label, limit_phrase


@pytest.mark.parametrize(
    ("limit", "label"),
    [
        (Limit("work", 9.0, 7), "work"),
        (Limit("test", 9.0, 1, 0), "test a.py::t"),
        (Limit("tests", 9.0, 5), "5 long tests"),
        (Limit("key", 9.0, 7, 0, "db"), "key db"),
        (Limit("group", 9.0, 7, 0, "slow"), "group slow"),
        (Limit("serial", 9.0, 7, 0), "serial"),
        (Limit("no_parallel", 9.0, 7, 0), "no_parallel"),
        (Limit("cores", 9.0, 7), "cores"),
    ],
)
def test_a_limit_has_a_label(limit: Limit, label: str) -> None:
    """Which names what is to be named."""
    assert limit_label(limit, "a.py::t") == label


@pytest.mark.parametrize(
    ("kind", "floor_s", "rest"),
    [
        ("no_parallel", 4.0, "; and 1.00 s for the others"),
        ("serial", 4.0, "; and 1.00 s for no_parallel tests"),
        ("serial", 3.01, ""),
        ("serial", 3.0, ""),
        ("serial", None, ""),
    ],
)
def test_a_limit_that_is_not_all_of_the_floor_says_what_the_rest_is(
    kind: str, floor_s: float | None, rest: str
) -> None:
    """Else the seconds beside each other are at odds."""
    told = limit_phrase(Limit(kind, 3.0, 2), None, 2, floor_s)
    assert told == limit_phrase(Limit(kind, 3.0, 2), None, 2) + rest


def test_busy_cores_are_a_limit() -> None:
    """Of all tests; the other phrases are those of the summary."""
    phrase = limit_phrase(Limit("cores", 9.0, 7), None, 4)
    assert phrase == "the cores: 7 tests keep all of them busy for 9.00 s"
