"""Jobs: what a worker takes from the pool at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from pytest_markersteal.core.estimates import Estimates
from pytest_markersteal.core.suite import Claim

SINGLE_FIRST = 2.0
"""A test that is a job of its own is ranked as if it were this many times as long."""


@dataclass(slots=True, eq=False)
class Lane:
    """All jobs with the same claims and the same home."""

    claims: tuple[Claim, ...] = ()
    home: str | None = None
    splittable: bool = True
    """Whether any two workers may have tests of it at the same time."""
    spreads: bool = True
    """Whether two workers on different hosts may; so they may of one that is splittable."""
    jobs: list[tuple[float, int, Job]] = field(default_factory=list)
    """A heap, longest first."""
    listed: set[str] = field(default_factory=set)
    """The hosts for which the pool has this lane in one of its lists."""


class Job:
    """Tests that one worker runs in order; an idle worker may take the later part of them.

    ``module`` is the module of a run, or -1 where the tests are of several modules; ``length_s``
    what it was predicted to take when it began to wait, and ``rank_s`` where that puts it.
    """

    __slots__ = (
        "_classes_s",
        "_entered",
        "_estimates",
        "_known_s",
        "_unknown",
        "lane",
        "length_s",
        "module",
        "rank_s",
        "taken",
        "tests",
    )

    def __init__(self, lane: Lane, module: int, tests: Iterable[int], estimates: Estimates) -> None:
        self.lane = lane
        self.module = module
        self.tests = deque(tests)
        self.taken = False
        self.length_s = self.rank_s = 0.0
        self._estimates = estimates
        self._known_s = 0.0
        self._unknown = 0
        self._classes_s = 0.0
        """Seconds to set up the classes to come."""
        self._entered: int | None = None
        """The class whose set-up is not counted any more."""
        holder = None
        for test in self.tests:
            self._count(test, 1)
            if (here := estimates.class_of(test)) != holder:
                holder = here
                self._classes_s += estimates.setups.of("class", here)

    def __len__(self) -> int:
        return len(self.tests)

    @property
    def remaining_s(self) -> float:
        """Predicted seconds of the tests still in it, and of the set-ups of their classes."""
        known_s = max(0.0, self._known_s) + max(0.0, self._classes_s)
        if not self._unknown:
            return known_s
        return known_s + self._unknown * self._estimates.of(self.tests[-1])

    def begin_to_wait(self) -> None:
        """Note what it takes now, and how that ranks among jobs."""
        self.length_s = self.rank_s = self.remaining_s
        if len(self.tests) == 1:
            # Nobody can help out if it was predicted too short.
            known = self._estimates.history_s(self.tests[0]) is not None
            least_s = 0.0 if known else self._estimates.longest_s
            self.rank_s = max(SINGLE_FIRST * self.length_s, least_s)

    def next(self) -> int:
        """Take the first test out."""
        test = self.tests.popleft()
        self._count(test, -1)
        self._enter(self._estimates.class_of(test))
        return test

    def put_back(self, tests: Iterable[int]) -> None:
        """Put tests back in front, in their order."""
        for test in reversed(list(tests)):
            self.tests.appendleft(test)
            self._count(test, 1)

    def split(self, count: int) -> Job:
        """Cut off the last ``count`` tests (at least 1) as a job of its own."""
        tail = deque(self.tests.pop() for _ in range(count))
        tail.reverse()
        class_of = self._estimates.class_of
        before = class_of(self.tests[-1]) if self.tests else self._entered
        moved = Job(self.lane, self.module, tail, self._estimates)
        for test in tail:
            self._count(test, -1)
        self._classes_s -= moved._classes_s
        if before == class_of(tail[0]):
            self._classes_s += self._estimates.setups.of("class", before)
        return moved

    def _enter(self, holder: int) -> None:
        if holder != self._entered:
            self._entered = holder
            self._classes_s -= self._estimates.setups.of("class", holder)

    def _count(self, test: int, sign: int) -> None:
        # What is learned while a test waits in a job must not unbalance the sum, hence the history.
        known_s = self._estimates.history_s(test)
        if known_s is None:
            self._unknown += sign
        else:
            self._known_s += sign * known_s
