"""What a run teaches: from a history and what was measured to the next history.

An unchanged suite teaches nothing, however noisy the machine; see ``durations.buckets``. A machine
that is slower or faster as a whole teaches nothing either: durations are divided by its ratio.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from pytest_markersteal.core.suite import Demand
from pytest_markersteal.durations.buckets import (
    ALIKE,
    STEADY,
    Pace,
    alike,
    bucket_of,
    moved,
    position,
    seconds_of,
)
from pytest_markersteal.durations.history import (
    PLAIN,
    Buckets,
    Fixture,
    Function,
    History,
    Selection,
    Startup,
    Times,
    by_file,
    is_under,
    split,
)

COMPARED_FROM_S = 0.01
"""Shorter tests say little about how fast a machine is."""
COMPARED_LEAST = 5
"""Fewer tests than these may all have changed, and say nothing about the machine."""

_REPORTS = 1000
"""What the controller takes for one report is below what buckets can tell: that of many is not."""
_KEPT_SHARE = 0.35
"""How far the share of waiting may differ before it counts as changed."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run measured.

    ``tests``: of each test that passed at once, by node id. ``demands``: of each test that was
    found. ``startups``: of each selection that was run as a whole. ``complete``: files and folders
    of which all tests were found and passed; ``gone``: files of the history in these that are no
    more. ``platform``: where it ran, see ``History``.
    """

    tests: Mapping[str, Times]
    fixtures_s: Mapping[Fixture, float] = field(default_factory=dict)
    demands: Sequence[tuple[str, Demand]] = ()
    startups: Mapping[Selection, Startup] = field(default_factory=dict)
    complete: tuple[str, ...] = ()
    gone: frozenset[str] = frozenset()
    platform: str = ""


def learn(history: History, run: Measured, pace: Pace = STEADY) -> History:
    """The history after ``run``; ``pace``: how fast values move."""
    ratio = machine_ratio(history, run)
    base = history.platform or run.platform
    platform = "" if run.platform == base else run.platform
    functions = dict(history.functions)
    for name, tests in _by_function(run.tests, ratio).items():
        known = functions.get(name)
        if known is None:
            functions[name] = _first(tests)
        elif platform:
            functions[name] = _next_on(platform, known, tests)
        else:
            functions[name] = _next(known, tests, pace)
    _learn_demands(functions, run.demands)
    fixtures = dict(history.fixtures)
    for fixture, seconds in run.fixtures_s.items():
        own_s = seconds / ratio
        bucket = fixtures.get(fixture)
        after = bucket_of(own_s) if bucket is None else moved(bucket, own_s, pace)
        fixtures[fixture] = max(1, after)  # 0 would be that of no fixture at all.
    if run.complete:
        _drop(functions, fixtures, run)
    startups = dict(history.startups)
    for selection, startup in run.startups.items():
        startups = _with_startup(startups, selection, startup, ratio)
    return History(functions, fixtures, startups, base, history.written)


def machine_ratio(history: History, run: Measured) -> float:
    """How much slower this machine is than the one that ``history`` speaks of, as a factor.

    The median over the tests that both know: those that changed do not move it, while they are the
    smaller part. Longer tests have more weight, as noise is a smaller part of them. 1 where it
    can't be told.
    """
    return known_ratio(history, run) or 1.0


def known_ratio(history: History, run: Measured) -> float | None:
    """``machine_ratio``, above 0; None where it can't be told.

    That is where the tests that are long enough to compare are too few, or are not most of the
    suite's time: they may be tests that were held up when they were measured.
    """
    found = []
    known_s = compared_s = 0.0
    for node_id, times in run.tests.items():
        known = history.times(node_id, run.platform)
        if known is not None:
            known_s += known.total_s
            if known.total_s >= COMPARED_FROM_S:
                compared_s += known.total_s
                found.append((times.total_s / known.total_s, position(known.total_s)))
    if len(found) < COMPARED_LEAST or 2 * compared_s < known_s:
        return None
    found.sort()
    weights = list(accumulate(weight for _, weight in found))
    median = found[bisect_right(weights, weights[-1] / 2)][0]
    return median or None


def _by_function(tests: Mapping[str, Times], ratio: float) -> dict[str, dict[str, Times]]:
    """Durations by function and parameters, as the first machine would have measured them."""
    found: dict[str, dict[str, Times]] = {}
    for node_id, times in tests.items():
        name, parameters = split(node_id)
        found.setdefault(name, {})[parameters] = Times(*(value / ratio for value in times))
    return found


def _first(tests: Mapping[str, Times]) -> Function:
    """A function that was never measured before: as many tests as possible share one value."""
    totals = sorted(bucket_of(times.total_s) for times in tests.values())
    width = int(2 * ALIKE)
    low = max(totals, key=lambda total: bisect_right(totals, total + width) - totals.index(total))
    near = [times for times in tests.values() if low <= bucket_of(times.total_s) <= low + width]
    high = max(bucket_of(times.total_s) for times in near)
    shared = Buckets.of(_middle(near).scaled_to(seconds_of((low + high) // 2)))
    return Function(shared, len(tests), _own(shared, tests.items()))


def _own(shared: Buckets, tests: Iterable[tuple[str, Times]]) -> dict[str, int]:
    """The buckets of those that can't share."""
    center_s = shared.times().total_s
    return {
        parameters: bucket_of(times.total_s)
        for parameters, times in tests
        if not alike(times.total_s, center_s)
    }


