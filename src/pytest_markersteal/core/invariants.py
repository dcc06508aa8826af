"""What must hold between any two events; tests check it after each."""

from __future__ import annotations

from collections import Counter

from pytest_markersteal.core.scheduler import Scheduler
from pytest_markersteal.core.suite import Mode
from pytest_markersteal.core.workers import Worker


def check_invariants(scheduler: Scheduler) -> None:
    """Raise ``AssertionError`` if ``scheduler`` is in a state that it must never be in."""
    _each_test_is_in_one_place(scheduler)
    _leases_exclude(scheduler)
    _alone_means_alone(scheduler)
    _homes_are_kept(scheduler)
    _resting_workers_are_known(scheduler)
    _somebody_works(scheduler)


def _each_test_is_in_one_place(scheduler: Scheduler) -> None:
    places: Counter[int] = Counter(scheduler._solitude.waiting)
    for worker in scheduler._workers.values():
        places.update(worker.queue)
        places.update([] if worker.running is None else [worker.running])
        places.update(worker.job.tests if worker.job else [])
    waiting = [test for job in scheduler._pool.waiting() for test in job.tests]
    places.update(waiting)
    assert len(waiting) == scheduler._pool.tests, (len(waiting), scheduler._pool.tests)
    expected = Counter(scheduler._progress.unsettled())
    assert places == expected, {
        "lost": sorted(expected - places),
        "in two places": sorted(places - expected),
    }
    assert scheduler._progress.left == sum(expected.values())


def _committed(worker: Worker) -> list[int]:
    return [*worker.queue, *([] if worker.running is None else [worker.running])]


def _leases_exclude(scheduler: Scheduler) -> None:
    leases = scheduler._dealer.leases
    for worker in scheduler._workers.values():
        needed: Counter[str] = Counter()
        for test in _committed(worker):
            for claim in scheduler._dealer.claims(test):
                needed[claim.key] += 1
                at = scheduler._dealer.hosts.at(worker.name, claim.key)
                readers, writers = leases.holders(at)
                if claim.mode is Mode.READ:
                    assert worker.name in readers, (worker, claim)
                else:
                    assert len(writers.get(worker.name, ())) >= claim.units, (worker, claim)
        assert +worker.leases == needed, (worker, needed)
    for at in leases.ever_held():
        key = at.key
        readers, writers = leases.holders(at)
        if readers and writers:
            assert len(readers | set(writers)) == 1, (key, readers, writers)
        held = [instance for instances in writers.values() for instance in instances]
        assert len(held) == len(set(held)) <= scheduler.suite.capacity(key), (key, writers)
        assert readers | set(writers) <= set(scheduler._workers), (key, "held by the dead")
        isolated = [one.number for one in scheduler.isolated if (one.key, one.host) == at]
        assert not set(held) & set(isolated), (key, writers, isolated)
        everything = sorted([*held, *isolated, *leases.free(at)])
        assert everything == list(range(scheduler.suite.capacity(key))), (key, everything)


def _alone_means_alone(scheduler: Scheduler) -> None:
    for worker in scheduler._workers.values():
        if any(scheduler._plan.is_exclusive(test) for test in _committed(worker)):
            assert scheduler._solitude.is_on
            for other in scheduler._workers.values():
                assert other is worker or (other.parked and not other.queue), (worker, other)


def _homes_are_kept(scheduler: Scheduler) -> None:
    if not scheduler._plan.marks_matter:
        return
    suite = scheduler.suite
    holders: dict[str, str] = {}
    for worker in scheduler._workers.values():
        for test in _committed(worker):
            home = suite.homes[suite.demand_of[test]]
            if home is not None:
                assert holders.setdefault(home, worker.name) == worker.name, (home, test)


def _resting_workers_are_known(scheduler: Scheduler) -> None:
    if not scheduler._serving.over:
        resting = {
            worker.name
            for worker in scheduler._workers.values()
            if worker.parked and worker.at_rest and worker.running is None
        }
        assert resting == set(scheduler._resting), (resting, scheduler._resting)


def _somebody_works(scheduler: Scheduler) -> None:
    """While tests are left and a worker is there, something is under way."""
    for worker in scheduler._workers.values():
        assert not worker.hungry or worker.recalling or worker.queue or scheduler._serving.over, (
            worker
        )
    if scheduler._serving.over or scheduler.finished or not scheduler._workers:
        return
    # A worker that isn't parked has said, or will say, what it does next.
    works = any(
        not worker.parked or worker.queue or worker.recalling
        for worker in scheduler._workers.values()
    )
    # So does a check: what waits for one may be all that is left.
    isolated = {instance.key for instance in scheduler.isolated}
    wait_for_checks = scheduler._quarantine.waits and all(
        any(claim.key in isolated for claim in job.lane.claims)
        for job in scheduler._pool.waiting()
        if not scheduler._solitude.is_on
    )
    assert works or wait_for_checks, scheduler._workers
