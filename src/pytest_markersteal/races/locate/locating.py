"""Where to look for those on whom a victim depends: the likeliest place first."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from pytest_markersteal.races.locate.accounts import Account, account, kept_apart
from pytest_markersteal.races.locate.case import CONFIRMED, MEETINGS, Bond, Case, FlakyError
from pytest_markersteal.races.locate.lineups import Way, as_traced, beside
from pytest_markersteal.races.locate.oracle import Oracle
from pytest_markersteal.races.trials.model import Trial
from pytest_markersteal.trace.model import Trace
from pytest_markersteal.trace.reader import read
from pytest_markersteal.words import count

SETS = 3
"""How many sets of culprits are looked for, each of which suffices."""
SHUFFLES = 2
"""How many random orders are tried."""
FREE_RUNS = 3
FREE_WORKERS = 4
BATCH = 3
"""How many tests meet the victim at once, where nothing is known."""


class Locating:
    """One search."""

    def __init__(self, oracle: Oracle, traces: Iterable[Trace]) -> None:
        """``traces`` are of earlier runs, the newest first."""
        self.case = Case(oracle)
        self._oracle = oracle
        self._victim = oracle.victim
        self._traces = traces

    def run(self) -> None:
        """Search until something is found, or all was tried; ``case`` has what is known.

        ``OutOfTrialsError`` where more trials would be needed than there may be.
        """
        case = self.case
        try:
            if case.fails_alone(1):
                case.fails_alone(CONFIRMED)
                self._find_needed()
                return
            self._find_disturbing()
            if not case.found:
                case.fails_alone(CONFIRMED)
        except FlakyError:
            case.close_as_flaky()

    def _find_needed(self) -> None:
        for what, tests in self._orders(self._account(was_bad=False)):
            self.case.doing = what
            if self.case.search(Bond.NEEDS, tests, self.case.after, 1):
                return
            self.case.tried.append(f"it fails after {what}")

    def _find_disturbing(self) -> None:
        met = self._account(was_bad=True)
        if met and self._as_in(met):
            return
        for what, tests in self._orders(None):
            if self._find_before(what, tests, 1):
                return
        others = [test for test in self._oracle.collected if test != self._victim]
        modules = [list(tests) for _, tests in groupby(others, _module)]
        if self._find_in_one("module", modules):
            return
        apart: set[str] = set()
        for number in range(FREE_RUNS):
            self.case.doing = f"run {number + 1} of all tests on {FREE_WORKERS} workers"
            trace = self._free_run()
            if trace is None:
                continue
            apart = kept_apart(trace, self._victim)
            own = account(trace, self._victim, self._oracle.collected)
            if own and own.was_bad and self._as_in(own):
                return
        self.case.tried.append(
            f"{count(FREE_RUNS, 'run')} of all tests on {FREE_WORKERS} workers led no further"
        )
        if not self._find_in_one("test", [[test] for test in self._likely(others, met)]):
            self._find_pair(self._likely([test for test in others if test not in apart], met))

    def _as_in(self, run: Account) -> bool:
        """Look among those that were before it and beside it in ``run``."""
        self.case.seen = run
        # Twice, as it may not always show.
        if self._find_before(_those_before(run), run.before, 2) or self._find_beside(run):
            return True
        if len(run.around) > len(run.before):  # Otherwise there was one process.
            what = f"all that {count(len(run.around), 'test')} did until then {_where(run)}"
            self.case.doing = what

            def replayed(tests: Sequence[str]) -> Trial:
                return as_traced(tests, self._victim, run.slots, run.times)

            if self.case.search(Bond.BESIDE, run.around, replayed, MEETINGS):
                return True
            self.case.tried.append(f"it passes in replays of {what}")
        self.case.seen = None
        return False

    def _find_before(self, what: str, tests: Sequence[str], tries: int) -> bool:
        """Look among ``tests``, in their order, before it in its process."""
        if not tests or self._search_before(what, tests, tries):
            return bool(tests)
        self.case.tried.append(f"it passes after {what}")
        return False

    def _search_before(self, what: str, tests: Sequence[str], tries: int) -> bool:
        """The same; of those that are left there may be others that suffice."""
        case, left = self.case, tests
        while left and len(case.found) < SETS:
            case.doing = what if not case.found else f"the other {count(len(left), 'test')}"
            located = case.search(Bond.AFTER, left, case.after, tries)
            if located is None:
                break
            left = [test for test in left if test not in located.culprits]
            tries = 1  # None of them showed anything so far.
        return bool(case.found)

    def _find_beside(self, run: Account) -> bool:
        """Look among those that ran at the same time in ``run``."""
        if not run.beside:
            return False
        what = f"{count(len(run.beside), 'test')} that overlapped with it {_where(run)}"
        for way in Way:

            def meeting(tests: Sequence[str], way: Way = way) -> Trial:
                if way is Way.TRACED:
                    return as_traced(tests, self._victim, run.slots, run.times)
                return beside(_by_slot(tests, run), self._victim, way)

            self.case.doing = f"{what}, {way.value}"
            if self.case.search(Bond.BESIDE, run.beside, meeting, MEETINGS):
                return True
        self.case.tried.append(f"it passes beside {what}")
        return False

    def _find_in_one(self, what: str, groups: Sequence[Sequence[str]]) -> bool:
        """Look in each of ``groups``, with no test of another before it, which might undo it."""
        for number, tests in enumerate(groups, 1):
            doing = f"{what} {number} of {len(groups)} before it"
            if self._search_before(doing, tests, 1):
                return True
        self.case.tried.append(f"it passes after each other {what} alone")
        return False

    def _find_pair(self, others: Sequence[str]) -> None:
        """Let it meet all of ``others``, a few at a time."""
        for first in range(0, len(others), BATCH):
            batch = others[first : first + BATCH]
            for way in (Way.TOGETHER, Way.VICTIM_LAST, Way.VICTIM_FIRST):

                def meeting(tests: Sequence[str], way: Way = way) -> Trial:
                    return beside([[test] for test in tests], self._victim, way)

                so_far = f"{first + len(batch)} of {count(len(others), 'other test')}"
                self.case.doing = f"beside {so_far}, {way.value}"
                if self.case.search(Bond.BESIDE, batch, meeting, 1):
                    return
        if others:
            self.case.tried.append(f"it passes beside each of {count(len(others), 'other test')}")

    def _account(self, *, was_bad: bool) -> Account | None:
        """That of the newest run in which the victim failed, or did not."""
        for trace in self._traces:
            own = account(trace, self._victim, self._oracle.collected)
            for run in trace.tests:
                self._oracle.durations_s.setdefault(trace.ids[run.test], run.span.seconds)
            if own and own.was_bad == was_bad:
                return own
        return None

    def _likely(self, tests: Sequence[str], met: Account | None) -> list[str]:
        """``tests``, first those that it ``met``, then those that take longest."""
        place = {test: number for number, test in enumerate(met.beside if met else ())}
        durations_s = self._oracle.durations_s
        return sorted(
            tests,
            key=lambda test: (place.get(test, len(place)), -durations_s.get(test, 0.0)),
        )

    def _orders(self, run: Account | None) -> Iterator[tuple[str, Sequence[str]]]:
        """Tests that may run before the victim, in an order, and what they are.

        First as in ``run``. They are few, as all are tried where it is overlaps that matter.
        """
        others = [test for test in self._oracle.collected if test != self._victim]
        place = self._oracle.collected.index(self._victim)
        orders: dict[str, Sequence[str]] = {_those_before(run): run.before} if run else {}
        orders["the tests that are collected before it"] = others[:place]
        orders["all others in the order of collection"] = others
        orders["all others in reverse"] = others[::-1]
        for seed in range(SHUFFLES):
            shuffled = random.Random(seed).sample(others, len(others))
            orders[f"all others, shuffled with seed {seed}"] = shuffled
        seen: set[tuple[str, ...]] = {()}
        for what, tests in orders.items():
            if tuple(tests) not in seen:
                seen.add(tuple(tests))
                yield what, tests

    def _free_run(self) -> Trace | None:
        ran = self._oracle.run(Trial(workers=FREE_WORKERS))
        try:
            return read(ran.trace) if ran.trace else None
        finally:
            self._oracle.trials.discard(ran)


def _module(test: str) -> str:
    return test.partition("::")[0]


def _where(run: Account) -> str:
    return f"in the run of {run.began}"


def _those_before(run: Account) -> str:
    return f"{count(len(run.before), 'test')} before it in its process {_where(run)}"


def _by_slot(tests: Sequence[str], run: Account) -> list[list[str]]:
    """``tests`` by the slots on which they ran in ``run``, in the order of their starts."""
    groups: dict[int, list[str]] = {}
    for test in sorted(tests, key=lambda test: run.times[test]):
        groups.setdefault(run.slots[test], []).append(test)
    return list(groups.values())