def _next(known: Function, tests: Mapping[str, Times], pace: Pace) -> Function:
    """A function that is known, measured once more."""
    sharing = {p: times for p, times in tests.items() if p not in known.own}
    shared = known.shared
    before = total = bucket_of(shared.times().total_s)
    now = total
    changed = sum(moved(total, times.total_s, pace) != total for times in sharing.values())
    if 2 * changed > len(sharing):
        # Not some of the tests changed but the function did.
        middle = _middle(list(sharing.values()))
        now = bucket_of(middle.total_s)
        total = moved(before, middle.total_s, pace)
        shared = Buckets.of(middle.scaled_to(seconds_of(total)))
    more = max(0, len(tests) - known.tests)
    own = {
        p: moved(bucket, tests[p].total_s, pace) if p in tests else bucket
        for p, bucket in known.own.items()
    }
    for parameters, times in sharing.items():
        # Those that share a value differ from it, so they are kept however little it takes.
        if moved(now, times.total_s) != now:
            # Where there are more tests than before, it may well be a new one.
            own[parameters] = bucket_of(times.total_s) if more else moved(before, times.total_s)
    if (shared, own, more) == (known.shared, known.own, 0):
        return known
    own = {
        parameters: bucket
        for parameters, bucket in own.items()
        if bucket == known.own.get(parameters) or not alike(seconds_of(bucket), seconds_of(total))
    }
    return replace(known, shared=shared, own=own, tests=known.tests + more)


def _next_on(platform: str, known: Function, tests: Mapping[str, Times]) -> Function:
    """``known`` with what is much slower or faster on ``platform``, which is not the usual one."""
    before = known.platforms.get(platform, {})
    after = dict(before)
    for parameters, times in tests.items():
        usual = bucket_of(known.times(parameters).total_s)
        if moved(usual, times.total_s) == usual:
            after.pop(parameters, None)
        elif parameters in before:
            after[parameters] = moved(before[parameters], times.total_s)
        else:
            after[parameters] = bucket_of(times.total_s)
    if after == before:
        return known
    platforms = {name: own for name, own in known.platforms.items() if name != platform}
    return replace(known, platforms={**platforms, platform: after} if after else platforms)


def _middle(tests: Sequence[Times]) -> Times:
    """The medians of each part."""
    return Times(*(sorted(values)[len(tests) // 2] for values in zip(*tests, strict=True)))


def _learn_demands(functions: dict[str, Function], found: Iterable[tuple[str, Demand]]) -> None:
    """Note what is demanded now; of a function of which only a part was found, that part."""
    changed = set()
    for node_id, demand in found:
        name, parameters = split(node_id)
        function = functions.get(name)
        if function is not None and function.demand(parameters) != demand:
            changed.add(name)
    by_name: dict[str, dict[str, Demand]] = {}
    for node_id, demand in found if changed else ():
        name, parameters = split(node_id)
        if name in changed:
            by_name.setdefault(name, {})[parameters] = demand
    for name, demands in by_name.items():
        function = functions[name]
        usual = demands.get("", next(iter(demands.values())))
        if len(demands) < function.tests:
            usual = function.demand("")
            demands = {**function.demands, **demands}
        different = {p: demand for p, demand in demands.items() if demand != usual}
        usually = {} if usual == PLAIN else {"": usual}
        functions[name] = replace(function, demands={**usually, **different})


def _drop(functions: dict[str, Function], fixtures: dict[Fixture, int], run: Measured) -> None:
    """Drop what a run of all that is in ``run.complete`` did not find any more.

    A file that is there, but in which nothing was found, may be for another platform: it is kept.
    """
    found: dict[str, set[str]] = {}
    for node_id, _ in run.demands:
        name, parameters = split(node_id)
        found.setdefault(name, set()).add(parameters)
    looked_into = run.gone.union(by_file(found))
    for name, function in list(functions.items()):
        if name.partition("::")[0] not in looked_into:
            continue
        present = found.get(name)
        if present is None:
            del functions[name]
        elif len(present) != function.tests or not present.issuperset(function.own):
            functions[name] = replace(
                function,
                tests=len(present),
                own={p: own for p, own in function.own.items() if p in present},
            )
    for fixture in list(fixtures):
        file = fixture.node.partition("::")[0]
        inside = any(is_under(fixture.node, path) for path in run.complete)
        if fixture not in run.fixtures_s and (
            file in looked_into or (inside and fixture.scope in ("package", "session"))
        ):
            del fixtures[fixture]


def _with_startup(
    startups: Mapping[Selection, Startup], selection: Selection, new: Startup, ratio: float
) -> dict[Selection, Startup]:
    """One entry is kept for all that is within a selection, so that there are few."""
    known = startups.get(selection)
    if known is None and any(wider.covers(selection) for wider in startups):
        return dict(startups)
    found = {s: old for s, old in startups.items() if not selection.covers(s)}
    times_s = [*new[:3], new.report_cpu_s * _REPORTS]
    before_s = times_s if known is None else [*known[:3], known.report_cpu_s * _REPORTS]
    launch_s, ready_s, collect_s, reports_s = (
        seconds_of(moved(bucket_of(before), value / ratio))
        for before, value in zip(before_s, times_s, strict=True)
    )
    waiting = new.waiting_share if known is None else known.waiting_share
    if new.waiting_share is not None and abs(new.waiting_share - (waiting or 0.0)) > _KEPT_SHARE:
        waiting = new.waiting_share
    waiting = None if waiting is None else round(waiting, 1)
    found[selection] = Startup(launch_s, ready_s, collect_s, reports_s / _REPORTS, waiting)
    return found
