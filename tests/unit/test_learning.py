"""What a run teaches, and what it does not."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import replace

import pytest
from builders import key, remembered

from pytest_markersteal.core.suite import Demand
from pytest_markersteal.durations.buckets import AT_ONCE, READY, bucket_of, moved, seconds_of
from pytest_markersteal.durations.format import encode
from pytest_markersteal.durations.history import (
    Fixture,
    History,
    Selection,
    Startup,
    Times,
)
from pytest_markersteal.durations.learning import Measured, learn, machine_ratio

NOISE = 0.3
LINUX, WINDOWS = "linux-3.11", "win32-3.11"
ALL = Selection("", "")
STARTUP = Startup(0.03, 0.4, 1.5, 0.001, 0.3)


def times(total_s: float) -> Times:
    return Times(0.2 * total_s, 0.7 * total_s, 0.1 * total_s, 0.5 * total_s)


def suite(seed: int) -> dict[str, float]:
    """300 functions in 30 modules, a third with parameters that take about as long as another."""
    chance = random.Random(seed)
    found = {}
    for number in range(300):
        function_s = chance.lognormvariate(-3, 2)
        name = f"tests/test_{number // 10}.py::test_{number}"
        if number % 3:
            found[name] = function_s
        else:
            for parameter in range(10):
                found[f"{name}[{parameter}]"] = function_s * chance.lognormvariate(0, 0.4)
    return found


def busy(seconds: Mapping[str, float], chance: random.Random) -> Measured:
    """A run on a busy machine: each part of each test takes up to 30 % more or less."""

    def noisy(values: Times) -> Times:
        return Times(*(value * chance.uniform(1 - NOISE, 1 + NOISE) for value in values))

    return Measured(
        {node_id: noisy(times(total_s)) for node_id, total_s in seconds.items()},
        {
            Fixture("module", f"tests/test_{number}.py", "db"): chance.uniform(0.7, 1.3)
            for number in range(30)
        },
        startups={ALL: Startup(*(v * chance.uniform(0.7, 1.3) for v in STARTUP[:4]), 0.3)},
        platform=LINUX,
    )


def digest(history: History) -> str:
    return hashlib.sha256(encode(history)).hexdigest()


@pytest.mark.parametrize("seed", range(5))
def test_ten_runs_of_an_unchanged_suite_leave_the_file_as_the_second_did(seed: int) -> None:
    """However busy the machine: not one byte."""
    chance = random.Random(seed)
    history, digests = History(), []
    for _ in range(10):
        history = learn(history, busy(suite(seed), chance))
        digests.append(digest(history))
    assert len(set(digests[1:])) == 1


def test_a_renamed_test_changes_only_its_own_entry() -> None:
    """And a new one adds one."""
    seconds = suite(1)
    chance = random.Random(1)
    before = learn(History(), busy(seconds, chance))
    seconds["tests/test_3.py::test_renamed"] = seconds.pop("tests/test_3.py::test_31")
    run = busy(seconds, chance)
    demands = [(node_id, Demand()) for node_id in seconds]
    after = learn(before, replace(run, demands=demands, complete=("",)))
    assert before.functions.keys() - after.functions.keys() == {"tests/test_3.py::test_31"}
    assert after.functions.keys() - before.functions.keys() == {"tests/test_3.py::test_renamed"}
    for name in before.functions.keys() & after.functions.keys():
        assert before.functions[name] == after.functions[name]
    # The two files differ from the entry of the one to that of the other, and nowhere else.
    old, new = encode(before), encode(after)
    assert old.replace(b"test_31", b"", 1).startswith(new[: old.index(b"test_31") - 10])
    assert abs(len(old) - len(new)) <= 10


def test_a_machine_twice_as_slow_changes_nothing() -> None:
    """Durations are those of the machine that began the file."""
    history = learn(History(), busy(suite(2), random.Random(2)))
    slow = {node_id: 2 * seconds for node_id, seconds in suite(2).items()}
    run = busy(slow, random.Random(3))
    assert machine_ratio(history, run) == pytest.approx(2, rel=0.1)
    run = replace(run, fixtures_s={f: 2 * s for f, s in run.fixtures_s.items()})
    times_s = tuple(2 * value for value in STARTUP[:4])
    run = replace(run, startups={ALL: Startup(*times_s, 0.3)})
    assert digest(learn(history, run)) == digest(history)


def test_tests_that_changed_do_not_pass_for_a_slow_machine() -> None:
    """Where a quarter takes five times as long, the rest says how fast the machine is."""
    seconds = suite(4)
    history = remembered({node_id: times(total_s) for node_id, total_s in seconds.items()})
    changed = set(random.Random(4).sample(sorted(seconds), len(seconds) // 4))
    run = Measured({n: times(5 * s if n in changed else s) for n, s in seconds.items()})
    assert machine_ratio(history, run) == pytest.approx(1, rel=0.2)
    few = Measured(dict(list(run.tests.items())[:4]))
    assert machine_ratio(history, few) == 1.0


def test_a_change_is_learnt() -> None:
    """Threefold in one run; more than that in some."""
    history = remembered({"a.py::t": times(1.0)})
    after = learn(history, Measured({"a.py::t": times(3.0)}))
    assert after.times("a.py::t").total_s == pytest.approx(3.0, rel=0.2)  # type: ignore[union-attr]
    for _ in range(4):
        after = learn(after, Measured({"a.py::t": times(100.0)}))
    assert after.times("a.py::t").total_s == pytest.approx(100.0, rel=0.2)  # type: ignore[union-attr]


@pytest.mark.parametrize("outlier_s", [5.0, 60.0, 3600.0])
def test_an_outlier_moves_a_test_by_a_bounded_factor_and_is_undone(outlier_s: float) -> None:
    """However far off it is."""
    history = remembered({"a.py::t": times(1.0)})
    after = learn(history, Measured({"a.py::t": times(outlier_s)}))
    assert after.times("a.py::t").total_s < 3.6  # type: ignore[union-attr]
    again = learn(after, Measured({"a.py::t": times(1.0)}))
    assert again.times("a.py::t").total_s == pytest.approx(1.0, rel=0.2)  # type: ignore[union-attr]


def test_buckets_keep_what_is_near() -> None:
    """Within a factor of 2.8, and less where the file is written because it pays."""
    second = bucket_of(1.0)
    assert seconds_of(second) == pytest.approx(1.0)
    assert moved(second, 2.7) == moved(second, 0.37) == second
    assert seconds_of(moved(second, 2.7, READY)) == pytest.approx(2.7, rel=0.1)
    assert moved(0, 0.0) == 0
    assert moved(second, 1.9, READY) == second
    assert seconds_of(moved(second, 1000.0, AT_ONCE)) == pytest.approx(1000.0, rel=0.1)


def test_parameters_share_what_fits() -> None:
    """The file has one value for most of them, and one each for those that are far off."""
    found = {f"a.py::t[{number}]": times(1.0 + 0.02 * number) for number in range(10)}
    history = remembered({**found, "a.py::t[slow]": times(20.0), "a.py::t[fast]": times(0.01)})
    function = history.functions["a.py::t"]
    assert function.own.keys() == {"[slow]", "[fast]"}
    assert function.tests == 12
    assert history.times("a.py::t[slow]").total_s == pytest.approx(20, rel=0.1)  # type: ignore[union-attr]
    assert history.times("a.py::t[new]") == history.times("a.py::t[3]")
    assert len(list(history.node_ids())) == len(set(history.node_ids())) == 12


def test_a_function_that_changes_takes_its_parameters_along() -> None:
    """One value moves, instead of each test getting one of its own."""
    others = {f"b.py::t{number}": times(1.0) for number in range(10)}
    history = remembered({**others, **{f"a.py::t[{number}]": times(1.0) for number in range(9)}})
    slow = {f"a.py::t[{number}]": times(4.0) for number in range(8)}
    after = learn(history, Measured({**others, **slow}))
    assert not after.functions["a.py::t"].own
    assert after.times("a.py::t[0]").total_s > 3  # type: ignore[union-attr]


def test_one_parameter_that_changes_gets_a_value_of_its_own_and_gives_it_back() -> None:
    """The others stay."""
    found = {f"a.py::t[{number}]": times(1.0) for number in range(10)}
    history = remembered(found)
    after = learn(history, Measured({**found, "a.py::t[3]": times(6.0)}))
    assert after.functions["a.py::t"].own.keys() == {"[3]"}
    assert learn(learn(after, Measured(found)), Measured(found)) == history


def test_a_new_parameter_is_taken_as_it_is() -> None:
    """Not as one of the others that moved."""
    found = {f"a.py::t[{number}]": times(1.0) for number in range(3)}
    after = learn(remembered(found), Measured({**found, "a.py::t[new]": times(50.0)}))
    assert after.times("a.py::t[new]").total_s == pytest.approx(50, rel=0.1)  # type: ignore[union-attr]
    assert after.functions["a.py::t"].tests == 4


def test_another_platform_only_adds_what_differs_much() -> None:
    """One file serves all: what the first platform measured stays."""
    found = {f"a.py::t{number}": times(1.0) for number in range(10)}
    history = learn(History(), Measured(found, platform=LINUX))
    there = Measured({**found, "a.py::t3": times(9.0)}, platform=WINDOWS)
    after = learn(history, there)
    assert after.times("a.py::t3", LINUX) == history.times("a.py::t3", LINUX)
    assert after.times("a.py::t3", WINDOWS).total_s == pytest.approx(9, rel=0.1)  # type: ignore[union-attr]
    assert after.times("a.py::t4", WINDOWS) == after.times("a.py::t4", LINUX)
    assert learn(after, there) == after
    assert learn(after, Measured(found, platform=LINUX)) == after
    assert learn(after, Measured(found, platform=WINDOWS)) == history


def test_a_test_that_is_new_on_another_platform_is_known_to_all() -> None:
    """There is no other value yet."""
    history = learn(History(), Measured({"a.py::t": times(1.0)}, platform=LINUX))
    after = learn(history, Measured({"a.py::u": times(2.0)}, platform=WINDOWS))
    assert after.times("a.py::u", LINUX) is not None
    assert after.platform == LINUX


def test_marks_are_known_as_the_latest_run_found_them() -> None:
    """A mark that was taken off is forgotten; tests that were not collected keep theirs."""
    known = remembered(dict.fromkeys(["a.py::t", "a.py::u"], times(1)), demands={"a.py::u": key()})
    after = learn(known, Measured({}, demands=[("a.py::t", key()), ("a.py::u", Demand())]))
    assert after.demand("a.py::t") == key()
    assert after.demand("a.py::u") == Demand()
    assert learn(known, Measured({}, demands=[("a.py::t", Demand())])) == known
    assert not learn(known, Measured({}, demands=[("b.py::new", key())])).demand("b.py::new").claims


def test_parameters_may_have_marks_of_their_own() -> None:
    """One mark for all is kept once; a run of some of them says nothing about the others."""
    ids = [f"a.py::t[{number}]" for number in range(5)]
    known = remembered(dict.fromkeys(ids, times(1)), demands=dict.fromkeys(ids, key()))
    assert known.functions["a.py::t"].demands == {"": key()}
    after = learn(known, Measured({}, demands=[(ids[2], Demand(serial=True))]))
    assert [after.demand(i) for i in ids] == [key(), key(), Demand(serial=True), key(), key()]


def run_of(*node_ids: str, **known: object) -> Measured:
    demands = [(node_id, Demand()) for node_id in node_ids]
    values = {"tests": dict.fromkeys(node_ids, times(1.0)), "demands": demands, **known}
    return Measured(**values)  # type: ignore[arg-type]


def test_only_a_complete_run_drops_what_it_did_not_find() -> None:
    """Tests and parameters of files that it looked into, and files that are no more."""
    ids = ["a.py::t", "a.py::gone", "b.py::p[1]", "b.py::p[2]", "c.py::removed", "d.py::windows"]
    known = learn(History(), run_of(*ids, fixtures_s={Fixture("module", "b.py", "db"): 2.0}))
    found = ["a.py::t", "b.py::p[1]"]
    assert learn(known, run_of(*found)) == known
    after = learn(known, run_of(*found, complete=("",), gone=frozenset(["c.py"])))
    assert after.functions.keys() == {"a.py::t", "b.py::p", "d.py::windows"}
    assert after.functions["b.py::p"].tests == 1
    assert not after.fixtures


def test_start_ups_stay_until_they_change() -> None:
    """As durations do; a share of waiting that could not be told changes nothing."""
    known = remembered({"a.py::t": times(1.0)}, startups={ALL: STARTUP})
    near = Startup(0.05, 0.3, 2.5, 0.0008, 0.5)
    assert learn(known, Measured({}, startups={ALL: near})) == known
    unknown = near._replace(waiting_share=None)
    assert learn(known, Measured({}, startups={ALL: unknown})) == known
    far = Startup(0.03, 0.4, 15.0, 0.001, 0.9)
    after = learn(known, Measured({}, startups={ALL: far})).startups[ALL]
    assert after.collect_cpu_s == pytest.approx(5.0, rel=0.2)
    assert after.ready_cpu_s == known.startups[ALL].ready_cpu_s
    assert after.waiting_share == 0.9


def test_one_start_up_for_all_that_is_within_a_selection() -> None:
    """So that runs of single files don't fill the file."""
    known = History()
    for path in ("tests/a.py", "tests/unit", "docs", "tests"):
        known = learn(known, Measured({}, startups={Selection(path, ""): STARTUP}))
    assert {path for path, _ in known.startups} == {"tests", "docs"}
    within = {Selection("tests/b.py", "not slow"): STARTUP}
    assert learn(known, Measured({}, startups=within)) == known


def test_a_fixture_that_takes_no_time_is_still_a_fixture() -> None:
    """What is there at all counts, so that it is not set up more often than need be."""
    known = remembered({}, {Fixture("module", "a.py", "db"): 0.0})
    assert known.fixtures_s[Fixture("module", "a.py", "db")] > 0


def test_tests_that_were_held_up_do_not_pass_for_a_fast_machine() -> None:
    """In a suite of tests that do nothing, those with any time to speak of are accidents."""
    quick = {f"a.py::t{number}": times(0.0005) for number in range(1000)}
    held_up = {f"a.py::t{number}": times(0.03) for number in range(0, 1000, 100)}
    history = remembered({**quick, **held_up})
    assert machine_ratio(history, Measured(quick)) == 1.0
