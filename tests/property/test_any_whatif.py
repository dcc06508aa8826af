"""What-if questions about any suite: only what was asked for changes, and the floor falls."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st
from test_simulation import workloads

from pytest_markersteal.core.suite import Demand
from pytest_markersteal.durations.history import Fixture
from pytest_markersteal.simulate.changes import best_changes
from pytest_markersteal.simulate.curve import Cpu, curve, floor_on, floor_stops_at
from pytest_markersteal.simulate.whatif import (
    MARKS,
    keys,
    marks,
    sped_up,
    split_key,
    split_test,
    unmarked,
    without_key,
)
from pytest_markersteal.simulate.workloads import Workload

WORKERS = st.integers(1, 6)


def demands(workload: Workload) -> list[Demand]:
    return [workload.suite.demand(test) for test in range(len(workload.ids))]


def check_only_demands_changed(before: Workload, after: Workload) -> None:
    assert after.ids == before.ids
    assert after.duration_s == before.duration_s
    assert after.setups_s == before.setups_s
    for column in ("function_of", "class_of", "module_of", "package_of"):
        assert getattr(after.suite, column) == getattr(before.suite, column)


def check_floor_is_no_higher(before: Workload, after: Workload, workers: int) -> None:
    assert after.floor(workers).total_s <= before.floor(workers).total_s * (1 + 1e-9) + 1e-9


@given(workloads(), WORKERS, st.data())
def test_without_a_key_no_test_claims_it(
    before: Workload, workers: int, data: st.DataObject
) -> None:
    """All else is as it was, and the floor is no higher."""
    assume(keys(before))
    key = data.draw(st.sampled_from(keys(before)))
    after = without_key(before, key)
    check_only_demands_changed(before, after)
    for old, new in zip(demands(before), demands(after), strict=True):
        assert new == replace(old, claims=tuple(c for c in old.claims if c.key != key))
    check_floor_is_no_higher(before, after, workers)


@given(workloads(), WORKERS, st.integers(2, 4), st.data())
def test_of_a_split_key_each_test_claims_one_part(
    before: Workload, workers: int, parts: int, data: st.DataObject
) -> None:
    """In its old mode and number, of ``parts`` new keys; and the floor is no higher."""
    assume(keys(before))
    key = data.draw(st.sampled_from(keys(before)))
    after = split_key(before, key, parts)
    check_only_demands_changed(before, after)
    new_keys = [f"{key}/{number + 1}" for number in range(parts)]
    assert set(keys(after)) <= {*keys(before), *new_keys} - {key}
    for old, new in zip(demands(before), demands(after), strict=True):
        merged = [replace(c, key=key) if c.key in new_keys else c for c in new.claims]
        assert sorted(merged, key=lambda claim: claim.key) == list(old.claims)
        assert replace(new, claims=()) == replace(old, claims=())
    check_floor_is_no_higher(before, after, workers)


@given(workloads(), WORKERS, st.data())
def test_without_a_mark_no_test_has_it(before: Workload, workers: int, data: st.DataObject) -> None:
    """The others are as they were, and the floor is no higher."""
    assume(marks(before))
    mark = data.draw(st.sampled_from(marks(before)))
    if mark == "no_parallel":
        # What only the tests of a chain share is counted into the chain. The tests that run alone
        # are in none, so that it may be counted once they are not alone any more.
        before = replace(before, setups_s={})
    after = unmarked(before, mark)
    check_only_demands_changed(before, after)
    assert demands(after) == [MARKS[mark](demand) for demand in demands(before)]
    assert mark not in marks(after)
    check_floor_is_no_higher(before, after, workers)


@given(workloads(), WORKERS, st.sampled_from([1.0, 1.5, 10.0]), st.data())
def test_what_is_sped_up_takes_its_share(
    before: Workload, workers: int, factor: float, data: st.DataObject
) -> None:
    """The tests that match, with the set-ups that only they need; and the floor is no higher."""
    assume(before.ids)
    module = data.draw(st.sampled_from([node_id.partition("::")[0] for node_id in before.ids]))
    after = sped_up(before, f"{module}::*", factor)
    assert after.suite is before.suite
    assert after.ids == before.ids
    for test, node_id in enumerate(before.ids):
        divisor = factor if node_id.startswith(module) else 1
        place = ("module", before.suite.module_of[test])
        assert after.duration_s[test] == before.duration_s[test] / divisor
        assert after.setups_s[place] == before.setups_s[place] / divisor
    check_floor_is_no_higher(before, after, workers)


@given(workloads(), WORKERS, st.integers(2, 4), st.data())
def test_a_split_test_takes_as_long_in_parts(
    before: Workload, workers: int, parts: int, data: st.DataObject
) -> None:
    """With the same demand in the same places; all others are as they were."""
    assume(before.ids)
    test = data.draw(st.integers(0, len(before.ids) - 1))
    after = split_test(before, test, parts)
    pieces = slice(test, test + parts)
    assert len(set(after.ids)) == len(before.ids) + parts - 1
    assert [*after.ids[:test], *after.ids[test + parts :]] == [
        node_id for number, node_id in enumerate(before.ids) if number != test
    ]
    assert list(after.duration_s[pieces]) == [before.duration_s[test] / parts] * parts
    assert demands(after)[pieces] == [before.suite.demand(test)] * parts
    assert after.setups_s == before.setups_s
    check_floor_is_no_higher(before, after, workers)


@given(workloads(), st.sampled_from([0.5, 2.0, 100.0]), st.sampled_from([0.0, 0.5, 2.0]))
def test_no_point_is_below_what_bounds_it(
    workload: Workload, cores: float, cpu_share: float
) -> None:
    """The makespan is at least the floor, and both at least what the cores allow."""
    cpu = Cpu([seconds * cpu_share for seconds in workload.duration_s], cores)
    points = curve(workload, range(1, 5), cpu=cpu)
    for point in points:
        assert point.makespan_s >= point.floor_s * (1 - 1e-9)
        assert point.floor_s >= cpu.least_s
        assert point.floor_s == floor_on(workload, point.workers, cpu).total_s
        assert point.floor_s >= workload.floor(point.workers).total_s
        assert (point.limit.kind == "cores") == (
            point.floor_s > workload.floor(point.workers).total_s
        )
    stop = floor_stops_at(points)
    if stop is not None:
        assert all(
            p.floor_s <= points[stop.workers - 1].floor_s * (1 + 1e-9)
            for p in points[stop.workers :]
        )


@given(workloads(), WORKERS, st.integers(0, 4), st.booleans())
def test_changes_are_predicted_to_gain_something(
    workload: Workload, workers: int, count: int, cores_known: bool
) -> None:
    """The best first, from the time of the run as it is; only the last one may be a statement."""
    cpu = Cpu(workload.duration_s, 2) if cores_known else None
    fixtures_s = {Fixture("module", f"test_{module}.py", "app"): 1.0 for module in range(4)}
    changes = best_changes(workload, workers, cpu, count, fixtures_s=fixtures_s)
    assert len(changes) <= count
    assert all(change.gains for change in changes[:-1])
    gaining = [change.after_s for change in changes if change.gains]
    assert gaining == sorted(gaining)
    (now,) = curve(workload, [workers], cpu=cpu)
    assert {change.before_s for change in changes} <= {now.makespan_s}
