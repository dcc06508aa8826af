"""Who counts as silent for too long, by a clock that the test sets."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pytest_markersteal.distribution.silence import Silence
from pytest_markersteal.options import host_timeout_s

LIMIT_S = 8.0


@pytest.fixture
def silence() -> Silence:
    return Silence(LIMIT_S, now_s=100.0)


def look(silence: Silence, *moments_s: float) -> list[list[str]]:
    """What each look finds."""
    return [silence.look(100.0 + moment_s) for moment_s in moments_s]


def test_the_limit_is_reached_in_several_looks(silence: Silence) -> None:
    """A limit is looked at four times, so that one late look is no reason to give anybody up."""
    assert silence.pause_s == LIMIT_S / 4
    assert Silence(600.0, 0.0).pause_s == 15.0


def test_nobody_is_late_before_the_limit(silence: Silence) -> None:
    """Silence counts from the first look after the last sign, and is told once."""
    silence.heard("gw0")
    assert look(silence, 2, 4, 6, 8) == [[], [], [], []]
    assert look(silence, 10, 12) == [["gw0"], []]


def test_a_sign_begins_it_anew(silence: Silence) -> None:
    """Only the one that gives no signs is told."""
    for name in ("gw0", "gw1"):
        silence.heard(name)
    found = []
    for moment_s in range(2, 40, 2):
        silence.heard("gw1")
        found += look(silence, moment_s)
    assert [name for names in found for name in names] == ["gw0"]


def test_who_left_is_not_missed(silence: Silence) -> None:
    """Neither is who was never heard."""
    silence.heard("gw0")
    silence.forget("gw0")
    silence.forget("gw1")
    assert look(silence, *range(2, 40, 2)) == [[]] * 19


def test_time_in_which_nobody_listened_proves_nothing(silence: Silence) -> None:
    """An hour in which this process was stopped counts as two pauses."""
    silence.heard("gw0")
    assert look(silence, 2, 3600, 3602) == [[], [], []]
    assert look(silence, 3604) == [["gw0"]]


def chosen(said: str) -> Any:
    """A configuration whose ini file says ``said`` of the limit."""
    return SimpleNamespace(getini={"markersteal_host_timeout_s": said}.__getitem__)


def test_the_limit_is_a_number_of_seconds() -> None:
    """None for ever, which is written as 0."""
    assert host_timeout_s(chosen("2.5")) == 2.5
    assert host_timeout_s(chosen("0")) is None


@pytest.mark.parametrize("said", ["-1", "nan", "soon", "1e99", ""])
def test_anything_else_is_refused(said: str) -> None:
    """With what it was, and what to write instead."""
    with pytest.raises(pytest.UsageError, match=r"^markersteal_host_timeout_s: .* is no number"):
        host_timeout_s(chosen(said))
