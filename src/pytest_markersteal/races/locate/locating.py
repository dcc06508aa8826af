"""The search for those on whom a victim depends: one place after another, the likeliest first."""

from __future__ import annotations

import enum
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pytest_markersteal.races.locate.accounts import Account, account, kept_apart
from pytest_markersteal.races.locate.lineups import Way, after, as_traced, beside
from pytest_markersteal.races.locate.minimising import smallest
from pytest_markersteal.races.locate.oracle import PASSED, Oracle, Symptom, Tally
from pytest_markersteal.races.trials.model import TestResult, Trial
from pytest_markersteal.trace.model import Trace
from pytest_markersteal.trace.reader import read
from pytest_markersteal.words import count

CONFIRMED = 3
"""So often it must show with what was found, and so often the victim runs without."""
CONFIRMING_MOST = 9
"""After so many trials it has not shown often enough, where it does not always show."""
PATIENCE = 4
"""How often is asked before it counts as not showing, where it does not always show."""
MEETINGS = 3
"""The same for tests that have to meet: how far they have come then can't be forced."""
SETS = 3
"""How many sets of culprits are looked for, each of which suffices."""
SHUFFLES = 2
FREE_RUNS = 3
FREE_WORKERS = 4
BATCH = 3
"""How many tests meet the victim at once, where nothing is known."""


class Bond(enum.Enum):
    """What the victim has to do with the culprits."""

    AFTER = "fails after them"
    BESIDE = "fails beside them"
    NEEDS = "passes only after them"
    ITSELF = "passes or fails by itself"


@dataclass(frozen=True, slots=True)
class Located:
    """Some were found. ``trial`` and ``symptom`` show it, ``result`` is how the victim failed.

    ``together`` is how often the symptom showed with the culprits, ``alone`` how often the victim
    failed alone. ``seen`` is the run in which it failed before, if that led to them.
    """

    bond: Bond
    culprits: tuple[str, ...]
    trial: Trial
    symptom: Symptom
    result: TestResult
    together: Tally
    alone: Tally
    seen: Account | None = None


class _FlakyError(Exception):
    """The victim passes and fails alone, so nothing can be told from how it fares with others."""


