"""The scheduler against the fleet: nothing lost, nothing twice, no promise broken."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

from fleet import Fleet
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from suites import claiming, durations, suites

from pytest_markersteal.core.estimates import UNKNOWN_S, Estimates
from pytest_markersteal.core.novelty import Novelty
from pytest_markersteal.core.scheduler import Scheduler
from pytest_markersteal.core.suite import KeyScope, Mode, Suite

round_trips = st.sampled_from([0.0, 0.001, 0.2])


class SchedulerMachine(RuleBasedStateMachine):
    """Any interleaving of messages, work, crashes, late joins and reruns."""

    fleet: Fleet

    @initialize(suite=suites(), workers=st.integers(1, 5), data=st.data())
    def begin(self, suite: Suite, workers: int, data: st.DataObject) -> None:
        history = st.one_of(st.just(UNKNOWN_S), durations)
        known_s = data.draw(st.lists(history, min_size=len(suite), max_size=len(suite)))
        real_s = data.draw(st.lists(durations, min_size=len(suite), max_size=len(suite)))
        places = [("module", m) for m in suite.module_of] + [("class", c) for c in suite.class_of]
        setups_s = {place: data.draw(durations) for place in sorted(set(places))}
        estimates = Estimates(suite, known_s, setups_s if data.draw(st.booleans()) else None)
        modules = max(suite.module_of, default=-1) + 1
        rows = st.lists(st.integers(0, 2**modules - 1), min_size=modules, max_size=modules)
        novelty = Novelty(*data.draw(st.tuples(rows, rows))) if data.draw(st.booleans()) else None
        checks = data.draw(st.booleans())
        answers = data.draw(st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=3))
        # Hosts may come and go, so that there are not as many as at first.
        planned, hosts = data.draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
        self.fleet = Fleet(
            suite,
            Scheduler(suite, estimates, workers, hosts=planned, checks=checks, novelty=novelty),
            real_s,
            hosts=hosts,
            checks=checks,
            answers=tuple(answers),
        )
        for _ in range(workers):
            self.fleet.join(round_trip_s=data.draw(round_trips))

    @rule(choices=st.lists(st.integers(0, 59), min_size=1, max_size=12))
    def go_on(self, choices: list[int]) -> None:
        """Let messages travel and workers work, one step after the other, in any order."""
        for choice in choices:
            steps = self.fleet.steps()
            if steps:
                step, name = steps[choice % len(steps)]
                step(name)

    @precondition(lambda self: self.fleet.workers)
    @rule(which=st.integers(0, 5), rerun=st.booleans(), really=st.booleans())
    def crash(self, which: int, rerun: bool, really: bool) -> None:
        names = list(self.fleet.workers)
        if really:
            self.fleet.crash(names[which % len(names)], rerun=rerun)

    @rule(passed_s=durations)
    def tick(self, passed_s: float) -> None:
        self.fleet.tick(passed_s)

    @precondition(lambda self: len(self.fleet.workers) < 6)
    @rule(round_trip_s=round_trips)
    def join(self, round_trip_s: float) -> None:
        self.fleet.join(round_trip_s=round_trip_s)

    @precondition(lambda self: self.fleet.workers)
    @rule(which=st.integers(0, 5), round_trip_s=round_trips)
    def measure(self, which: int, round_trip_s: float) -> None:
        names = list(self.fleet.workers)
        self.fleet.measure(names[which % len(names)], round_trip_s)

    @precondition(lambda self: not self.fleet.closed)
    @rule(really=st.sampled_from([False] * 9 + [True]))
    def close(self, really: bool) -> None:
        if really:
            self.fleet.close()

    @invariant()
    def nothing_twice(self) -> None:
        fleet = self.fleet
        ran = fleet.passed + fleet.crashed
        for test, times in ran.items():
            assert times <= 1 + fleet.reruns[test]

    def teardown(self) -> None:
        if not hasattr(self, "fleet"):
            return
        fleet = self.fleet
        if not fleet.workers:
            fleet.join()
        fleet.lose_slots()
        fleet.drain()
        check_the_end(fleet)


def check_the_end(fleet: Fleet) -> None:
    """Every test ran as often as it was to, or it is known why it can't."""
    scheduler = fleet.scheduler
    assert isinstance(scheduler, Scheduler)
    if fleet.closed:
        assert not any(worker.current for worker in fleet.workers.values())
        return
    assert scheduler.finished, scheduler.unfinished
    ran = fleet.passed + fleet.crashed
    due = Counter({test: 1 + fleet.reruns[test] for test in range(len(fleet.suite))})
    assert not ran - due
    assert due - ran == Counter(scheduler.unfinished) == Counter([*scheduler.given_up])
    for test, key in scheduler.given_up.items():
        # It needs more of a key than is left, of which something was found to be unhealthy.
        assert any(instance.key == key for instance in fleet.unhealthy)
        places = {worker.host for worker in fleet.workers.values()}
        could = [host for host in places if not is_short(fleet, test, host)]
        home = fleet.suite.homes[fleet.suite.demand_of[test]]
        assert not could or (home is not None and len(could) < len(places)), (test, could)


