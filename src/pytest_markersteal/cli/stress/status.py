"""The line of progress."""

from __future__ import annotations

from pytest_markersteal.cli.progress import StatusLine
from pytest_markersteal.races.stress.plan import Planned
from pytest_markersteal.races.stress.session import Session
from pytest_markersteal.races.trials.results import PHASES, Collected, Reported, Result
from pytest_markersteal.words import count

_BAR = 20
_TEARDOWN = PHASES.index("teardown")


class Status:
    """Shows how far a session is, and its run."""

    def __init__(self, line: StatusLine) -> None:
        self._line = line
        self._before = ""
        self._done = 0
        self._tests = 0

    def began(self, session: Session, planned: Planned) -> None:
        """A run begins."""
        done, total = session.runs_done, len(session.plan)
        bar = f"{'█' * (_BAR * done // total):░<{_BAR}}"
        bad = len(session.tally.flaky()) + len(session.tally.failing())
        self._before = (
            f"{bar} run {done + 1} of {total}, {count(bad, 'test')} failed so far; "
            f"{count(planned.condition.workers, 'worker')}"
        )
        self._done = self._tests = 0
        self._line.show(self._before)

    def heard(self, result: Result) -> None:
        """Something happened in the run."""
        match result:
            case Collected(ids):
                self._tests = len(ids)
            case Reported(phase=phase) if phase >= _TEARDOWN:
                self._done += 1
            case _:
                return
        self._line.show(f"{self._before}, test {self._done} of {self._tests}")