class Locating:
    """One search. It can be stopped at any time, and tells then what is known."""

    def __init__(self, oracle: Oracle, traces: Iterable[Trace]) -> None:
        """``traces`` are of earlier runs, the newest first."""
        self._oracle = oracle
        self._victim = oracle.victim
        self._traces = traces
        self._seen: Account | None = None
        """The run that is followed."""
        self._place = oracle.collected.index(oracle.victim)
        self._alone_bad: list[bool] = []
        """Of each trial of the victim alone, whether it failed."""
        self._alone_result = TestResult("passed")
        """Its last failure alone."""
        self.doing = "the victim alone"
        self.tried: list[str] = []
        """What did not lead anywhere, in sentences."""
        self.narrowed: tuple[str, ...] = ()
        """The fewest tests with which it is known to show."""
        self.found: list[Located] = []

    def run(self) -> list[Located]:
        """What was found, and nothing where all was tried in vain.

        ``OutOfTrialsError``, and whatever interrupts it, leave what is known.
        """
        try:
            self._ask_alone(1)
            if self._alone_bad[0]:
                self._ask_alone(CONFIRMED)
                self._find_needed()
            else:
                self._find_disturbing()
                if not self.found:
                    self._ask_alone(CONFIRMED)
        except _FlakyError:
            self._take_for_flaky()
        return self.found

    # The victim alone

    def _ask_alone(self, trials: int) -> None:
        """Make it ``trials`` trials in all; ``_FlakyError`` if they differ."""
        while len(self._alone_bad) < trials:
            result = self._oracle.ask(after([], self._victim))
            self._alone_bad.append(result.is_bad)
            if result.is_bad:
                self._alone_result = result
        if len(set(self._alone_bad)) > 1:
            raise _FlakyError

    def _alone(self) -> Tally:
        return Tally(sum(self._alone_bad), len(self._alone_bad))

    def _take_for_flaky(self) -> None:
        result, alone = self._alone_result, self._alone()
        trial, symptom = after([], self._victim), Symptom.of(result)
        self.found = [Located(Bond.ITSELF, (), trial, symptom, result, alone, alone)]
        self.narrowed = ()

    # Who it needs

    def _find_needed(self) -> None:
        passes = Symptom(PASSED[0])
        for what, tests in self._orders(was_bad=False):
            self.doing = what
            if self._search(Bond.NEEDS, tests, self._after, passes.shows, 1):
                return
            self.tried.append(f"it fails after {what}")

    # Who disturbs it

    def _find_disturbing(self) -> None:
        met = self._account(was_bad=True)
        if met and self._as_in(met):
            return
        for what, tests in self._orders(was_bad=True):
            if self._find_before(what, tests):
                return
        apart: set[str] = set()
        for number in range(FREE_RUNS):
            self.doing = f"run {number + 1} of all tests on {FREE_WORKERS} workers"
            trace = self._free_run()
            if trace is None:
                continue
            apart = kept_apart(trace, self._victim)
            own = account(trace, self._victim, self._oracle.collected)
            if own and own.was_bad and self._as_in(own):
                return
        self.tried.append(
            f"{count(FREE_RUNS, 'run')} of all tests on {FREE_WORKERS} workers led no further"
        )
        self._find_pair(met, apart)

    def _as_in(self, run: Account) -> bool:
        """Look among those that were before it and beside it in ``run``."""
        where = _where(run)
        self._seen = run
        if self._find_before(_those_before(run), run.before) or self._find_beside(run, where):
            return True
        self.doing = f"all that {count(len(run.around), 'test')} did until then {where}"

        def replayed(tests: Sequence[str]) -> Trial:
            return as_traced(tests, self._victim, run.slots, run.times)

        others = len(run.around) > len(run.before)  # Without any, there was one process.
        if others and self._search(Bond.BESIDE, run.around, replayed, _is_bad, MEETINGS):
            return True
        self.tried.append(f"it passes in replays of all that was before it and beside it {where}")
        self._seen = None
        return False

    def _find_before(self, what: str, tests: Sequence[str]) -> bool:
        """Look among ``tests``, in their order, before it in its process."""
        if not tests:
            return False
        self.doing = what
        left = list(tests)
        while len(self.found) < SETS and left:
            # Twice, as it may not always show; what is left after a find showed nothing so far.
            located = self._search(Bond.AFTER, left, self._after, _is_bad, 1 if self.found else 2)
            if located is None:
                break
            left = [test for test in left if test not in located.culprits]
        if not self.found:
            self.tried.append(f"it passes after {what}")
        return bool(self.found)

    def _find_beside(self, run: Account, where: str) -> bool:
        """Look among those that ran at the same time in ``run``."""
        if not run.beside:
            return False
        what = f"{count(len(run.beside), 'test')} that overlapped with it {where}"
        for way in Way:

            def meeting(tests: Sequence[str], way: Way = way) -> Trial:
                if way is Way.TRACED:
                    return as_traced(tests, self._victim, run.slots, run.times)
                return beside(_by_slot(tests, run), self._victim, way)

            self.doing = f"{what}: {way.value}"
            if self._search(Bond.BESIDE, run.beside, meeting, _is_bad, MEETINGS):
                return True
        self.tried.append(f"it passes beside {what}")
        return False

    def _find_pair(self, met: Account | None, apart: set[str]) -> None:
        """Let it meet all others that may, a few at a time."""
        likely = {test: place for place, test in enumerate(met.beside if met else ())}
        durations_s = self._oracle.durations_s
        others = sorted(
            (test for test in self._oracle.collected if test not in apart | {self._victim}),
            key=lambda test: (likely.get(test, len(likely)), -durations_s.get(test, 0.0)),
        )
        for first in range(0, len(others), BATCH):
            batch = others[first : first + BATCH]
            for way in (Way.TOGETHER, Way.VICTIM_LAST, Way.VICTIM_FIRST):

                def meeting(tests: Sequence[str], way: Way = way) -> Trial:
                    return beside([[test] for test in tests], self._victim, way)

                so_far = f"{first + len(batch)} of {count(len(others), 'other test')}"
                self.doing = f"beside {so_far}: {way.value}"
                if self._search(Bond.BESIDE, batch, meeting, _is_bad, 1):
                    return
        if others:
            self.tried.append(f"it passes beside each of {count(len(others), 'other test')}")

    # One search

    def _search(
        self,
        bond: Bond,
        candidates: Sequence[str],
        trial_of: Callable[[Sequence[str]], Trial],
        is_it: Callable[[TestResult], bool],
        tries: int,
    ) -> Located | None:
        """The smallest of ``candidates`` with which what ``is_it`` shows, if it does with all."""
        for _ in range(tries):
            result = self._oracle.ask(trial_of(candidates))
            if is_it(result):
                break
        else:
            return None
        symptom = Symptom.of(result)
        what, self.narrowed = self.doing, tuple(candidates)
        patience = MEETINGS if bond is Bond.BESIDE else 1
        while True:

            def shows(tests: Sequence[str], patience: int = patience) -> bool:
                trial = trial_of(tests)
                return self._oracle.tally(trial, symptom, 1, patience).shown > 0

            def narrow(tests: tuple[str, ...]) -> None:
                self.narrowed = tests
                self.doing = f"{what}: {len(tests)} left"

            culprits = smallest(candidates, shows, narrow)
            self.doing = f"{what}: confirming"
            most = CONFIRMED if patience == 1 else CONFIRMING_MOST
            together = self._oracle.tally(trial_of(culprits), symptom, CONFIRMED, most)
            if together.shown == CONFIRMED or patience == PATIENCE:
                break
            patience = PATIENCE
            self._ask_alone(CONFIRMING_MOST)
        self._ask_alone(CONFIRMED)
        if not together.shown:
            self.tried.append(f"it showed with {what}, but not when asked again")
            return None
        failure = self._alone_result if bond is Bond.NEEDS else result
        trial = trial_of(culprits)
        alone = self._alone()
        located = Located(bond, culprits, trial, symptom, failure, together, alone, self._seen)
        if bond is Bond.BESIDE:
            located = self._in_one_process(located)
        self.found.append(located)
        self.narrowed = ()
        return located

    def _in_one_process(self, located: Located) -> Located:
        """The same, if it need not overlap at all: what is left behind may be a file."""
        trial = self._after(located.culprits)
        if not self._oracle.tally(trial, located.symptom, 1, 1).shown:
            return located
        together = self._oracle.tally(trial, located.symptom, CONFIRMED, CONFIRMED)
        if together.shown < CONFIRMED:
            return located
        return replace(located, bond=Bond.AFTER, trial=trial, together=together)

    # Where tests come from

    def _after(self, tests: Sequence[str]) -> Trial:
        return after(tests, self._victim)

    def _account(self, *, was_bad: bool) -> Account | None:
        """That of the newest run in which the victim failed, or did not."""
        for trace in self._traces:
            own = account(trace, self._victim, self._oracle.collected)
            for run in trace.tests:
                self._oracle.durations_s.setdefault(trace.ids[run.test], run.span.seconds)
            if own and own.was_bad == was_bad:
                return own
        return None

    def _orders(self, *, was_bad: bool) -> Iterator[tuple[str, Sequence[str]]]:
        """Orders of tests that may run before the victim, and what they are."""
        run = None if was_bad else self._account(was_bad=False)
        others = [test for test in self._oracle.collected if test != self._victim]
        orders = {
            "the tests that are collected before it": others[: self._place],
            "all others in the order of collection": others,
            "all others in reverse": others[::-1],
            **{
                f"all others, shuffled with seed {seed}": random.Random(seed).sample(
                    others, len(others)
                )
                for seed in range(SHUFFLES)
            },
        }
        if run:
            orders = {_those_before(run): [*run.before], **orders}
        seen: list[Sequence[str]] = [[]]
        for what, tests in orders.items():
            if tests not in seen:
                seen.append(tests)
                yield what, tests

    def _free_run(self) -> Trace | None:
        ran = self._oracle.run(Trial(workers=FREE_WORKERS))
        try:
            return read(ran.trace) if ran.trace else None
        finally:
            self._oracle.trials.discard(ran)


def _where(run: Account) -> str:
    return f"in the run of {run.began}"


def _those_before(run: Account) -> str:
    return f"{count(len(run.before), 'test')} before it in its process {_where(run)}"


def _is_bad(result: TestResult) -> bool:
    return result.is_bad


def _by_slot(tests: Sequence[str], run: Account) -> list[list[str]]:
    """``tests`` by the slots on which they ran in ``run``, in the order of their starts."""
    groups: dict[int, list[str]] = {}
    for test in sorted(tests, key=lambda test: run.times[test]):
        groups.setdefault(run.slots[test], []).append(test)
    return list(groups.values())
