"""Several histories made one, where there is nobody to ask.

What only one side changed is taken from it. What several changed lies between them; where one
dropped what another changed, it stays. The order of the sides makes no difference, so merging is
the same whoever merges whom.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from pytest_markersteal.durations.history import Buckets, Function, History, Startup

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


def merge(
    sides: Sequence[History], base: History | None = None, *, are_parts: bool = False
) -> History:
    """One history out of ``sides``, at least one, which all came from ``base`` if there is one.

    Where they ``are_parts`` of one run, what some lack was not for them to run: nothing is dropped
    that one of them has.
    """
    base = base or History()
    platforms = {side.platform for side in sides} - {""}
    return History(
        _merged(
            [side.functions for side in sides],
            base.functions,
            partial(_function, are_parts=are_parts),
            are_parts,
        ),
        _merged([side.fixtures for side in sides], base.fixtures, _bucket, are_parts),
        _merged([side.startups for side in sides], base.startups, _startup, are_parts),
        base.platform or min(platforms, default=""),
        max(side.written for side in sides),
    )


def _merged(
    sides: Sequence[Mapping[_Key, _Value]],
    base: Mapping[_Key, _Value],
    between: Callable[[Sequence[_Value], _Value | None], _Value],
    are_parts: bool = False,
) -> dict[_Key, _Value]:
    merged = {}
    for key in dict.fromkeys(key for side in sides for key in side):
        old = base.get(key)
        changed = [side[key] for side in sides if key in side and side[key] != old]
        if changed:
            merged[key] = changed[0] if len(changed) == 1 else between(changed, old)
        elif old is not None and (are_parts or all(key in side for side in sides)):
            merged[key] = old
    return merged


def _changed(values: Iterable[_Value], old: _Value | None) -> Sequence[_Value]:
    """What differs from ``old``; where nothing does, that."""
    values = list(values)
    return [value for value in values if value != old] or values


def _function(sides: Sequence[Function], old: Function | None, are_parts: bool) -> Function:
    base = old or Function(sides[0].shared)
    own = _merged([side.own for side in sides], base.own, _bucket, are_parts)
    shared = _changed((side.shared for side in sides), None if old is None else old.shared)
    tests = max(_changed((side.tests for side in sides), None if old is None else old.tests))
    platforms = _merged([side.platforms for side in sides], base.platforms, _on_platform)
    return Function(
        Buckets(*(_bucket(parts, None) for parts in zip(*shared, strict=True))),
        max(tests, len(own)),
        own,
        _merged([side.demands for side in sides], base.demands, _first, are_parts),
        {platform: slower for platform, slower in platforms.items() if slower},
    )


def _on_platform(
    sides: Sequence[Mapping[str, int]], old: Mapping[str, int] | None
) -> Mapping[str, int]:
    return _merged(sides, old or {}, _bucket)


def _bucket(sides: Sequence[int], _old: int | None) -> int:
    return round(sum(sides) / len(sides))


def _startup(sides: Sequence[Startup], _old: Startup | None) -> Startup:
    # Sorted, because sums of floats depend on the order.
    launch_s, ready_s, collect_s, report_s = (
        sum(sorted(values)) / len(sides)
        for values in zip(*(side[:4] for side in sides), strict=True)
    )
    shares = sorted(side.waiting_share for side in sides if side.waiting_share is not None)
    share = round(sum(shares) / len(shares), 1) if shares else None
    return Startup(launch_s, ready_s, collect_s, report_s, share)


def _first(sides: Sequence[Any], _old: Any) -> Any:
    """What is least in some order: which makes no difference, as long as it is always the same."""
    return min(sides, key=repr)