def is_short(fleet: Fleet, test: int, host: str) -> bool:
    """Whether there is less on ``host`` than ``test`` needs."""
    suite = fleet.suite
    for claim in suite.demand(test).claims:
        at = claim.key, host if claim.key in suite.host_keys else ""
        isolated = sum((one.key, one.host) == at for one in fleet.isolated())
        needed = claim.units if claim.mode is Mode.WRITE else 1
        if needed > suite.capacity(claim.key) - isolated:
            return True
    return False


def test_no_interleaving_breaks_a_promise() -> None:
    """Whatever the order of messages, crashes and joins, every invariant and mark is kept."""
    run_state_machine_as_test(
        SchedulerMachine,
        settings=settings(max_examples=400, stateful_step_count=50),
    )


@settings(max_examples=300)
@given(
    suite=suites(least_tests=6, of=claiming),
    workers=st.integers(2, 4),
    hosts=st.integers(1, 3),
    checks=st.booleans(),
    answers=st.tuples(*[st.sampled_from([True, False, None])] * 3),
    seed=st.integers(0, 2**32),
)
def test_what_a_crash_leaves_behind_is_kept_from_all_others(
    suite: Suite,
    workers: int,
    hosts: int,
    checks: bool,
    answers: tuple[bool | None, ...],
    seed: int,
) -> None:
    """Until it is found to be healthy; and the run ends, whatever checks find, and when."""
    scheduler = Scheduler(suite, Estimates(suite), workers, hosts=hosts, checks=checks)
    seconds = [1.0] * len(suite)
    fleet = Fleet(suite, scheduler, seconds, hosts=hosts, checks=checks, answers=answers)
    for _ in range(workers):
        fleet.join()
    chance = random.Random(seed)
    while steps := fleet.steps():
        holders = [one for one in fleet.workers.values() if one.current in one.instances]
        if holders and chance.random() < 0.1:
            fleet.crash(chance.choice(holders).name, rerun=chance.random() < 0.3)
            fleet.join()
        else:
            step, name = chance.choice(steps)
            step(name)
    check_the_end(fleet)


@given(suite=suites(), workers=st.integers(1, 6), data=st.data())
def test_on_one_host_keys_per_host_are_as_those_of_the_session(
    suite: Suite, workers: int, data: st.DataObject
) -> None:
    """The very same commands come out."""
    real_s = data.draw(st.lists(durations, min_size=len(suite), max_size=len(suite)))
    of_session = Suite(
        [
            replace(
                demand,
                claims=tuple(replace(one, scope=KeyScope.SESSION) for one in demand.claims),
            )
            for demand in suite.demands
        ],
        suite.demand_of,
        (suite.function_of, suite.class_of, suite.module_of, suite.package_of),
        suite.capacities,
    )

    def commands(of: Suite) -> list[object]:
        fleet = Fleet(of, Scheduler(of, Estimates(of, real_s), workers), real_s)
        chance = random.Random(workers)
        for _ in range(workers):
            fleet.join()
        while steps := fleet.steps():
            step, name = chance.choice(steps)
            step(name)
        return [*fleet.log]

    assert commands(suite) == commands(of_session)


@given(suite=suites(), workers=st.integers(1, 6), data=st.data())
def test_equal_inputs_give_equal_commands(suite: Suite, workers: int, data: st.DataObject) -> None:
    """The scheduler is deterministic: there is no clock and no randomness in it."""
    real_s = data.draw(st.lists(durations, min_size=len(suite), max_size=len(suite)))

    def commands() -> list[object]:
        fleet = Fleet(suite, Scheduler(suite, Estimates(suite), workers), real_s)
        for _ in range(workers):
            fleet.join()
        fleet.drain()
        return [*fleet.log]

    assert commands() == commands()
