"""Runs what a verification consists of, as far as its budget goes."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from pytest_markersteal.races import hashes
from pytest_markersteal.races.limits import limit_s
from pytest_markersteal.races.trials.model import Ran, TestResult, Trial
from pytest_markersteal.races.trials.results import Result
from pytest_markersteal.races.trials.running import TrialError, Trials
from pytest_markersteal.races.verify import forking
from pytest_markersteal.races.verify.designs import orders, square
from pytest_markersteal.races.verify.model import (
    AGAIN,
    ALONE,
    COVER,
    FORWARD,
    REVERSE,
    TWICE,
    Failure,
    Pairs,
    Seen,
)
from pytest_markersteal.words import count


class Watcher(Protocol):
    """Who is told what happens while it goes on."""

    def began(self, what: str) -> None:
        """A run begins."""

    def heard(self, result: Result) -> None:
        """The run says something."""


class Neighbourhood(Protocol):
    """The pairs of modules that are known to have run next to each other."""

    def is_seen(self, one: str, other: str) -> bool:
        """Whether ``other`` ran directly after ``one``, in some run before, and passed."""

    def saw(self, one: str, other: str) -> None:
        """It did now."""


class OutOfBudgetError(Exception):
    """What comes next would take too long."""


class Verifying:
    """Verifies the tests in ``paths``, by ``trials`` of the project without these."""

    def __init__(
        self,
        trials: Trials,
        paths: Sequence[str],
        watcher: Watcher,
        budget_s: float | None = None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """``budget_s`` is how long it may take, by the clock ``now_s``; None for any time."""
        self.seen = Seen()
        self._trials = trials
        self._paths = tuple(paths)
        self._watcher = watcher
        self._budget_s = budget_s
        self._now_s = now_s
        self._began_s = now_s()
        self._suite_s = 0.0

    def begin(self) -> None:
        """All tests forward, and again; ``TrialError`` if none can run."""
        ran = self._run(FORWARD, self._twice_forward(), 0.0)
        self._suite_s = ran.seconds / len(ran.rounds)
        self.seen.ids = [*ran.rounds[0].results]
        self._take(FORWARD, self.seen.ids, ran, 0)
        if len(ran.rounds) > 1:
            self._take(AGAIN, self.seen.ids, ran, 1)
            self.seen.ran.append(AGAIN)

    def quick(self) -> None:
        """In reverse, and each test alone, and then what explains failures forward and again."""
        for part, name in (
            (self._reverse, "in reverse"),
            (self._alone, "each test alone"),
            (self._twice, "which tests leave something to themselves"),
            (self._confirm_forward, "what failed forward and again, once more"),
        ):
            self._try(part, name)

    def deep(self, neighbourhood: Neighbourhood) -> None:
        """Each module directly after each other one, then the tests of suspicious modules."""
        self._try(lambda: self._cover_modules(neighbourhood), "pairs of modules")
        self._try(self._cover_within, "pairs of tests of modules in which something failed")

    def _try(self, part: Callable[[], None], name: str) -> None:
        """Do a part of it; what is left out of it is told."""
        try:
            part()
        except OutOfBudgetError as error:
            self.seen.not_covered.append(f"{name}{error}, as there is no time left")
        except TrialError as error:
            self.seen.not_covered.append(f"{name}, as {error}")

    # What quick does

    def _twice_forward(self) -> Trial:
        return Trial(rounds=2, arguments=self._paths)

    def _reverse(self) -> None:
        self._run_order(REVERSE, self.seen.ids[::-1], REVERSE)

    def _alone(self) -> None:
        modules = self._by_module()
        for number, (module, tests) in enumerate(modules.items()):
            what = f"{ALONE}, module {number + 1} of {len(modules)}"
            try:
                for targets, more in self._processes(module, tests):
                    seconds = self._suite_s / len(modules)
                    ran = self._run(what, Trial(arguments=[*more, *targets]), seconds, ALONE)
                    self._take_alone(ran, tests)
            except TrialError as error:
                self._can_not_begin(tests, str(error))
            except OutOfBudgetError:
                left = len(self.seen.ids) - len(self.seen.alone)
                raise OutOfBudgetError(f": {count(left, 'test')} left") from None

    def _processes(
        self, module: str, tests: Sequence[str]
    ) -> Iterable[tuple[Sequence[str], Sequence[str]]]:
        """The tests of each process, and what it is told besides."""
        if not forking.AVAILABLE:
            return [([test], ()) for test in tests]
        is_whole = not any("::" in path for path in self._paths)
        return [([module] if is_whole else tests, forking.ARGUMENTS)]

    def _take_alone(self, ran: Ran, tests: Sequence[str]) -> None:
        results = ran.results
        for test in tests:
            if test not in results:
                continue
            self.seen.alone.add(test)
            if results[test].is_bad:
                self._add(Failure(test, ALONE, (), results[test].message, 1, 1))
                # A copy of a process is almost, but not quite, a process in which it runs alone.
                own = self._run(f"{ALONE}, {test}", Trial(arguments=[test]), 0.0, ALONE)
                self._tried_again(test, ALONE, own.results)

    def _can_not_begin(self, tests: Sequence[str], why: str) -> None:
        """Tests of a module that can't even be collected alone."""
        for test in tests:
            self.seen.alone.add(test)
            self._add(Failure(test, ALONE, (), why.splitlines()[-1].strip(), 1, 1))

    def _twice(self) -> None:
        """Whether what fails in a process again, does so after itself."""
        for test, kind in list(self.seen.failures):
            if kind != AGAIN or (test, ALONE) in self.seen.failures:
                continue
            trial = Trial(rounds=2, arguments=[test])
            rounds = self._run(f"{TWICE}, {test}", trial, 0.0, TWICE).rounds
            if rounds[-1].bad == [test] and not rounds[0].bad:
                message = rounds[-1].results[test].message
                self._add(Failure(test, TWICE, (test,), message, 1, 1))

    def _confirm_forward(self) -> None:
        """Once more, where tests failed for which nothing else that was seen is the reason."""
        open_ = [
            (test, kind)
            for test, kind in self.seen.failures
            if kind in (FORWARD, AGAIN)
            and not {(test, ALONE), (test, TWICE)}.intersection(self.seen.failures)
        ]
        if open_:
            seconds = 2 * self._suite_s
            rounds = self._run(
                f"{FORWARD}, once more", self._twice_forward(), seconds, FORWARD
            ).rounds
            for test, kind in open_:
                place = (FORWARD, AGAIN).index(kind)
                self._tried_again(test, kind, rounds[place].results if place < len(rounds) else {})

    # What deep does

    def _cover_modules(self, neighbourhood: Neighbourhood) -> None:
        by_module = self._by_module()
        modules = list(by_module)
        pairs = list(itertools.permutations(range(len(modules)), 2))
        earlier = {
            pair for pair in pairs if neighbourhood.is_seen(*(modules[place] for place in pair))
        }
        covered: set[tuple[int, int]] = set()
        rows = list(orders(len(modules), lambda *pair: pair in earlier))
        for number, order in enumerate(rows, 1):
            self.seen.pairs = Pairs(len(pairs), len(earlier), len(covered))
            tests = [test for place in order for test in by_module[modules[place]]]
            what = f"{COVER}, order {number} of {len(rows)} of modules"
            spoilt = {_module(test) for test in self._run_order(what, tests, COVER)}
            for pair in itertools.pairwise(order):
                if modules[pair[1]] not in spoilt:
                    neighbourhood.saw(*(modules[place] for place in pair))
            covered.update(pair for pair in itertools.pairwise(order) if pair not in earlier)
        self.seen.pairs = Pairs(len(pairs), len(earlier), len(covered))

    def _cover_within(self) -> None:
        """Each test directly after each other one, in modules with tests that failed somewhere."""
        suspicious = dict.fromkeys(
            _module(test)
            for test, _ in self.seen.failures
            if (test, FORWARD) not in self.seen.failures
        )
        by_module = self._by_module()
        for module in suspicious:
            tests = by_module.get(module, [])
            for number, order in enumerate(square(len(tests))):
                what = f"{COVER}, order {number + 1} of {len(tests)} tests in {module}"
                self._run_order(what, [tests[place] for place in order], COVER)

    # What both do

    def _run_order(self, what: str, order: Sequence[str], kind: str) -> set[str]:
        """Run tests in an order, once more if some fail that didn't; the tests that failed."""
        share = len(order) / len(self.seen.ids)
        trial = Trial(slots=[order], arguments=self._paths)
        ran = self._run(what, trial, share * self._suite_s, kind)
        news = self._take(kind, order, ran, 0)
        if news:
            again = self._run(f"{what}, once more", trial, 0.0, kind)
            for test in news:
                self._tried_again(test, kind, again.results)
        return set(ran.rounds[0].bad)

    def _run(self, what: str, trial: Trial, seconds: float, kind: str | None = None) -> Ran:
        """Carry out ``trial``, which takes about so many ``seconds``, if the budget has them."""
        spent_s = self._now_s() - self._began_s
        if self._budget_s is not None and self.seen.ids and spent_s + seconds > self._budget_s:
            raise OutOfBudgetError("")
        if (kind or what) not in self.seen.ran:
            self.seen.ran.append(kind or what)
        self._watcher.began(what)
        # What depends on hashes is not to look as if it depended on other tests.
        same = {"PYTHONHASHSEED": hash_seed()}
        # The first run may take any time.
        most_s = limit_s(2 * self._suite_s) if self.seen.ids else None
        ran = self._trials.run(
            replace(trial, environment=same, limit_s=most_s), self._watcher.heard
        )
        self._trials.discard(ran)
        return ran

    def _take(self, kind: str, order: Sequence[str], ran: Ran, place: int) -> list[str]:
        """Note what failed in a round; the tests that had not failed in such a run, nor forward."""
        news = []
        started = list(ran.rounds[place].results)
        position = {test: number for number, test in enumerate(started)}
        for test in ran.rounds[place].bad:
            if (test, kind) in self.seen.failures or (test, FORWARD) in self.seen.failures:
                continue
            if kind == COVER and self.seen.failed(test, ALONE):
                continue
            before = order if kind == AGAIN else started[: position[test]]
            message = ran.rounds[place].results[test].message
            self._add(Failure(test, kind, before, message, 1, 1))
            news.append(test)
        return news

    def _add(self, failure: Failure) -> None:
        self.seen.failures[failure.test, failure.kind] = failure

    def _tried_again(self, test: str, kind: str, results: Mapping[str, TestResult]) -> None:
        failure = self.seen.failures[test, kind]
        bad = test in results and results[test].is_bad
        self._add(replace(failure, seen=failure.seen + bad, runs=failure.runs + 1))

    def _by_module(self) -> dict[str, list[str]]:
        by_module: dict[str, list[str]] = {}
        for test in self.seen.ids:
            by_module.setdefault(_module(test), []).append(test)
        return by_module


def hash_seed() -> str:
    """``PYTHONHASHSEED`` of all runs: that of the user, or 0."""
    return hashes.chosen() or "0"


def _module(test: str) -> str:
    return test.partition("::")[0]
