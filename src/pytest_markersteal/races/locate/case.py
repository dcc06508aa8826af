"""One victim: what is known of it, and the search among given tests."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pytest_markersteal.races.locate.accounts import Account
from pytest_markersteal.races.locate.lineups import after
from pytest_markersteal.races.locate.minimising import smallest
from pytest_markersteal.races.locate.oracle import Oracle, Symptom, Tally
from pytest_markersteal.races.trials.model import TestResult, Trial

CONFIRMED = 3
"""So often it must show with what was found, and so often the victim runs without."""
CONFIRMING_MOST = 9
"""After so many trials it has not shown often enough, where it does not always show."""
PATIENCE = 4
"""How often is asked before it counts as not showing, where it does not always show."""
MEETINGS = 3
"""The same for tests that have to meet: how far they have come then can't be forced."""


class Bond(enum.Enum):
    """What the victim has to do with the culprits."""

    AFTER = "fails after them"
    BESIDE = "fails beside them"
    NEEDS = "passes only after them"
    ITSELF = "passes or fails by itself"


@dataclass(frozen=True, slots=True)
class Located:
    """Some were found. In ``trial`` the victim fails: ``symptom`` is how, ``result`` one of these.

    ``together`` is how often it failed with the culprits, or passed if it ``NEEDS`` them, and
    ``alone`` how often it failed alone. ``seen`` is the run in which it failed before, if that led
    to them.
    """

    bond: Bond
    culprits: tuple[str, ...]
    trial: Trial
    symptom: Symptom
    result: TestResult
    together: Tally
    alone: Tally
    seen: Account | None = None


class FlakyError(Exception):
    """The victim passes and fails alone, so nothing can be told from how it fares with others."""


class Case:
    """What is known of a victim. A search can be interrupted, and that stays."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle = oracle
        self.doing = "the victim alone"
        self.tried: list[str] = []
        """What did not lead anywhere, in sentences."""
        self.narrowed: tuple[str, ...] = ()
        """The fewest tests with which it is known to show, and that are not found to be minimal."""
        self.found: list[Located] = []
        self.seen: Account | None = None
        """The run that is followed."""
        self._alone: list[TestResult] = []
        self._asked_alone = 0
        """How many trials had run when it last ran alone."""

    def after(self, tests: Sequence[str]) -> Trial:
        """``tests`` and then the victim in one process."""
        return after(tests, self.oracle.victim)

    def fails_alone(self, trials: int) -> bool:
        """Whether it failed in so many trials without any other; ``FlakyError`` if they differ.

        Where other trials ran since, the first one does not count: it may find, and remove, what
        they left in files.
        """
        if 0 < len(self._alone) < trials and self.oracle.asked > self._asked_alone:
            self.oracle.ask(self.after([]))
        while len(self._alone) < trials:
            self._alone.append(self.oracle.ask(self.after([])))
            self._asked_alone = self.oracle.asked
        if len({result.is_bad for result in self._alone}) > 1:
            raise FlakyError
        return self._alone[0].is_bad

    def close_as_flaky(self) -> None:
        """Nothing is found but that it passes and fails alone."""
        self.found, self.narrowed = [], ()
        how = [result.is_bad for result in self._alone]
        if how == sorted(how) and self._fails_since():
            self.tried.append(
                "it passed alone at first, and fails alone since: a trial has left something "
                "outside of its process, like a file, that stays; remove it, let tests use tmp_path"
            )
            return
        bad = next(result for result in self._alone if result.is_bad)
        alone = self._tally_alone()
        located = Located(Bond.ITSELF, (), self.after([]), Symptom.of(bad), bad, alone, alone)
        self.found = [replace(located, seen=self.seen)]

    def _fails_since(self) -> bool:
        """Whether it still fails alone, each time."""
        for _ in range(CONFIRMING_MOST - len(self._alone)):
            self._alone.append(self.oracle.ask(self.after([])))
            if not self._alone[-1].is_bad:
                return False
        return True

    def search(
        self,
        bond: Bond,
        candidates: Sequence[str],
        trial_of: Callable[[Sequence[str]], Trial],
        tries: int,
    ) -> Located | None:
        """The fewest of ``candidates`` with which it shows in ``trial_of`` them.

        None if it does not show with all of them, in any of ``tries``. ``FlakyError`` as above.
        """
        result = self._shown(bond, trial_of(candidates), tries)
        if result is None:
            return None
        symptom = Symptom.of(result)
        self.narrowed = tuple(candidates)
        culprits, together = self._confirmed(bond, candidates, trial_of, symptom)
        self.fails_alone(CONFIRMED)
        if not together.shown:
            self.tried.append(f"it showed once with {self.doing}, but not when asked again")
            return None
        trial, alone = trial_of(culprits), self._tally_alone()
        if bond is Bond.NEEDS:  # It is alone that it fails.
            trial, result = self.after([]), self._alone[-1]
        located = Located(
            bond, culprits, trial, Symptom.of(result), result, together, alone, self.seen
        )
        if bond is Bond.BESIDE:
            located = self._in_one_process(located)
        self.found.append(located)
        self.narrowed = ()
        return located

    def _shown(self, bond: Bond, trial: Trial, tries: int) -> TestResult | None:
        """How the victim fared when it showed what is looked for, if it did."""
        for _ in range(tries):
            result = self.oracle.ask(trial)
            if result.has_passed if bond is Bond.NEEDS else result.is_bad:
                return result
        return None

    def _confirmed(
        self,
        bond: Bond,
        candidates: Sequence[str],
        trial_of: Callable[[Sequence[str]], Trial],
        symptom: Symptom,
    ) -> tuple[tuple[str, ...], Tally]:
        """The culprits, and how often it showed with them.

        It never shows without, so where it shows, this is certain; where it does not, it may have
        been luck. If it has not shown each time in the end, all is asked again, more often.
        """
        what = self.doing

        def found(patience: int) -> tuple[str, ...]:
            return smallest(
                candidates,
                lambda some: self.oracle.tally(trial_of(some), symptom, 1, patience).shown > 0,
                narrow,
            )

        def narrow(tests: tuple[str, ...]) -> None:
            self.narrowed = tests
            self.doing = f"{what}, of which {len(tests)} are left"

        culprits = found(MEETINGS if bond is Bond.BESIDE else 1)
        most = CONFIRMING_MOST if bond is Bond.BESIDE else CONFIRMED
        together = self.oracle.tally(trial_of(culprits), symptom, CONFIRMED, most)
        if together.shown < CONFIRMED:
            self.fails_alone(CONFIRMING_MOST)
            culprits = found(PATIENCE)
            together = self.oracle.tally(trial_of(culprits), symptom, CONFIRMED, CONFIRMING_MOST)
        self.doing = what
        return culprits, together

    def _in_one_process(self, located: Located) -> Located:
        """The same, if it need not overlap at all: what is left behind may be a file."""
        trial = self.after(located.culprits)
        if not self.oracle.tally(trial, located.symptom, 1, 1).shown:
            return located
        together = self.oracle.tally(trial, located.symptom, CONFIRMED, CONFIRMED)
        if together.shown < CONFIRMED:
            return located
        return replace(located, bond=Bond.AFTER, trial=trial, together=together)

    def _tally_alone(self) -> Tally:
        return Tally(sum(result.is_bad for result in self._alone), len(self._alone))
