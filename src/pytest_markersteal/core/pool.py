"""The tests that no worker has yet, and the rule by which a worker takes the next job.

First what only this worker may run; then what can't be cut, chains of keys and groups, by how
long it keeps the run going at least (its criticality); then ordinary jobs, see ``runs``. No reader
of a key overtakes a writer that waits for it.

A lane that can't be held right now waits at the key that blocks it, so that looking for a job
doesn't mean looking at all lanes. Each host has lists of its own, as a key per host blocks there
only.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from heapq import heappop, heappush

from pytest_markersteal.core.hosts import Hosts, KeyAt
from pytest_markersteal.core.jobs import Job, Lane
from pytest_markersteal.core.leases import Leases
from pytest_markersteal.core.messages import WorkerId
from pytest_markersteal.core.novelty import Novelty
from pytest_markersteal.core.plan import Plan
from pytest_markersteal.core.runs import Runs
from pytest_markersteal.core.suite import Mode

_Heap = list[tuple[float, int, Lane]]
_Stalled = list[tuple[Lane, str]]
"""Lanes, each with the host from whose list it was taken."""


class Pool:
    """Jobs waiting to be taken."""

    def __init__(
        self, plan: Plan, leases: Leases, hosts: Hosts, novelty: Novelty | None = None
    ) -> None:
        self._plan = plan
        self._leases = leases
        self._hosts = hosts
        self._order = itertools.count()
        self._reverse = itertools.count(-1, -1)
        self._urgent: dict[str, _Heap] = {}
        """By host; every lane that is nobody's is in each of them, or stalled."""
        self._pinned: dict[WorkerId, _Heap] = defaultdict(list)
        self._blocked: dict[KeyAt, _Stalled] = defaultdict(list)
        self._held_back: dict[KeyAt, _Stalled] = defaultdict(list)
        # With one worker the tests of all modules are one job.
        of_several = novelty if plan.marks_matter else None
        self._runs = Runs(plan.suite, plan.estimates.setups, plan.workers, of_several)
        self._home: dict[str, WorkerId] = {}
        self._claimed: Counter[str] = Counter()
        self._load_s: dict[tuple[str, str], float] = defaultdict(float)
        self.tests = 0
        """How many tests wait here."""
        for test in range(len(plan.suite)):
            self.add_load(test, 1)
        for job in plan.jobs:
            self._insert(job, next(self._order))

    def open(self, host: str) -> None:
        """From now on there may be workers on ``host``."""
        if host not in self._urgent:
            self._urgent[host] = []
            for lane in self._plan.lanes:
                self._list(lane)

    # What waits

    def put(self, job: Job) -> None:
        """Put in the tests of a job that was taken before, ahead of others of its length."""
        again = Job(job.lane, job.module, job.tests, self._plan.estimates)
        self._insert(again, next(self._reverse))

    def add_load(self, test: int, sign: int) -> None:
        """Count ``test`` into (or out of) what its keys and its home still have before them."""
        if not self._plan.marks_matter:
            return
        suite = self._plan.suite
        demand = suite.demand(test)
        home = suite.homes[suite.demand_of[test]]
        if demand.exclusive or (home is None and not demand.claims):
            return
        seconds = self._plan.weight_s(test) * sign
        if home is not None:
            self._load_s["home", home] += seconds
        for claim in demand.claims:
            if claim.mode is Mode.WRITE:
                units = suite.capacity(claim.key)
                if claim.key in suite.host_keys:
                    units *= self._plan.hosts
                self._load_s["key", claim.key] += seconds * claim.units / units

    def pin(self, home: str, worker: WorkerId | None) -> None:
        """Give ``home`` to ``worker``; with None it goes to the worker that next takes from it."""
        before = self._home.pop(home, None)
        if worker is not None:
            self._home[home] = worker
        if before is None:
            lists = list(self._urgent.items())
        else:
            lists = [(self._hosts.of(before), self._pinned[before])]
        lanes: dict[int, Lane] = {}
        for host, heap in lists:
            for _, _, lane in heap:
                if lane.home == home:
                    lane.listed.discard(host)
                    lanes[id(lane)] = lane
            heap[:] = sorted(entry for entry in heap if entry[2].home != home)
        if len(self._urgent) > 1:
            # Those that are stalled on one host may be free on others.
            lanes.update((id(lane), lane) for lane in self._plan.lanes if lane.home == home)
        for lane in lanes.values():
            self._list(lane)

    def leave(self, worker: WorkerId) -> None:
        """Forget a worker that is gone: its homes go to whoever takes from them next."""
        self._runs.leave(worker)
        for home in [home for home, holder in self._home.items() if holder == worker]:
            self.pin(home, None)

    def owners(self) -> list[WorkerId]:
        """Workers for which something may wait here that nobody else may run."""
        return [worker for worker, lanes in self._pinned.items() if lanes]

    def hosts_for(self, home: str | None) -> Sequence[str]:
        """The hosts on which tests with ``home`` may run: one, if that is some worker's."""
        holder = self._home.get(home) if home is not None else None
        return self._hosts.lasting if holder is None else [self._hosts.of(holder)]

    def wake(self, key: KeyAt) -> bool:
        """Look again at the lanes that wait for ``key``; whether there are any."""
        stalled = self._blocked.pop(key, []) + self._held_back.pop(key, [])
        for lane, host in stalled:
            lane.listed.discard(host)
            self._list(lane)
        return bool(stalled)

    def take_out(self, is_stranded: Callable[[Lane], object]) -> list[int]:
        """Take out the tests of lanes that are stranded, and return them."""
        taken: list[int] = []
        for lane in self._plan.lanes:
            if lane.jobs and is_stranded(lane):
                for _, _, job in lane.jobs:
                    self._count(job, -1)
                    taken += job.tests
                lane.jobs.clear()
        # Nobody waits for those any more.
        for key in dict.fromkeys([*self._blocked, *self._held_back] if taken else ()):
            self.wake(key)
        return taken

    def is_awaited(self, key: KeyAt) -> bool:
        """Whether a lane waits for ``key`` to be released."""
        # Those without jobs were free on another host.
        return any(lane.jobs for lane, _ in self._blocked.get(key, ()))

    def must_yield(self, worker: WorkerId, lane: Lane) -> bool:
        """Whether ``lane`` only reads a key for which a writer waits, where ``worker`` is."""
        return any(
            claim.mode is Mode.READ and self.is_awaited(self._hosts.at(worker, claim.key))
            for claim in lane.claims
        )

    def is_wanted(self, key: str) -> bool:
        """Whether a test that waits here claims ``key``."""
        return self._claimed[key] > 0

    def is_outranked(self, lane: Lane, worker: WorkerId) -> bool:
        """Whether a more critical lane waits for a key that ``worker`` has for ``lane``."""
        own_s = self._criticality_s(lane)
        return any(
            other.jobs and self._criticality_s(other) > own_s
            for claim in lane.claims
            for other, _ in self._blocked.get(self._hosts.at(worker, claim.key), ())
        )

    def waiting(self) -> Iterator[Job]:
        """Every job that waits here; for checks, it looks at all lanes."""
        yield from self._runs.waiting()
        for lane in self._plan.lanes:
            yield from (job for _, _, job in lane.jobs)

    # Taking

    def take(self, worker: WorkerId, last: int | None, *, at_rest: bool) -> Job | None:
        """The next job for ``worker``, whose last test was ``last``.

        A worker that still has committed tests is not ``at_rest``: it gets no job with claims or
        a home, which would be held while those tests run, and nothing else while it could have
        one.
        """
        lane = self._best(worker)
        if lane is not None:
            return self._pop(lane, worker) if at_rest else None
        job = self._runs.take(worker, last)
        if job is not None:
            self._count(job, -1)
        return job

    def explore(self, worker: WorkerId, last: int) -> Job | None:
        """An ordinary job that is worth leaving one's own for, because nothing is known of it."""
        job = self._runs.explore(last)
        if job is not None:
            self._runs.hand_out(job, worker)
            self._count(job, -1)
        return job

    def _best(self, worker: WorkerId) -> Lane | None:
        # What only this worker can run goes first: anything else may go to somebody else.
        own = self._top(self._pinned[worker], worker) if worker in self._pinned else None
        return own if own is not None else self._top(self._urgent[self._hosts.of(worker)], worker)

    def _top(self, heap: _Heap, worker: WorkerId) -> Lane | None:
        """The most critical lane of ``heap`` that ``worker`` may hold now; it stays listed."""
        host = self._hosts.of(worker)
        while heap:
            estimate, order, lane = heap[0]
            if not lane.jobs:
                heappop(heap)
                lane.listed.discard(host)
                continue
            criticality_s = self._criticality_s(lane)
            if criticality_s < -estimate:
                heappop(heap)
                heappush(heap, (-criticality_s, order, lane))
                continue
            blocker = self._leases.blocker(worker, lane.claims)
            overtaken = self._overtaken(lane, host)
            if blocker is None and overtaken is None:
                return lane
            heappop(heap)
            # A lane that is held back is not waited for, lest readers wait for each other.
            if overtaken is not None:
                self._held_back[overtaken].append((lane, host))
            else:
                assert blocker is not None
                self._blocked[blocker].append((lane, host))
        return None

    def _overtaken(self, lane: Lane, host: str) -> KeyAt | None:
        """A key that ``lane`` would read while a writer waits for its readers to leave, if any."""
        for claim in lane.claims:
            if claim.mode is Mode.READ and self.is_awaited(at := self._hosts.on(host, claim.key)):
                return at
        return None

    def _pop(self, lane: Lane, worker: WorkerId) -> Job:
        job = heappop(lane.jobs)[2]
        job.taken = True
        self._count(job, -1)
        if lane.home is not None and lane.home not in self._home:
            self.pin(lane.home, worker)
        return job

    def _insert(self, job: Job, order: int) -> None:
        lane = job.lane
        self._count(job, 1)
        if lane is self._plan.runs:
            self._runs.put(job, order)
        else:
            heappush(lane.jobs, (-job.remaining_s, order, job))
            self._list(lane)

    def _count(self, job: Job, sign: int) -> None:
        self.tests += sign * len(job)
        for claim in job.lane.claims:
            self._claimed[claim.key] += sign * len(job)

    def _list(self, lane: Lane) -> None:
        if not lane.jobs:
            return
        holder = self._home.get(lane.home) if lane.home is not None else None
        for host in list(self._urgent) if holder is None else [self._hosts.of(holder)]:
            if host not in lane.listed:
                lane.listed.add(host)
                heap = self._urgent[host] if holder is None else self._pinned[holder]
                heappush(heap, (-self._criticality_s(lane), next(self._order), lane))

    def _criticality_s(self, lane: Lane) -> float:
        """How much waits for what ``lane`` needs: the seconds before each of its keys, summed.

        So tests of several keys, which keep most others waiting, go before those of one of them.
        """
        loads = [self._load_s["key", claim.key] for claim in lane.claims]
        if lane.home is not None:
            loads.append(self._load_s["home", lane.home])
        return sum(loads)
