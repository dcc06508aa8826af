"""What the ini file says of resources."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_markersteal.holdings import Holding
from pytest_markersteal.options import check_deadline_s
from pytest_markersteal.resources import Resource, resources_in


def test_a_number_is_a_capacity_and_anything_else_are_names() -> None:
    """Names may look like numbers, unless there is only one; space around them is nothing."""
    lines = [
        "db = 4",
        "account=alice ,  bob,carol d.",
        "one = alice",
        "port = 1, 2",
        "ip = 10.0.0.1",
    ]
    assert resources_in(lines) == {
        "db": Resource(4),
        "account": Resource(3, ("alice", "bob", "carol d.")),
        "one": Resource(1, ("alice",)),
        "port": Resource(2, ("1", "2")),
        "ip": Resource(1, ("10.0.0.1",)),
    }


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["db"], "not of the form"),
        (["db ="], "not of the form"),
        (["= alice"], "not of the form"),
        (["db = 0"], "whole number of at least 1"),
        (["db = -3"], "whole number of at least 1"),
        (["db = 1.5"], "whole number of at least 1"),
        (["db = alice,, bob"], "without a name: leave out a comma"),
        (["db = alice, bob,"], "without a name: leave out a comma"),
        (["db = ,"], "without a name: leave out a comma"),
        (["db = alice, bob, alice"], "names 'alice' twice: two tests would have it"),
        (["db = 1", "db = alice"], "key 'db' is given twice"),
    ],
)
def test_what_is_wrong_is_said(lines: list[str], says: str) -> None:
    """With the line."""
    with pytest.raises(ValueError, match=re.escape(says)):
        resources_in(lines)


@pytest.mark.parametrize("said", ["soon", "0", "-1", "nan", "inf", ""])
def test_a_deadline_is_a_time(said: str) -> None:
    """Above none, and one that ends."""
    config: Any = SimpleNamespace(getini={"markersteal_check_deadline_s": said}.__getitem__)
    with pytest.raises(pytest.UsageError, match=f"'{said}' is no number of seconds above 0"):
        check_deadline_s(config)


def test_a_holding_of_one_instance_has_its_name() -> None:
    """Where it has one; with more of them, ``names`` is the way to ask."""
    assert Holding("account", (1,), ("bob",)).name == "bob"
    with pytest.raises(ValueError, match="instance 1 of 'account' has no name"):
        _ = Holding("account", (1,)).name
    with pytest.raises(ValueError, match=r"use \.instances or \.names"):
        _ = Holding("account", (0, 1), ("alice", "bob")).name
