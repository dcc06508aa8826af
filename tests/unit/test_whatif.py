"""What-if questions by example, and about what is not there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from builders import ALONE, PLAIN, SERIAL, group, key

from pytest_markersteal.core.suite import Claim, Demand, KeyScope, Mode
from pytest_markersteal.durations.history import Fixture
from pytest_markersteal.simulate.whatif import (
    WhatIfError,
    keys,
    marks,
    per_host,
    sped_up,
    split_key,
    split_test,
    unmarked,
    without_key,
)
from pytest_markersteal.simulate.workloads import Workload, workload_of

BOTH = Demand((*key("cache").claims, *key("db").claims))


def workload(
    tests: dict[str, tuple[float, Demand]],
    fixtures_s: dict[Fixture, float] | None = None,
    capacities: dict[str, int] | None = None,
) -> Workload:
    seconds = {node_id: s for node_id, (s, _) in tests.items()}
    demands = {node_id: demand for node_id, (_, demand) in tests.items()}
    return workload_of("any", seconds, fixtures_s or {}, demands, capacities)


def demand_of(of: Workload, node_id: str) -> Demand:
    return of.suite.demand(list(of.ids).index(node_id))


MIXED = workload(
    {
        "tests/a.py::t1": (1.0, BOTH),
        "tests/a.py::t2": (1.0, key("db", Mode.READ)),
        "tests/b.py::t3": (2.0, SERIAL),
        "tests/b.py::t4[x-1]": (4.0, replace(SERIAL, claims=key("db").claims)),
        "e2e/c.py::t5": (8.0, PLAIN),
    },
    {Fixture("module", "tests/b.py", "x"): 1.0, Fixture("package", "tests", "y"): 3.0},
)


def test_without_a_key_the_others_are_held() -> None:
    """Of each test that held it, whatever its mode."""
    found = without_key(MIXED, "db")
    assert demand_of(found, "tests/a.py::t1") == key("cache")
    assert demand_of(found, "tests/a.py::t2") == PLAIN
    assert keys(found) == ["cache"]


def test_a_key_becomes_one_per_host() -> None:
    """For every test that claims it, and no other key does."""
    found = per_host(MIXED, "db")
    assert found.suite.host_keys == {"db"}
    assert demand_of(found, "tests/a.py::t2").claims == (
        Claim("db", Mode.READ, scope=KeyScope.HOST),
    )


def test_a_key_is_split_by_modules() -> None:
    """Each module is with one part, so that the parts take equal time."""
    tests = {
        f"{module}.py::t{number}": (seconds, key())
        for module, seconds in (("a", 3.0), ("b", 2.0), ("c", 1.0))
        for number in range(4)
    }
    found = split_key(workload(tests), "db", 2)
    parts = {m: {demand_of(found, f"{m}.py::t{n}") for n in range(4)} for m in "abc"}
    assert parts == {"a": {key("db/1")}, "b": {key("db/2")}, "c": {key("db/2")}}


def test_a_module_that_takes_more_than_its_share_is_split() -> None:
    """Or one module would make a split key as long as before."""
    found = split_key(workload({f"a.py::t{n}": (1.0, key()) for n in range(4)}), "db", 2)
    held = [demand_of(found, node_id).claims[0].key for node_id in found.ids]
    assert sorted(held) == ["db/1", "db/1", "db/2", "db/2"]


def test_parts_of_a_key_have_its_capacity_and_names_of_their_own() -> None:
    """A key that is called like a part is another one."""
    tests = {"a.py::t1": (1.0, key("db", units=3)), "a.py::t2": (1.0, key("db/1"))}
    found = split_key(workload(tests, capacities={"db": 3}), "db", 2)
    assert keys(found) == ["db/1", "db/2"]
    assert demand_of(found, "a.py::t1") == key("db/2", units=3)
    assert (found.suite.capacity("db/2"), found.suite.capacity("db/3")) == (3, 3)


@pytest.mark.parametrize(
    ("mark", "demand"),
    [
        ("serial", replace(ALONE, claims=key().claims, group="x")),
        ("no_parallel", replace(SERIAL, claims=key().claims, group="x")),
        ("shared_resource", Demand(exclusive=True, serial=True, group="x")),
        ("xdist_group", Demand(key().claims, exclusive=True, serial=True)),
    ],
)
def test_one_mark_is_taken_off(mark: str, demand: Demand) -> None:
    """The other three stay."""
    everything = Demand(key().claims, exclusive=True, serial=True, group="x")
    found = unmarked(workload({"a.py::t": (1.0, everything)}), mark)
    assert demand_of(found, "a.py::t") == demand
    assert mark not in marks(found)


def test_a_pattern_speeds_up_tests_and_what_only_they_share() -> None:
    """With ``*`` for any text."""
    found = sped_up(MIXED, "tests/b.py*", 2.0)
    assert list(found.duration_s) == [1.0, 1.0, 1.0, 2.0, 8.0]
    assert sorted(found.setups_s.values()) == [0.5, 3.0]
    found = sped_up(MIXED, "tests/*", 0.5)
    assert list(found.duration_s) == [2.0, 2.0, 4.0, 8.0, 8.0]
    assert sorted(found.setups_s.values()) == [2.0, 6.0]


def test_a_node_id_is_a_pattern_for_itself() -> None:
    """Although its brackets would be a set of letters."""
    assert list(sped_up(MIXED, "tests/b.py::t4[x-1]", 4.0).duration_s) == [1.0, 1.0, 2.0, 1.0, 8.0]


def test_parts_of_a_test_are_tests() -> None:
    """In its place, with its marks."""
    found = split_test(MIXED, 3, 2)
    assert list(found.ids[3:]) == ["tests/b.py::t4[x-1]/1", "tests/b.py::t4[x-1]/2", "e2e/c.py::t5"]
    assert list(found.duration_s) == [1.0, 1.0, 2.0, 2.0, 2.0, 8.0]
    assert found.suite.demand(4) == MIXED.suite.demand(3)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (
            lambda: without_key(MIXED, "cahce"),
            "no test claims the key 'cahce'; did you mean 'cache'? the keys: cache, db",
        ),
        (lambda: split_key(MIXED, "redis", 2), "no test claims the key 'redis'; the keys: cache"),
        (
            lambda: without_key(workload({"a.py::t": (1.0, PLAIN)}), "db"),
            "no test claims the key 'db', nor any other",
        ),
        (lambda: unmarked(MIXED, "seral"), "there is no mark 'seral'; choose from serial, no_para"),
        (
            lambda: unmarked(MIXED, "no_parallel"),
            "no test is marked no_parallel; there are serial, shared_resource",
        ),
        (
            lambda: unmarked(workload({"a.py::t": (1.0, group("x"))}), "serial"),
            "no test is marked serial; there are xdist_group",
        ),
        (
            lambda: sped_up(MIXED, "tests/bb.py::*", 2.0),
            "no node id matches 'tests/bb.py::*'; the nearest files: tests/b.py, tests/a.py",
        ),
        (
            lambda: sped_up(MIXED, "*.js", 2.0),
            "no node id matches '*.js'; the files: tests/a.py, tests/b.py, e2e/c.py",
        ),
    ],
)
def test_a_question_about_nothing_is_told_what_there_is(
    ask: Callable[[], object], said: str
) -> None:
    """Keys, marks or files; and the nearest of them."""
    with pytest.raises(WhatIfError) as caught:
        ask()
    assert said in str(caught.value)
