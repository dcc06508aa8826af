"""Runs on hosts of different speed teach what a run on one of them would."""

from __future__ import annotations

import random

import pytest

from pytest_markersteal.durations.buckets import READY
from pytest_markersteal.durations.history import Fixture, History, Times
from pytest_markersteal.durations.learning import Measured, learn
from pytest_markersteal.durations.machines import as_on_one

SLOWER = 4.0
IDS = [f"tests/test_{n % 10}.py::test_{n}" for n in range(200)]
FIXTURE = Fixture("module", "tests/test_1.py", "db")


def seconds(node_id: str) -> float:
    return 0.02 + random.Random(node_id).expovariate(5)


def measured(slower: set[str]) -> Measured:
    """Each test takes its time, those of ``slower`` several times that."""
    chance = random.Random(1)
    tests = {}
    for node_id in IDS:
        total_s = seconds(node_id) * (SLOWER if node_id in slower else 1) * chance.uniform(0.9, 1.1)
        tests[node_id] = Times(0.1 * total_s, 0.8 * total_s, 0.1 * total_s, total_s)
    return Measured(tests, {FIXTURE: 0.5 * (SLOWER if slower else 1)}, platform="linux-3.11")


ALONE = learn(History(), measured(set()))


@pytest.mark.parametrize("seed", range(3))
def test_tests_that_change_places_teach_nothing(seed: int) -> None:
    """Half of them run on the slow host, another half each time."""
    slower = set(random.Random(seed).sample(IDS, 100))
    run = measured(slower)
    assert learn(ALONE, run, READY) != ALONE
    there = dict.fromkeys(slower, "build1")
    brought = as_on_one(ALONE, run, there, {FIXTURE: "build1"})
    assert brought.fixtures_s[FIXTURE] == pytest.approx(0.5, rel=0.1)
    assert learn(ALONE, brought, READY) == ALONE


def test_with_all_tests_elsewhere_the_host_of_most_is_the_measure() -> None:
    """The few of the other one are brought to its speed."""
    few = set(IDS[:40])
    there = {node_id: "fast" if node_id in few else "slow" for node_id in IDS}
    brought = as_on_one(ALONE, measured(set(IDS) - few), there, {})
    for node_id in IDS:
        assert brought.tests[node_id].total_s == pytest.approx(seconds(node_id) * SLOWER, rel=0.3)


def test_a_host_of_unknown_speed_teaches_only_what_is_new() -> None:
    """Too few known tests ran there to compare."""
    run = measured(set())
    known, new = IDS[0], "tests/test_new.py::test_new"
    run = Measured({**run.tests, new: Times(0, 1, 0, 1)}, platform=run.platform)
    brought = as_on_one(ALONE, run, {known: "build1", new: "build1"}, {})
    assert known not in brought.tests
    assert brought.tests[new].total_s == 1


def test_a_run_on_this_machine_is_left_as_it_is() -> None:
    """All of it."""
    run = measured(set())
    assert as_on_one(ALONE, run, {}, {}) is run
