"""Carries out a plan, keeps what comes of it, and goes on where another session ended."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from pytest_markersteal.races.limits import limit_s
from pytest_markersteal.races.stress.arranging import arguments_for, environment_for
from pytest_markersteal.races.stress.noise import noise
from pytest_markersteal.races.stress.plan import BUSY, REUSED, Planned, Settings, plan
from pytest_markersteal.races.stress.state import Done, State, Tests, as_fields, result_of
from pytest_markersteal.races.stress.tally import PASSED, Run, Tally
from pytest_markersteal.races.trials.model import Round, Trial
from pytest_markersteal.races.trials.results import Result
from pytest_markersteal.races.trials.running import TrialError, Trials
from pytest_markersteal.trace.folder import traces_in


class SuiteChangedError(Exception):
    """Other tests were collected than before; the message names some."""


class Watcher(Protocol):
    """Who is told what happens while a session goes on."""

    def began(self, session: Session, planned: Planned) -> None:
        """A run begins."""

    def heard(self, result: Result) -> None:
        """The run says something."""


class Session:
    """Runs of one suite, kept in ``state``."""

    def __init__(
        self,
        settings: Settings,
        state: State,
        trials: Trials,
        watcher: Watcher,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """``trials`` of the project with the arguments of ``settings``; by the clock ``now_s``."""
        self.settings = settings
        self.tally = Tally(settings)
        self.plan = plan(settings)
        self.out_of_time = False
        """Whether the budget was spent before the plan was done."""
        self._state = state
        self._trials = trials
        self._watcher = watcher
        self._now_s = now_s
        self._numbers: dict[str, int] = {}
        self._done: set[int] = set()
        self._longest_s = 0.0

    @property
    def runs_done(self) -> int:
        """How many runs of the plan have been carried out."""
        return len(self._done)

    def take_up(self, ids: list[str], done: Iterable[Done]) -> None:
        """Begin with what an earlier session has done."""
        self._know(ids)
        for record in done:
            self._count(record)

    def go_on(self, budget_s: float | None = None) -> None:
        """Carry out what is left of the plan, as far as it goes in ``budget_s`` seconds.

        Nothing starts that would not be over by then, if it takes as long as the longest run so
        far. ``TrialError`` if the first run can't begin, ``SuiteChangedError``, ``OSError``.
        """
        began_s = self._now_s()
        for number, planned in enumerate(self.plan):
            if number in self._done or self.tally.is_settled(planned.condition):
                continue
            spent_s = self._now_s() - began_s
            if budget_s is not None and self.tally.runs and spent_s + self._longest_s > budget_s:
                self.out_of_time = True
                return
            self._carry_out(number, planned)

    def _carry_out(self, number: int, planned: Planned) -> None:
        self._watcher.began(self, planned)
        trial = self._trial(planned)
        cores = self.settings.cores if planned.condition.noise == BUSY else 0
        began_s = self._now_s()
        try:
            with noise(cores):
                ran = self._trials.run(trial, self._watcher.heard)
        except TrialError as error:
            if not self.tally.runs:
                raise
            seconds = self._now_s() - began_s
            self._keep(Done(number, 0, seconds, {}, str(error), ""))
            return
        self._same_suite(ran.rounds)
        traces = traces_in(ran.output.parent)
        for place, done in enumerate(ran.rounds):
            seconds = ran.seconds / len(ran.rounds)
            results = {
                self._numbers[test]: as_fields(result)
                for test, result in done.results.items()
                if result.outcome != PASSED
            }
            record = Done(number, place, seconds, results, "", "")
            if place < len(traces) and self._is_news(results):
                kept = self._state.folder / f"run-{number + 1}-{place + 1}.trace"
                shutil.copyfile(traces[place], kept)
                record = Done(number, place, seconds, results, "", kept.name)
            self._keep(record)
        self._trials.discard(ran)

    def _trial(self, planned: Planned) -> Trial:
        workers = planned.condition.workers
        return Trial(
            workers=workers,
            rounds=2 if planned.condition.process == REUSED else 1,
            environment={
                "PYTHONHASHSEED": planned.hash_seed(self.settings),
                **environment_for(planned),
            },
            # With workers there is a trace anyway.
            arguments=[*arguments_for(planned), *([] if workers else ["--markersteal-trace"])],
            # The first run may take any time.
            limit_s=limit_s(self._longest_s) if self.tally.runs else None,
        )

    def _same_suite(self, rounds: Iterable[Round]) -> None:
        """``SuiteChangedError`` unless the tests are those of all runs before."""
        now = {test for done in rounds for test in done.results}
        if not self._numbers:
            ids = sorted(now)
            self._state.append(Tests(ids))
            self._know(ids)
        gone, new = sorted(self._numbers.keys() - now), sorted(now - self._numbers.keys())
        if gone or new:
            listed = [
                f"{len(tests)} {what}, among them {tests[0]}"
                for tests, what in ((new, "new"), (gone, "gone"))
                if tests
            ]
            raise SuiteChangedError(
                f"other tests were collected than in the runs before: {'; '.join(listed)}"
            )

    def _is_news(self, results: dict[int, list[str]]) -> bool:
        """Whether a test failed that had not failed yet."""
        return any(
            result_of(fields).is_bad and not self.tally.has_failed(test)
            for test, fields in results.items()
        )

    def _keep(self, record: Done) -> None:
        self._state.append(record)
        self._count(record)

    def _count(self, record: Done) -> None:
        planned = self.plan[record.number]
        condition = planned.condition
        if condition.process == REUSED and not record.round:
            condition = condition.first_round()
        self._done.add(record.number)
        rounds = 2 if planned.condition.process == REUSED else 1
        self._longest_s = max(self._longest_s, record.seconds * rounds)
        self.tally.add(
            Run(
                record.number,
                record.round,
                condition,
                planned.hash_seed(self.settings),
                record.seconds,
                {test: result_of(fields) for test, fields in record.results.items()},
                record.trouble,
                record.trace,
            )
        )

    def _know(self, ids: list[str]) -> None:
        self._numbers = {test: number for number, test in enumerate(ids)}
        self.tally.ids = ids
