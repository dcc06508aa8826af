"""What is different between two histories, but for the day on which they were written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from pytest_markersteal.durations.buckets import seconds_of
from pytest_markersteal.durations.history import History
from pytest_markersteal.durations.summing import function_sum

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Difference:
    """One function or fixture; seconds of all its tests, None where it is not there."""

    name: str
    before_s: float | None
    after_s: float | None

    @property
    def change_s(self) -> float:
        """By how much it is longer."""
        return (self.after_s or 0.0) - (self.before_s or 0.0)


def differences(before: History, after: History) -> list[Difference]:
    """All of them, the largest change first; start-ups are one."""
    found = [
        Difference(
            name,
            None if old is None else function_sum(old).total_s,
            None if new is None else function_sum(new).total_s,
        )
        for name, old, new in _different(before.functions, after.functions)
    ]
    found += [
        Difference(
            f"{fixture.scope} fixture {fixture.name} of {fixture.node or 'the session'}",
            None if old is None else seconds_of(old),
            None if new is None else seconds_of(new),
        )
        for fixture, old, new in _different(before.fixtures, after.fixtures)
    ]
    for selection, old, new in _different(before.startups, after.startups):
        name = f"start of {selection.path or '.'}" + (
            f" -m {selection.marks!r}" if selection.marks else ""
        )
        found.append(Difference(name, old and sum(old[:3]), new and sum(new[:3])))
    if before.platform != after.platform:
        found.append(Difference(f"platform {before.platform!r}, now {after.platform!r}", 0.0, 0.0))
    return sorted(found, key=lambda one: (-abs(one.change_s), one.name))


def _different(
    before: Mapping[_Key, _Value], after: Mapping[_Key, _Value]
) -> list[tuple[_Key, _Value | None, _Value | None]]:
    return [
        (key, before.get(key), after.get(key))
        for key in dict.fromkeys([*before, *after])
        if before.get(key) != after.get(key)
    ]
