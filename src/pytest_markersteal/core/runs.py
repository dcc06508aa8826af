"""The ordinary jobs that wait, and which of them a worker takes: longest first, with affinity.

Fixtures of class, module and package scope are set up once for each worker that comes by, and
longest first matters only towards the end. So a worker stays in its module while much is left, or
the next job there is at least half as long as the longest of all, or little is left there; else it
stays in its package; one that has to move goes where the fewest others are. The worker that came
first to a module takes its jobs from the front, others from the end, so that they meet once.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from heapq import heappop, heappush

from pytest_markersteal.core.jobs import Job
from pytest_markersteal.core.messages import WorkerId
from pytest_markersteal.core.setups import Setups
from pytest_markersteal.core.suite import Suite

STAY_SHARE = 0.5
"""A worker stays for a job of at least this share of the longest."""

MUCH_LEFT = 2.0
"""... or if what waits is, for each worker, at least this many times the longest."""

FINISH_SHARE = 0.1
"""... or if all that is left of the module is at most this share of it."""

_LOOKED_AT = 32
"""How many of the longest jobs of a package are looked at for one in a module of its own."""

_Heap = list[tuple[float, int, Job]]


class Runs:
    """Jobs without claims and without a home."""

    def __init__(self, suite: Suite, setups: Setups, workers: int) -> None:
        self._suite = suite
        self._setups = setups
        self._workers = workers
        self._waiting_s = 0.0
        self._of_package: dict[int, _Heap] = defaultdict(list)
        self._of_module: dict[int, deque[Job]] = defaultdict(deque)
        self._first_in: dict[int, WorkerId] = {}
        self._at: dict[WorkerId, tuple[int, int]] = {}
        """The module and the package of the last job of each worker."""

    def put(self, job: Job, order: int) -> None:
        """Let ``job`` wait; of equally long ones, that of the lowest ``order`` goes first."""
        heap = self._of_package[self._package(job)]
        job.length_s = job.remaining_s
        self._waiting_s += job.length_s
        heappush(heap, (-job.length_s, order, job))
        siblings = self._of_module[job.module]
        if order < 0:
            siblings.appendleft(job)
        else:
            siblings.append(job)

    def take(self, worker: WorkerId, last: int | None) -> Job | None:
        """The job for ``worker``, whose last test was ``last``; None if none waits."""
        tops = {package: top for package in list(self._of_package) if (top := self._top(package))}
        if not tops:
            return None
        longest_s = max(job.length_s for job in tops.values())
        module = -1 if last is None else self._suite.module_of[last]
        job = self._next_in(module, worker)
        if job is None or not self._stays_for(job, longest_s):
            job = self._elsewhere(worker, last, tops, STAY_SHARE * longest_s)
        job.taken = True
        self._waiting_s -= job.length_s
        self._of_module[job.module].remove(job)
        self._first_in.setdefault(job.module, worker)
        self._at[worker] = job.module, self._package(job)
        return job

    def leave(self, worker: WorkerId) -> None:
        """Forget a worker that is gone."""
        self._at.pop(worker, None)

    def waiting(self) -> list[Job]:
        """Every job that waits; for checks."""
        return [job for jobs in self._of_module.values() for job in jobs]

    def _stays_for(self, job: Job, longest_s: float) -> bool:
        """Whether a worker stays in its module for ``job``, the next one there."""
        price_s = self._setups.price_s("module", job.module)
        if job.length_s + price_s >= STAY_SHARE * longest_s:
            return True
        if self._waiting_s >= MUCH_LEFT * longest_s * self._workers:
            return True
        # What is left may not be worth a later visit, with another set-up.
        jobs = self._of_module[job.module]
        little_s = max(FINISH_SHARE * longest_s, price_s)
        return len(jobs) <= _LOOKED_AT and sum(job.length_s for job in jobs) <= little_s

    def _elsewhere(
        self, worker: WorkerId, last: int | None, tops: dict[int, Job], enough_s: float
    ) -> Job:
        """A job of the worker's package, or of that with the fewest workers, which it then joins.

        In there, one of the longest, of a module with as few workers as possible.
        """
        others = [at for other, at in self._at.items() if other != worker]
        package = -1 if last is None else self._suite.package_of[last]
        price_s = self._setups.price_s("package", package) if package in tops else 0.0
        if package not in tops or tops[package].length_s + price_s < enough_s:
            crowd = Counter(package for _, package in others)
            worth = (package for package, job in tops.items() if job.length_s >= enough_s)
            package = min(worth, key=lambda package: crowd[package])
        crowd = Counter(module for module, _ in others)
        heap = self._of_package[package][:_LOOKED_AT]
        waiting = [entry for entry in heap if not entry[2].taken]
        worth_taking = [entry for entry in waiting if entry[2].length_s >= enough_s] or waiting
        longest = min(worth_taking, key=lambda entry: (crowd[entry[2].module], entry[:2]))[2]
        end = self._next_in(longest.module, worker)
        return end if end is not None and end.length_s >= enough_s else longest

    def _next_in(self, module: int, worker: WorkerId) -> Job | None:
        """The next job of ``module`` in order, from the side that is ``worker``'s."""
        jobs = self._of_module.get(module)
        if not jobs:
            return None
        return jobs[0] if self._first_in.get(module, worker) == worker else jobs[-1]

    def _package(self, job: Job) -> int:
        return self._suite.package_of[job.tests[0]]

    def _top(self, package: int) -> Job | None:
        """The longest job of ``package``."""
        heap = self._of_package[package]
        while heap and heap[0][2].taken:
            heappop(heap)
        if not heap:
            del self._of_package[package]
            return None
        return heap[0][2]
