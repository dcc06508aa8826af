"""What if a suite had other marks, or other durations: workloads made of workloads.

Nothing but what is asked for changes, and no test is lost. Whether the change may be made, because
the tests share nothing after all, only their authors know.
"""

from __future__ import annotations

import fnmatch
import re
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches
from itertools import count, islice

from pytest_markersteal.core.setups import SCOPES, Scope
from pytest_markersteal.core.suite import Claim, Demand, KeyScope, Mode, Suite
from pytest_markersteal.simulate.workloads import Workload

MARKS: dict[str, Callable[[Demand], Demand]] = {
    "serial": lambda demand: replace(demand, serial=False),
    "no_parallel": lambda demand: replace(demand, exclusive=False),
    "shared_resource": lambda demand: replace(demand, claims=()),
    "xdist_group": lambda demand: replace(demand, group=None),
}
"""What a demand is without each of the marks."""

_NAMED = 10
"""How many keys or tests an error names."""


class WhatIfError(ValueError):
    """A question about something that the workload does not have; the message says what it has."""


def keys(workload: Workload) -> list[str]:
    """The keys that tests claim, sorted."""
    suite = workload.suite
    claims = (claim for number in set(suite.demand_of) for claim in suite.demands[number].claims)
    return sorted({claim.key for claim in claims})


def marks(workload: Workload) -> list[str]:
    """Those of ``MARKS`` that tests have."""
    suite = workload.suite
    demands = [suite.demands[number] for number in set(suite.demand_of)]
    return [mark for mark, less in MARKS.items() if any(less(d) != d for d in demands)]


def without_key(workload: Workload, key: str) -> Workload:
    """No test claims ``key``; ``WhatIfError`` if none does before."""
    _check_key(workload, key)
    return with_demands(workload, lambda _, demand: _with_claims(demand, _others(demand, key)))


def split_key(workload: Workload, key: str, parts: int) -> Workload:
    """Instead of ``key``, each test claims one of ``parts`` keys, ``key/1`` and so on.

    The tests of a module stay together, unless they take more than their share of the time; else
    the keys' times are made as equal as they come, longest first. Every new key has the capacity
    of ``key``. ``WhatIfError`` if no test claims it; ``parts`` is 2 or more.
    """
    _check_key(workload, key)
    taken = set(keys(workload))
    fresh = (name for name in map(f"{key}/{{}}".format, count(1)) if name not in taken)
    names = list(islice(fresh, parts))
    part_of = _parts(workload, key, parts)

    def change(test: int, demand: Demand) -> Demand:
        if test not in part_of:
            return demand
        (held,) = (claim for claim in demand.claims if claim.key == key)
        return _with_claims(
            demand, [*_others(demand, key), replace(held, key=names[part_of[test]])]
        )

    capacities = workload.suite.capacities
    more = dict.fromkeys(names, capacities[key]) if key in capacities else {}
    return with_demands(workload, change, {**capacities, **more})


def per_host(workload: Workload, key: str) -> Workload:
    """Every test that claims ``key`` does so per host; ``WhatIfError`` if none claims it."""
    _check_key(workload, key)
    return with_demands(workload, lambda _, demand: _with_claims(demand, _claims_of(demand, key)))


def unmarked(workload: Workload, mark: str) -> Workload:
    """No test has ``mark``, one of ``MARKS``; ``WhatIfError`` if it is none, or no test has it."""
    if mark not in MARKS:
        raise WhatIfError(f"there is no mark {mark!r}; choose from {', '.join(MARKS)}")
    present = marks(workload)
    if mark not in present:
        there_are = f"there are {', '.join(present)}" if present else "no test has any mark"
        raise WhatIfError(f"no test is marked {mark}; {there_are}")
    return with_demands(workload, lambda _, demand: MARKS[mark](demand))


def sped_up(workload: Workload, pattern: str, factor: float) -> Workload:
    """The tests whose node ids match ``pattern`` take their time divided by ``factor``, above 0.

    ``pattern`` is one of ``fnmatch``, whose ``*`` stands for any text, ``/`` and ``::`` included,
    or a node id. What the tests of a place share is set up as much faster where all of them match.
    ``WhatIfError`` if none does.
    """
    matches = re.compile(fnmatch.translate(pattern)).match
    matched = {
        test for test, node_id in enumerate(workload.ids) if node_id == pattern or matches(node_id)
    }
    if not matched:
        raise WhatIfError(f"no node id matches {pattern!r}; {_near(pattern, workload.ids)}")
    untouched = _places(workload, set(range(len(workload.ids))) - matched)
    return replace(
        workload,
        duration_s=array(
            "d",
            (
                seconds / factor if test in matched else seconds
                for test, seconds in enumerate(workload.duration_s)
            ),
        ),
        setups_s={
            place: seconds if place in untouched else seconds / factor
            for place, seconds in workload.setups_s.items()
        },
    )


