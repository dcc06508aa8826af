"""Sessions of runs, with a suite that does what it is told and a clock that is told the time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_markersteal.races.stress import state as records
from pytest_markersteal.races.stress.plan import Planned, Settings
from pytest_markersteal.races.stress.session import Session, SuiteChangedError
from pytest_markersteal.races.stress.state import FORMAT, Done, Head, State, StateError
from pytest_markersteal.races.stress.telling import findings
from pytest_markersteal.races.trials.model import Ran, Round, TestResult, Trial
from pytest_markersteal.races.trials.running import TrialError

PASSED, FAILED, SKIPPED = (TestResult(outcome) for outcome in ("passed", "failed", "skipped"))


class Suite:
    """Stands for trials: ``does`` says what becomes of its tests; each run takes ten seconds."""

    def __init__(self, folder: Path, does: Callable[[Trial], Mapping[str, TestResult]]) -> None:
        self.folder = folder
        self.does = does
        self.trials: list[Trial] = []
        self.now_s = 0.0

    def run(self, trial: Trial, heard: Any = None) -> Ran:
        self.trials.append(trial)
        self.now_s += 10.0
        own = self.folder / f"trial-{len(self.trials)}"
        own.mkdir(exist_ok=True)
        (own / "2026-01-01T00-00-00.trace").write_text("a trace")
        rounds = [Round(self.does(trial), 0) for _ in range(trial.rounds)]
        return Ran(rounds, 10.0, None, own / "output.txt")

    def discard(self, ran: Ran) -> None:
        pass


class Deaf:
    def began(self, session: Session, planned: Planned) -> None: ...

    def heard(self, result: object) -> None: ...


def settings(**changed: Any) -> Settings:
    fields = Settings((1, 2), 3, False, 0.95, 0.0, 0, 1, "", ("tests",)).fields()
    return Settings.of_fields({**fields, **changed})


@pytest.fixture
def session(tmp_path: Path) -> Callable[..., tuple[Session, Suite, State]]:
    """A new session."""

    def make(
        does: Callable[[Trial], Mapping[str, TestResult]], **changed: Any
    ) -> tuple[Session, Suite, State]:
        suite = Suite(tmp_path, does)
        state = State(tmp_path / "state")
        asked = settings(**changed)
        state.begin(asked)
        return Session(asked, state, suite, Deaf(), lambda: suite.now_s), suite, state  # type: ignore[arg-type] # stands for trials

    return make


def on_two(trial: Trial) -> Mapping[str, TestResult]:
    """A test fails on two workers; one is always skipped."""
    return {"a": FAILED if trial.workers == 2 else PASSED, "b": SKIPPED, "c": PASSED}


def test_levels_are_counted(session: Any) -> None:
    """By level: how many runs passed, what that proves, how many tests always did the same."""
    own, _, state = session(on_two)
    own.go_on()

    one, two = own.tally.levels()
    assert (one.runs, one.passed, one.consistent, round(one.most, 3)) == (3, 3, 3, 0.632)
    assert (two.runs, two.passed, two.consistent, two.most) == (3, 0, 3, 1.0)
    assert own.tally.verdict() == "flaky"
    (finding,) = findings(own.tally, state.folder)
    assert finding.victims == ("a",)
    assert finding.reproduce.endswith(f"--markersteal-replay={state.folder}/run-2-1.trace tests")


@pytest.mark.parametrize(
    ("does", "verdict"),
    [
        (lambda trial: {"a": PASSED, "b": SKIPPED}, "stable"),
        (lambda trial: {"a": PASSED, "b": FAILED}, "failing"),
        (on_two, "flaky"),
        (lambda trial: {"a": PASSED, "b": TestResult("not run")}, "flaky"),
    ],
)
def test_verdicts(
    session: Any, does: Callable[[Trial], Mapping[str, TestResult]], verdict: str
) -> None:
    """Always failing is not flaky, and a run that leaves tests out is not stable."""
    own, _, _ = session(does)
    own.go_on()

    assert own.tally.verdict() == verdict


def test_a_proven_level_is_done(session: Any) -> None:
    """29 passes prove a rate of at most 10 %; two failures of two runs, that it is above."""
    own, _, _ = session(on_two, rate=0.1, iterations=100)
    own.go_on()

    one, two = own.tally.levels()
    assert (one.runs, two.runs) == (29, 2)


def test_a_budget_is_kept(session: Any) -> None:
    """Nothing starts that would not be over in time."""
    own, suite, _ = session(on_two)
    own.go_on(budget_s=35.0)

    assert (own.runs_done, suite.now_s, own.out_of_time) == (3, 30.0, True)


def test_a_session_goes_on_where_it_ended(session: Any, tmp_path: Path) -> None:
    """Even if its file was cut off in the middle of a write: the same runs, each once."""
    whole, _, _ = session(on_two)
    whole.go_on()
    own, suite, state = session(on_two)
    own.go_on(budget_s=20.0)
    with state.path.open("ab") as file:
        file.write(b"\x93\x02")

    asked, ids, done = state.read()
    later = Session(asked, state, suite, Deaf(), lambda: suite.now_s)  # type: ignore[arg-type] # as above
    later.take_up(ids, done)
    later.go_on()

    assert len(suite.trials) == 6
    assert later.tally.levels() == whole.tally.levels()
    assert [record.number for record in state.read()[2]] == list(range(6))


def test_other_tests_end_it(session: Any) -> None:
    """The error names what is new, and what is gone."""
    own, suite, _ = session(on_two)
    own.go_on(budget_s=10.0)
    suite.does = lambda trial: {"a": PASSED, "b": PASSED, "d": PASSED}

    with pytest.raises(SuiteChangedError, match="1 new, among them d; 1 gone, among them c"):
        own.go_on()


def test_a_run_that_can_not_begin(session: Any) -> None:
    """The first one is an error; a later one is a run that did not pass."""

    def does(trial: Trial) -> Mapping[str, TestResult]:
        if trial.workers == 2:
            raise TrialError("no port")
        return {"a": PASSED}

    own, _, _ = session(does)
    own.go_on()
    assert [level.passed for level in own.tally.levels()] == [3, 0]
    assert own.tally.verdict() == "flaky"

    alone, _, _ = session(does, levels=(2,))
    with pytest.raises(TrialError, match="no port"):
        alone.go_on()


def test_a_reused_process_is_two_runs(session: Any) -> None:
    """The first round counts as of a fresh process, and of both there are traces."""
    own, suite, _ = session(lambda trial: {"a": FAILED}, perturb=True, iterations=1)
    own.go_on()

    processes = [run.condition.process for run in own.tally.runs if not run.condition.workers]
    assert processes == ["fresh", "reused"] * (len(processes) // 2)
    twice = [trial for trial in suite.trials if trial.rounds == 2]
    assert all("--markersteal-trace" in trial.arguments for trial in twice)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ([records.Tests([])], "is not the file of a session"),
        ([Head(FORMAT, 99, {})], "has version 99"),
        ([Head(FORMAT, 1, {"levels": [1]})], "has other settings"),
        ([Head(FORMAT, 1, settings().fields()), Done(0, 0, 1.0, {0: ["a"]}, "", "")], "results"),
    ],
)
def test_what_no_session_wrote(tmp_path: Path, written: list[Any], message: str) -> None:
    """It is refused with what is wrong with it."""
    state = State(tmp_path)
    for record in written:
        state.append(record)

    with pytest.raises(StateError, match=message):
        state.read()
