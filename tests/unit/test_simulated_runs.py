"""Runs of the real core under a virtual clock."""

from __future__ import annotations

import pytest
from spans import assert_each_once, assert_marks_are_kept, assert_time_adds_up

from pytest_markersteal.core.suite import Claim, Demand
from pytest_markersteal.durations.history import Fixture
from pytest_markersteal.simulate.clock import Costs
from pytest_markersteal.simulate.generated import GENERATORS
from pytest_markersteal.simulate.histories import HISTORIES
from pytest_markersteal.simulate.late_bound import LateBoundRun
from pytest_markersteal.simulate.outcome import Outcome
from pytest_markersteal.simulate.workloads import Workload, workload_of

FREE = Costs(message_delay_s=0, event_s=0)
CRASHING = Costs(crash_rate=0.01, test_overhead_s=0.001)


def run(workload: Workload, workers: int, costs: Costs = FREE, known: bool = True) -> Outcome:
    return LateBoundRun(workload, workers, workload.duration_s if known else None, costs).run()


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize("costs", [Costs(), CRASHING], ids=["calm", "crashing"])
def test_a_run_keeps_its_promises(name: str, costs: Costs) -> None:
    """Each test once, no marks broken, and all time accounted for; also when workers crash."""
    workload = GENERATORS[name](0)
    outcome = run(workload, 4, costs)
    assert_each_once(workload, outcome)
    assert_marks_are_kept(workload, outcome)
    assert_time_adds_up(outcome, 4)
    assert outcome.makespan_s >= workload.floor(4).total_s * (1 - 1e-9)
    assert ("crash" in outcome.idle_s) == bool(costs.crash_rate)


def test_a_suite_of_crashes_ends() -> None:
    """Every test is blamed once, and each time a new worker comes."""
    workload = GENERATORS["slow-last"](0)
    outcome = run(workload, 3, Costs(crash_rate=1.0))
    assert_each_once(workload, outcome)
    assert_time_adds_up(outcome, 3)
    assert len({worker for _, worker, _ in outcome.started}) == len(workload.ids)
    assert outcome.test_s == 0


@pytest.mark.parametrize("history", HISTORIES)
def test_the_same_seed_is_the_same_run(history: str) -> None:
    """To the last digit; another seed is another one."""

    def outcome(seed: int) -> Outcome:
        workload = GENERATORS["mixed"](seed)
        known_s = HISTORIES[history](workload, seed)
        return LateBoundRun(workload, 4, known_s, Costs(crash_rate=0.01), seed).run()

    assert outcome(1) == outcome(1)
    assert outcome(1).started != outcome(2).started


def test_two_workers_share_two_tests() -> None:
    """Where nothing costs anything, a run takes what its tests take."""
    workload = workload_of("w", {"a.py::x": 3.0, "b.py::y": 2.0}, {})
    outcome = run(workload, 2)
    assert outcome.makespan_s == 3
    assert outcome.idle_s["tail"] == 1
    assert outcome.test_s == 5


def test_messages_and_overhead_take_their_time() -> None:
    """A test is sent (1 s), runs (3 s and 0.5 s); that is all of one test on one worker."""
    workload = workload_of("w", {"a.py::x": 3.0}, {})
    outcome = run(workload, 1, Costs(message_delay_s=1.0, event_s=0.0, test_overhead_s=0.5))
    assert outcome.makespan_s == 4.5
    assert outcome.idle_s == {"transport": 1.0, "overhead": 0.5, "tail": 0.0}


def test_a_worker_at_rest_is_looked_at_again_when_time_has_passed() -> None:
    """What lies behind a test that was thought short doesn't wait there for its end."""
    workload = workload_of("w", {"a.py::x": 30.0, "a.py::y": 3.0, "a.py::z": 1.0}, {})
    costs = Costs(message_delay_s=0.025, event_s=0)
    outcome = LateBoundRun(workload, 2, [0.001] * 3, costs).run()
    assert [worker for _, worker, _ in outcome.started] == ["gw0", "gw1", "gw1"]
    assert outcome.makespan_s == 30.025


def test_hosts_may_be_near_and_far() -> None:
    """Slots are on them in turn, and the far one starts its test later."""
    workload = workload_of("w", {"a.py::x": 3.0, "b.py::y": 3.0}, {})
    outcome = run(workload, 2, Costs(event_s=0.0, host_delays_s=(0.0, 1.0)))
    assert [at_s for at_s, _, _ in outcome.started] == [0.0, 1.0]
    assert outcome.makespan_s == 4


def test_a_far_worker_does_not_run_dry() -> None:
    """It waits for its first tests, and then hardly ever: the simulated core knows the delay."""
    workload = workload_of("w", {f"a.py::t{n}": 0.01 for n in range(2000)}, {})
    outcome = run(workload, 2, Costs(message_delay_s=0.1))
    assert outcome.makespan_s < 10 + 0.1 + 0.2


def test_a_worker_sets_up_each_place_that_it_comes_to() -> None:
    """A module for all of its tests, and again only after having been elsewhere."""
    seconds = {"a.py::x": 1.0, "a.py::y": 1.0, "b.py::z": 1.0}
    workload = workload_of("w", seconds, {Fixture("module", "a.py", "db"): 5.0})
    assert run(workload, 1).makespan_s == 8
    assert run(workload, 1).setup_s == 5


def test_waiting_for_a_key_is_told_from_having_nothing_left() -> None:
    """Two workers and three tests of one key: one of the workers never gets the key."""
    ids = ["a.py::x", "b.py::y", "c.py::z"]
    key = Demand((Claim("db"),))
    workload = workload_of("w", dict.fromkeys(ids, 1.0), {}, dict.fromkeys(ids, key))
    outcome = run(workload, 2)
    assert outcome.makespan_s == 3
    assert outcome.idle_s["keys"] == 3
    assert outcome.idle_s["tail"] == 0


def test_waiting_for_a_no_parallel_test_has_its_own_cause() -> None:
    """From the very start of the run, while the other worker runs it."""
    seconds = {"a.py::x": 2.0, "b.py::y": 1.0, "c.py::z": 1.0}
    workload = workload_of("w", seconds, {}, {"a.py::x": Demand(exclusive=True)})
    outcome = run(workload, 2)
    assert outcome.makespan_s == 3
    assert outcome.idle_s["no_parallel"] == 2


def test_a_crash_costs_the_test_and_the_wait_for_a_new_worker() -> None:
    """One worker, whose every test crashes: nothing but crashes and messages."""
    workload = workload_of("w", {"a.py::x": 1.0, "a.py::y": 1.0}, {})
    outcome = run(workload, 1, Costs(message_delay_s=0, event_s=0, start_s=10.0, crash_rate=1.0))
    assert 10 < outcome.makespan_s < 12
    assert outcome.idle_s["crash"] == pytest.approx(outcome.makespan_s)
