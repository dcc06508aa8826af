"""Generated workloads: always the same, and each as hard as it says."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter

import pytest
from builders import remembered

from pytest_markersteal.core.estimates import UNKNOWN_S
from pytest_markersteal.core.suite import Claim, Demand, Mode
from pytest_markersteal.durations.history import Fixture, Times
from pytest_markersteal.simulate.clock import Costs
from pytest_markersteal.simulate.generated import GENERATORS
from pytest_markersteal.simulate.histories import HISTORIES
from pytest_markersteal.simulate.late_bound import LateBoundRun
from pytest_markersteal.simulate.workloads import PLAIN, Workload, recorded, workload_of

SIZES = {
    "uniform": 1000,
    "heavy-tail": 1500,
    "slow-last": 510,
    "hot-key": 1000,
    "many-keys": 1200,
    "multi-key": 2000,
    "no-parallel": 1000,
    "tiny": 10_000,
    "mixed": 1500,
}


def content(workload: Workload) -> tuple[object, ...]:
    demands = [workload.suite.demand(test) for test in range(len(workload.ids))]
    return (workload.ids, list(workload.duration_s), demands, workload.setups_s)


def fingerprint() -> str:
    """Of all generated workloads, their histories, and one run."""
    digest = hashlib.sha256()
    for name, make in GENERATORS.items():
        workload = make(3)
        digest.update(repr(content(workload)).encode())
        for history in HISTORIES.values():
            digest.update(repr(history(workload, 3)).encode())
        if name == "mixed":
            costs = Costs(crash_rate=0.01)
            outcome = LateBoundRun(workload, 4, workload.duration_s, costs, seed=3).run()
            digest.update(repr((outcome.started, outcome.idle_s)).encode())
    return digest.hexdigest()


def demands_of(workload: Workload) -> list[Demand]:
    return [workload.suite.demand(test) for test in range(len(workload.ids))]


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_a_seed_means_the_same_in_another_process(hash_seed: str) -> None:
    """Workloads, histories and a run, although strings have other hashes there."""
    done = subprocess.run(
        [sys.executable, "-c", "import test_workloads; print(test_workloads.fingerprint())"],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.path.dirname(__file__)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == fingerprint()


@pytest.mark.parametrize("name", GENERATORS)
def test_another_seed_is_another_workload(name: str) -> None:
    """Of the same name and, but for fixture-heavy, of the same size."""
    one, other = GENERATORS[name](0), GENERATORS[name](1)
    assert content(one) != content(other)
    assert one.name == other.name
    if name in SIZES:
        assert len(one.ids) == len(other.ids) == SIZES[name]


def test_the_heavy_tail_is_heavy() -> None:
    """Half of the tests below 60 ms, the longest more than a second."""
    seconds = sorted(GENERATORS["heavy-tail"](0).duration_s)
    assert seconds[len(seconds) // 2] < 0.06
    assert seconds[-1] > 1
    assert sum(seconds[-75:]) > 0.3 * sum(seconds)


def test_slow_tests_come_last() -> None:
    """The last ten in order of collection are the ten longest."""
    workload = GENERATORS["slow-last"](0)
    by_length = sorted(range(len(workload.ids)), key=workload.duration_s.__getitem__)
    assert set(by_length[-10:]) == set(range(500, 510))


def test_one_key_is_all_over_the_suite() -> None:
    """About one test in eight, in every module."""
    workload = GENERATORS["hot-key"](0)
    keyed = [test for test, d in enumerate(demands_of(workload)) if d == Demand((Claim("db"),))]
    assert 80 < len(keyed) < 180
    modules = workload.suite.module_of
    assert {modules[test] for test in keyed} == set(modules)


def test_many_keys_are_unequal() -> None:
    """All of them occur, the first much more often than the last."""
    counts = Counter(d.claims for d in demands_of(GENERATORS["many-keys"](0)) if d.claims)
    assert len(counts) == 40
    assert counts[Claim("key00"),] > 3 * counts[Claim("key39"),]


def test_several_keys_readers_and_units_occur_together() -> None:
    """Up to three keys, to read and to write, and units of a pool of four."""
    workload = GENERATORS["multi-key"](0)
    demands = demands_of(workload)
    claims = [claim for demand in demands for claim in demand.claims]
    assert {len(demand.claims) for demand in demands} >= {0, 1, 2, 3}
    assert {claim.mode for claim in claims} == {Mode.READ, Mode.WRITE}
    assert {claim.units for claim in claims if claim.key == "pool"} == {1, 2}
    assert workload.suite.capacity("pool") == 4


def test_one_test_in_ten_is_alone() -> None:
    """No other mark is there."""
    demands = Counter(demands_of(GENERATORS["no-parallel"](0)))
    assert set(demands) == {PLAIN, Demand(exclusive=True)}
    assert 70 < demands[Demand(exclusive=True)] < 130


def test_fixtures_weigh_much() -> None:
    """Every module has a set-up; some have classes with their own; so the floor is higher."""
    workload = GENERATORS["fixture-heavy"](0)
    scopes = Counter(scope for scope, _ in workload.setups_s)
    assert scopes["module"] == 150
    assert scopes["class"] > 50
    assert workload.floor(4).total_s > sum(workload.duration_s) / 4 + 20


def test_tiny_tests_are_tiny() -> None:
    """2 to 10 ms."""
    seconds = GENERATORS["tiny"](0).duration_s
    assert min(seconds) >= 0.002
    assert max(seconds) <= 0.010


@pytest.mark.parametrize("seed", range(3))
def test_the_mixture_has_everything(seed: int) -> None:
    """In every seed."""
    workload = GENERATORS["mixed"](seed)
    demands = set(demands_of(workload))
    assert any(demand.serial for demand in demands)
    assert any(demand.exclusive for demand in demands)
    assert any(demand.group for demand in demands)
    assert any(len(demand.claims) == 2 for demand in demands)
    assert {c.mode for demand in demands for c in demand.claims} == {Mode.READ, Mode.WRITE}
    assert workload.setups_s


# Histories


def test_histories_tell_more_and_less() -> None:
    """From all to nothing; what is wrong in between is wrong by as much as it says."""
    workload = GENERATORS["uniform"](0)
    assert HISTORIES["exact"](workload, 0) == workload.duration_s
    assert HISTORIES["cold"](workload, 0) is None
    noise = HISTORIES["noise"](workload, 0)
    assert noise is not None
    shares = [known / real for known, real in zip(noise, workload.duration_s, strict=True)]
    assert 0.9 < sorted(shares)[500] < 1.1
    assert sorted(shares)[160] < 0.7 < 1.5 < sorted(shares)[840]
    stale = HISTORIES["stale"](workload, 0)
    assert stale is not None
    kinds = Counter(
        "new" if known == UNKNOWN_S else f"{known / real:.1f}"
        for known, real in zip(stale, workload.duration_s, strict=True)
    )
    assert set(kinds) == {"new", "0.3", "1.0", "3.0"}
    assert 150 < kinds["new"] < 250
    assert 150 < kinds["0.3"] + kinds["3.0"] < 250


def test_a_history_varies_by_seed_only() -> None:
    """Noise of one seed is always the same."""
    workload = GENERATORS["slow-last"](0)
    for name in ("noise", "stale"):
        assert HISTORIES[name](workload, 1) == HISTORIES[name](workload, 1)
        assert HISTORIES[name](workload, 1) != HISTORIES[name](workload, 2)


def test_nothing_known_means_no_set_ups_known() -> None:
    """A cold scheduler must not know what fixtures take."""
    workload = GENERATORS["fixture-heavy"](0)
    assert workload.estimates(None).setups.of("module", 0) == 0
    assert workload.estimates(workload.duration_s).setups.of("module", 0) > 0


# Workloads of one's own


def test_a_recorded_history_is_a_workload() -> None:
    """Tests with their whole time, and the set-ups of their places."""
    times = {"a.py::T::x": Times(1, 2, 3, 0), "a.py::y": Times(0, 4, 0, 0)}
    workload = recorded("recorded", remembered(times, {Fixture("module", "a.py", "db"): 5.0}))
    assert workload.ids == ["a.py::T::x", "a.py::y"]
    assert list(workload.duration_s) == pytest.approx([6, 4], rel=0.1)
    assert workload.floor(1).total_s == pytest.approx(15, rel=0.1)
    assert not workload.has_marks


def test_a_workload_parts_into_tests_with_and_without_marks() -> None:
    """Both keep their places, so that set-ups stay with them."""
    seconds = {"a.py::x": 1.0, "b.py::y": 2.0, "b.py::z": 3.0}
    fixtures_s = {Fixture("module", "b.py", "db"): 7.0}
    workload = workload_of("w", seconds, fixtures_s, {"b.py::y": Demand(serial=True)})
    assert workload.has_marks
    plain, marked = workload.parted()
    assert list(plain.ids) == ["a.py::x", "b.py::z"]
    assert list(marked.ids) == ["b.py::y"]
    assert plain.floor(1).total_s == 11
    assert marked.floor(1).total_s == 9
    assert not plain.has_marks
