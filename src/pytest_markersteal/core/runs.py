"""The ordinary jobs that wait, and which of them a worker takes.

Fixtures of class, module and package scope are set up once for each worker that comes by, so a
worker stays where it is for as long as that costs no time:

- While much is left, any order ends at the same time. A worker stays in its module, then in its
  package; one that moves goes where the most waits for each worker that is there.
- Towards the end, the longest job goes first (LPT, Graham 1969), except that a worker stays in its
  module, or else in its package, for a job at least half as long as the longest, or if little is
  left there.

The worker that came first to a module takes its jobs from the front, others from the end, so that
they meet once.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import TypeAlias

from pytest_markersteal.core.jobs import Job
from pytest_markersteal.core.messages import WorkerId
from pytest_markersteal.core.novelty import Novelty
from pytest_markersteal.core.setups import Setups
from pytest_markersteal.core.suite import Suite

MUCH_LEFT = 2.0
"""Much is left while what waits is, for each worker, at least this many times the longest job."""

STAY_SHARE = 0.5
"""Towards the end, a worker stays for a job of at least this share of the longest."""

FINISH_SHARE = 0.1
"""... or if all that is left of the module is at most this share of it."""

TIED_SHARE = 0.9
"""With novelty, jobs of at least this share of the best one are as good as it."""

_LOOKED_AT = 32
"""How many of the longest jobs are looked at for one in a module where few others are."""

_Heap = list[tuple[float, int, Job]]
_Shares: TypeAlias = "list[tuple[float, int, int, _Place]]"


@dataclass(slots=True, eq=False)
class _Place:
    """A module or a package, and how much waits there; ``within`` lists it while something does."""

    number: int
    within: _Shares
    setup_s: float
    waiting_s: float = 0.0
    waiting: int = 0
    workers: int = 0
    version: int = 0
    jobs: deque[Job] = field(default_factory=deque)
    """Of a module: in the order of collection; taken ones are dropped when they come to an end."""
    longest: _Heap = field(default_factory=list)
    """Of a package: longest first; taken ones are dropped when they come to the top."""
    modules: _Shares = field(default_factory=list)
    """Of a package: those with the most for each worker first, as far as they are up to date."""
    first: WorkerId | None = None
    package: int = -1
    """Of a module: the one that it is in."""

    def add(self, seconds: float, jobs: int, workers: int = 0) -> None:
        """Count in (or out), and list anew."""
        self.waiting_s += seconds
        self.waiting += jobs
        self.workers += workers
        self.version += 1
        if self.waiting:
            heappush(self.within, (-self._share_s(), self.number, self.version, self))

    def _share_s(self) -> float:
        """What waits for one more worker; the set-up is work for the first, and waste after it."""
        setup_s = -self.setup_s if self.workers else self.setup_s
        return self.waiting_s / (self.workers + 1) + setup_s


class Runs:
    """Jobs without claims and without a home."""

    def __init__(
        self, suite: Suite, setups: Setups, workers: int, novelty: Novelty | None = None
    ) -> None:
        """With ``novelty``, ties are broken toward pairs of modules that are new."""
        self._suite = suite
        self._novelty = novelty
        self._setups = setups
        self._workers = workers
        self._waiting_s = 0.0
        self._longest: _Heap = []
        self._unexplored: deque[Job] = deque()
        self._packages: dict[int, _Place] = {}
        self._modules: dict[int, _Place] = {}
        self._by_share: _Shares = []
        self._at: dict[WorkerId, tuple[_Place, _Place]] = {}
        """The package and the module of the last job of each worker."""

    def put(self, job: Job, order: int) -> None:
        """Let ``job`` wait; of equally long ones, that of the lowest ``order`` goes first."""
        package, module = self._places(job)
        job.begin_to_wait()
        # Who is not in the module has its set-up before the job.
        entry = (-job.rank_s - module.setup_s, order, job)
        heappush(self._longest, entry)
        heappush(package.longest, entry)
        if order < 0:
            module.jobs.appendleft(job)
        else:
            module.jobs.append(job)
        self._count(job, 1)
        if not self._setups.is_seen("module", job.module):
            self._unexplored.append(job)

    def explore(self, last: int) -> Job | None:
        """A job of a module of which nothing is known, for a worker that loses nothing by leaving.

        What is slow is then found early. To leave costs nothing where no fixtures are shared.
        """
        suite, setups = self._suite, self._setups
        while self._unexplored:
            job = self._unexplored[0]
            if job.taken or setups.is_seen("module", job.module):
                self._unexplored.popleft()
                continue
            here = suite.package_of[last]
            moves = here != suite.package_of[job.tests[0]]
            if setups.price_s("module", suite.module_of[last]) or (
                moves and setups.price_s("package", here)
            ):
                return None
            return self._unexplored.popleft()
        return None

    def take(self, worker: WorkerId, last: int | None) -> Job | None:
        """The job for ``worker``, whose last test was ``last``; None if none waits."""
        longest = _top(self._longest)
        if longest is None:
            return None
        if self._waiting_s >= MUCH_LEFT * longest.rank_s * self._workers:
            job = self._in_its_turn(worker, last)
        else:
            job = self._towards_the_end(worker, last, longest)
        self.hand_out(job, worker)
        return job

    def hand_out(self, job: Job, worker: WorkerId) -> None:
        """``job`` goes to ``worker``."""
        if self._novelty is not None:
            self._novelty.give(job.module, self._before(worker), self._others(worker))
        job.taken = True
        self._count(job, -1)
        self._move(worker, job)

    def leave(self, worker: WorkerId) -> None:
        """Forget a worker that is gone, or that takes other work."""
        for place in self._at.pop(worker, ()):
            place.add(0.0, 0, workers=-1)

    def waiting(self) -> list[Job]:
        """Every job that waits; for checks."""
        jobs = (job for module in self._modules.values() for job in module.jobs)
        return [job for job in jobs if not job.taken]

    # Much is left

    def _in_its_turn(self, worker: WorkerId, last: int | None) -> Job:
        if last is not None:
            job = self._next_in(self._modules.get(self._suite.module_of[last]), worker)
            if job is not None:
                return job
        package = self._packages.get(self._suite.package_of[last]) if last is not None else None
        if package is None or not package.waiting:
            package = _most_waiting(self._by_share)
        module = _most_waiting(package.modules)
        if self._novelty is not None:
            module = self._newest(package.modules, module, worker, self._novelty)
        job = self._next_in(module, worker)
        assert job is not None
        return job

    # Towards the end

    def _towards_the_end(self, worker: WorkerId, last: int | None, longest: Job) -> Job:
        enough_s = STAY_SHARE * longest.rank_s
        heap = self._longest
        if last is not None:
            module = self._suite.module_of[last]
            job = self._next_in(self._modules.get(module), worker)
            if job is not None and self._stays_for(job, longest.rank_s):
                return job
            package = self._suite.package_of[last]
            if package in self._packages:
                top = _top(self._packages[package].longest)
                if top and top.rank_s + self._setups.price_s("package", package) >= enough_s:
                    heap = self._packages[package].longest
        # The first entry of a heap is its longest, and not taken.
        first = heap[0][2]
        worth = (
            entry
            for entry in heap[:_LOOKED_AT]
            if not entry[2].taken and entry[2].rank_s >= min(enough_s, first.rank_s)
        )
        ranked = sorted(worth, key=lambda entry: (self._others_in(entry[2].module), entry[:2]))
        best = ranked[0][2]
        if self._novelty is not None:
            best = self._newest_job([entry[2] for entry in ranked], worker, self._novelty)
        if not self._setups.price_s("module", best.module):
            return best
        end = self._next_in(self._modules[best.module], worker)
        return end if end is not None and end.rank_s >= enough_s else best

    def _others_in(self, module: int) -> int:
        """With how many workers the fixtures of ``module`` are, if it has any."""
        shares = self._setups.price_s("module", module) > 0
        return self._modules[module].workers if shares else 0

    def _stays_for(self, job: Job, longest_s: float) -> bool:
        """Whether a worker stays in its module for ``job``, the next one there."""
        price_s = self._setups.price_s("module", job.module)
        if job.rank_s + price_s >= STAY_SHARE * longest_s:
            return True
        # What is left may not be worth a later visit, with another set-up.
        little_s = max(FINISH_SHARE * longest_s, price_s)
        return self._modules[job.module].waiting_s <= little_s

    # New pairs

    def _newest(self, places: _Shares, most: _Place, worker: WorkerId, novelty: Novelty) -> _Place:
        """The module of ``places`` that makes most new pairs, of those as empty as ``most``.

        While much is left, any of them will do.
        """
        before, others = self._before(worker), self._others(worker)
        alike = [
            entry
            for entry in places[:_LOOKED_AT]
            if entry[2] == entry[3].version
            and entry[3].waiting
            and entry[3].workers == most.workers
        ]
        alike.sort(key=lambda entry: (-novelty.gain(entry[1], before, others), entry[:3]))
        return alike[0][3]

    def _newest_job(self, ranked: list[Job], worker: WorkerId, novelty: Novelty) -> Job:
        """The job that makes most new pairs, of those almost as good as the first of ``ranked``."""
        first = ranked[0]
        before, others = self._before(worker), self._others(worker)
        company = self._others_in(first.module)
        tied = [
            job
            for job in ranked
            if job.rank_s >= TIED_SHARE * first.rank_s and self._others_in(job.module) == company
        ]
        return max(tied, key=lambda job: novelty.gain(job.module, before, others))

    def _before(self, worker: WorkerId) -> int | None:
        """The module where ``worker`` was last."""
        return self._at[worker][1].number if worker in self._at else None

    def _others(self, worker: WorkerId) -> int:
        """The modules where other workers are, as bits."""
        others = 0
        for name, places in self._at.items():
            if name != worker:
                others |= 1 << places[1].number
        return others

    # Places

    def _next_in(self, module: _Place | None, worker: WorkerId) -> Job | None:
        """The next job of ``module`` in order, from the side that is ``worker``'s."""
        if module is None:
            return None
        jobs = module.jobs
        while jobs and jobs[0].taken:
            jobs.popleft()
        while jobs and jobs[-1].taken:
            jobs.pop()
        if not jobs:
            return None
        return jobs[0] if module.first in (None, worker) else jobs[-1]

    def _places(self, job: Job) -> tuple[_Place, _Place]:
        # A job of several modules may have its first test in another package after a while.
        module = self._modules.get(job.module)
        number = self._suite.package_of[job.tests[0]] if module is None else module.package
        package = self._packages.get(number)
        if package is None:
            package = _Place(number, self._by_share, self._setups.of("package", number))
            self._packages[number] = package
        if module is None:
            setup_s = self._setups.of("module", job.module)
            module = _Place(job.module, package.modules, setup_s, package=number)
            self._modules[job.module] = module
        return package, module

    def _count(self, job: Job, sign: int) -> None:
        self._waiting_s += sign * job.length_s
        for place in self._places(job):
            place.add(sign * job.length_s, sign)

    def _move(self, worker: WorkerId, job: Job) -> None:
        places = self._places(job)
        places[1].first = places[1].first or worker
        if self._at.get(worker) != places:
            self.leave(worker)
            self._at[worker] = places
            for place in places:
                place.add(0.0, 0, workers=1)


def _top(heap: _Heap) -> Job | None:
    """The longest job of ``heap`` that is not taken."""
    while heap and heap[0][2].taken:
        heappop(heap)
    return heap[0][2] if heap else None


def _most_waiting(places: _Shares) -> _Place:
    """The place with the most for each worker; there is one."""
    while True:
        _, _, version, place = places[0]
        if version == place.version and place.waiting:
            return place
        heappop(places)