def split_test(workload: Workload, test: int, parts: int) -> Workload:
    """Instead of ``test`` there are ``parts`` tests, which take its time together.

    Their node ids end in ``/1`` and so on; each has its marks, and needs what it shares.
    """
    tests = [one for one in range(len(workload.ids)) for _ in range(parts if one == test else 1)]
    several = workload.only(tests)
    ids, seconds = list(several.ids), array("d", several.duration_s)
    for part in range(parts):
        ids[test + part] += f"/{part + 1}"
        seconds[test + part] /= parts
    return replace(several, ids=ids, duration_s=seconds)


def with_demands(
    workload: Workload,
    change: Callable[[int, Demand], Demand],
    capacities: dict[str, int] | None = None,
) -> Workload:
    """The workload whose tests demand what ``change`` makes of the test and its demand."""
    suite = workload.suite
    numbers: dict[Demand, int] = {}
    demand_of = array("L")
    for test in range(len(suite)):
        demand_of.append(numbers.setdefault(change(test, suite.demand(test)), len(numbers)))
    places = (suite.function_of, suite.class_of, suite.module_of, suite.package_of)
    changed = Suite(tuple(numbers), demand_of, places, capacities or suite.capacities)
    return replace(workload, suite=changed)


def _check_key(workload: Workload, key: str) -> None:
    present = keys(workload)
    if not present:
        raise WhatIfError(f"no test claims the key {key!r}, nor any other")
    if key not in present:
        near = get_close_matches(key, present, 1)
        meant = f"did you mean {near[0]!r}? " if near else ""
        raise WhatIfError(f"no test claims the key {key!r}; {meant}the keys: {_some(present)}")


def _near(pattern: str, ids: Sequence[str]) -> str:
    """What there is instead of node ids that match ``pattern``."""
    files = dict.fromkeys(node_id.partition("::")[0] for node_id in ids)
    near = get_close_matches(pattern.partition("::")[0].rstrip("*/"), files, _NAMED)
    return f"the nearest files: {_some(near)}" if near else f"the files: {_some(list(files))}"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _others(demand: Demand, key: str) -> Iterator[Claim]:
    return (claim for claim in demand.claims if claim.key != key)


def _claims_of(demand: Demand, key: str) -> Iterator[Claim]:
    """The claims of ``demand``, that of ``key`` per host."""
    for claim in demand.claims:
        yield replace(claim, scope=KeyScope.HOST) if claim.key == key else claim


def _with_claims(demand: Demand, claims: Iterable[Claim]) -> Demand:
    return replace(demand, claims=tuple(sorted(claims, key=lambda claim: claim.key)))


def _places(workload: Workload, tests: Iterable[int]) -> set[tuple[Scope, int]]:
    """The places of ``tests``."""
    suite = workload.suite
    columns = (suite.package_of, suite.module_of, suite.class_of)
    return {
        (scope, column[test])
        for test in tests
        for scope, column in zip(SCOPES, columns, strict=True)
    }


def _parts(workload: Workload, key: str, parts: int) -> dict[int, int]:
    """Which part each test of ``key`` is in, 0 to ``parts`` - 1."""
    suite = workload.suite
    held_s: dict[int, float] = {}
    modules: dict[int, list[int]] = defaultdict(list)
    for test in range(len(suite)):
        for claim in suite.demand(test).claims:
            if claim.key == key:
                # Readers overlap, so they hardly make a key slow.
                units = claim.units if claim.mode is Mode.WRITE else 0
                held_s[test] = units * workload.duration_s[test]
                modules[suite.module_of[test]].append(test)
    share_s = sum(held_s.values()) / parts
    together: list[list[int]] = []
    for tests in modules.values():
        fits = sum(map(held_s.__getitem__, tests)) <= share_s
        together += [tests] if fits else [[test] for test in tests]
    filled_s = [0.0] * parts
    part_of: dict[int, int] = {}
    sums_s = [sum(map(held_s.__getitem__, tests)) for tests in together]
    for number in sorted(range(len(together)), key=lambda number: -sums_s[number]):
        part = min(range(parts), key=filled_s.__getitem__)
        filled_s[part] += sums_s[number]
        part_of.update(dict.fromkeys(together[number], part))
    return part_of
