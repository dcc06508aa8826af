"""Marks on tests, read into demands.

What each mark guarantees is in the README; what the scheduler makes of it, in ``core``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pytest

from pytest_markersteal import options
from pytest_markersteal.core.suite import Claim, Demand, KeyScope, Mode

DEFAULT_KEY = "shared"
_DEFAULT_GROUP = "default"
_PROBLEMS_SHOWN = 20

REGISTRATIONS = (
    "serial: never run this test at the same time as another serial or no_parallel test "
    "(pytest-markersteal).",
    "no_parallel: run this test alone, while no other worker runs anything (pytest-markersteal).",
    "shared_resource(*keys, mode='write', units=1, scope='session'): never run two tests with the "
    "same key at the same time; readers (mode='read') may overlap with each other; a key with a "
    "capacity in markersteal_resources may be held by that many units at once; scope='host': tests "
    "on different hosts may overlap (pytest-markersteal).",
)


GROUP_REGISTRATION = (
    "xdist_group(name): run tests of one group on one worker (pytest-xdist, pytest-markersteal)."
)
"""Registered by pytest-xdist where it is loaded."""

_PLAIN = Demand()


class MarkError(ValueError):
    """A mark used wrongly; the message says how and what to write instead."""


def demand_of(item: pytest.Item, capacities: Mapping[str, int]) -> Demand:
    """Read the marks of ``item``, its class and its module; ``MarkError`` if one is wrong."""
    claims: dict[str, Claim] = {}
    flags = {"serial": False, "no_parallel": False}
    groups: set[str] = set()
    for mark in item.iter_markers():
        if mark.name == "shared_resource":
            for claim in claims_of(mark, capacities):
                held = claims.get(claim.key)
                claims[claim.key] = claim if held is None else _both(held, claim)
        elif mark.name in flags:
            if mark.args or mark.kwargs:
                raise MarkError(f"{mark.name} takes no arguments, but has {_arguments(mark)}")
            flags[mark.name] = True
        elif mark.name == "xdist_group":
            name = mark.args[0] if mark.args else mark.kwargs.get("name", _DEFAULT_GROUP)
            groups.add(str(name))
    if not (claims or groups or any(flags.values())):
        return _PLAIN
    return Demand(
        claims=tuple(claims[key] for key in sorted(claims)),
        exclusive=flags["no_parallel"],
        serial=flags["serial"],
        # Joined as --dist loadgroup joins them, so that a suite keeps its groups.
        group="_".join(sorted(groups)) if groups else None,
    )


def claims_of(mark: pytest.Mark, capacities: Mapping[str, int]) -> list[Claim]:
    """What a ``shared_resource`` mark claims; ``MarkError`` if it is wrong."""
    unknown = sorted(set(mark.kwargs) - {"mode", "units", "scope"})
    if unknown:
        raise MarkError(
            f"shared_resource has no argument {unknown[0]!r}: it takes keys, mode, units and scope"
        )
    for key in mark.args:
        if not isinstance(key, str) or not key.strip():
            raise MarkError(f"a key of shared_resource must be a non-empty string, not {key!r}")
    try:
        mode = Mode(mark.kwargs.get("mode", Mode.WRITE.value))
    except ValueError:
        raise MarkError(
            f"mode of shared_resource must be 'read' or 'write', not {mark.kwargs['mode']!r}"
        ) from None
    try:
        scope = KeyScope(mark.kwargs.get("scope", KeyScope.SESSION.value))
    except ValueError:
        raise MarkError(
            f"scope of shared_resource must be 'session' or 'host', not {mark.kwargs['scope']!r}"
        ) from None
    units = mark.kwargs.get("units", 1)
    if type(units) is not int or units < 1:
        raise MarkError(f"units of shared_resource must be a whole number from 1, not {units!r}")
    if mode is Mode.READ and "units" in mark.kwargs:
        raise MarkError("shared_resource takes mode='read' or units, not both")
    keys = mark.args or (DEFAULT_KEY,)
    for key in keys:
        capacity = capacities.get(key, 1)
        if units > capacity:
            raise MarkError(
                f"units={units} of key {key!r} exceed its capacity of {capacity}; "
                f"raise it in the ini file with markersteal_resources = {key} = {units}"
            )
    return [Claim(key, mode, units, scope) for key in keys]


def _both(one: Claim, other: Claim) -> Claim:
    """The claim that satisfies both.

    Writing beats reading, more units beat fewer, the session beats the host.
    """
    writes = [claim for claim in (one, other) if claim.mode is Mode.WRITE]
    stronger = max(writes, key=lambda claim: claim.units) if writes else one
    if KeyScope.SESSION in (one.scope, other.scope):
        return replace(stronger, scope=KeyScope.SESSION)
    return stronger


def _arguments(mark: pytest.Mark) -> str:
    shown = [repr(value) for value in mark.args]
    shown += [f"{name}={value!r}" for name, value in mark.kwargs.items()]
    return f"({', '.join(shown)})"


def read_demands(
    items: Sequence[pytest.Item], capacities: Mapping[str, int]
) -> tuple[list[Demand], list[str]]:
    """The demand of each item, and a line for each item whose marks are used wrongly."""
    demands: list[Demand] = []
    problems: list[str] = []
    for item in items:
        try:
            demands.append(demand_of(item, capacities))
        except MarkError as error:
            demands.append(_PLAIN)
            problems.append(f"{where(item)}: {error}")
    return demands, [*problems, *_mixed(items, demands)]


def _mixed(items: Sequence[pytest.Item], demands: Sequence[Demand]) -> Iterator[str]:
    """A line for each key that some tests claim per host, and others for the session."""
    first: dict[tuple[str, KeyScope], pytest.Item] = {}
    for item, demand in zip(items, demands, strict=True):
        for claim in demand.claims:
            first.setdefault((claim.key, claim.scope), item)
    for (key, scope), item in first.items():
        other = first.get((key, KeyScope.SESSION))
        if scope is KeyScope.HOST and other is not None:
            yield (
                f"{where(item)}: key {key!r} is claimed with scope='host' here, and without at "
                f"{where(other)}; write scope='host' for all tests of the key, or for none"
            )


def where(item: pytest.Item) -> str:
    """File, line and node id of a test."""
    path, line, _ = item.location
    return f"{path}:{(line or 0) + 1}: {item.nodeid}"


def refuse(problems: Sequence[str]) -> None:
    """Raise a ``UsageError`` that tells of ``problems``, if there are any."""
    if problems:
        shown = list(problems[:_PROBLEMS_SHOWN])
        if len(problems) > _PROBLEMS_SHOWN:
            shown.append(f"... and {len(problems) - _PROBLEMS_SHOWN} more tests with such marks")
        raise pytest.UsageError("\n".join(shown))


class MarkCheck:
    """Refuses marks used wrongly where nothing is distributed, and does nothing else."""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Look at the marks of every test that was selected."""
        refuse(read_demands(items, options.capacities(config))[1])
