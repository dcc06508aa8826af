"""Trials of real suites, in real processes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_markersteal.races.trials.model import Project, Trial
from pytest_markersteal.races.trials.results import Result, Started
from pytest_markersteal.races.trials.running import TrialError, Trials

SUITE = """
import os, time
import pytest

LEFT = []


def test_leaves():
    LEFT.append(1)


def test_minds():
    assert not LEFT


def test_exits():
    if os.environ.get("EXIT"):
        os._exit(3)


def test_hangs():
    if os.environ.get("HANG"):
        time.sleep(60)


@pytest.fixture
def broken():
    yield
    raise RuntimeError("broken teardown")


def test_broken(broken):
    pass
"""
LEAVES, MINDS, EXITS, HANGS, BROKEN = (
    f"test_it.py::test_{name}" for name in ("leaves", "minds", "exits", "hangs", "broken")
)


@pytest.fixture
def trials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trials:
    """Trials of a small suite that asks for more than it is given."""
    for name in list(os.environ):
        if name.startswith(("PYTEST_", "COV_", "CI", "MARKERSTEAL_")):
            monkeypatch.delenv(name)
    project = tmp_path / "project"
    project.mkdir()
    (project / "pytest.ini").write_text(
        "[pytest]\naddopts = -x -n 3 --dist load -p no:randomly\nfilterwarnings = error\n"
        "asyncio_default_fixture_loop_scope = function\n"
    )
    (project / "test_it.py").write_text(SUITE)
    return Trials(Project(project), tmp_path / "scratch")


def outcomes(trials: Trials, trial: Trial) -> dict[str, str]:
    return {test: result.outcome for test, result in trials.run(trial).results.items()}


def test_order_in_one_process(trials: Trials) -> None:
    """The tests that were asked for run in the order asked for, -n and -x notwithstanding."""
    assert outcomes(trials, Trial(slots=[[MINDS, LEAVES]])) == {MINDS: "passed", LEAVES: "passed"}

    ran = trials.run(Trial(slots=[[LEAVES, MINDS, EXITS]]))

    assert [*ran.results] == [LEAVES, MINDS, EXITS]
    assert ran.rounds[0].bad == [MINDS]
    assert ran.results[MINDS].message.startswith("assert not [1]")
    assert ran.results[MINDS].where.partition(".py:")[2] == "13"


def test_as_the_project_says(trials: Trials) -> None:
    """With no number of workers, that of the ini file counts."""
    ran = trials.run(Trial(workers=None, arguments=["test_it.py::test_leaves"]))

    assert {test: result.worker[:2] for test, result in ran.results.items()} == {LEAVES: "gw"}


def test_what_is_collected(trials: Trials) -> None:
    """All tests in their order, and none of them runs."""
    assert trials.collect() == [LEAVES, MINDS, EXITS, HANGS, BROKEN]


def test_temporary_files(trials: Trials, tmp_path: Path) -> None:
    """What a trial leaves in the folder for temporary files, the next one does not find."""
    (tmp_path / "project" / "test_tmp.py").write_text(
        "import tempfile, pathlib\n"
        "def test_it(): (pathlib.Path(tempfile.gettempdir()) / 'left').touch(exist_ok=False)\n"
    )
    trial = Trial(slots=[["test_tmp.py::test_it"]])

    for _ in range(2):
        assert outcomes(trials, trial) == {"test_tmp.py::test_it": "passed"}


def test_no_cache_and_strict_configuration(trials: Trials) -> None:
    """Where pytest has no cache, nobody tells it of a folder for one; nor its workers."""
    arguments = ["--strict-config", "-p", "no:cacheprovider"]

    ran = trials.run(Trial(slots=[[LEAVES], [MINDS]], arguments=arguments))

    assert ran.rounds[0].exit_status == pytest.ExitCode.OK
    assert {result.worker for result in ran.results.values()} == {"gw0", "gw1"}


def test_a_second_round_finds_what_the_first_left(trials: Trials) -> None:
    """Rounds run in one process, which has imported the modules by then."""
    first, second = trials.run(Trial(slots=[[MINDS, LEAVES]], rounds=2)).rounds

    assert (first.bad, second.bad) == ([], [MINDS])


def test_slots_have_workers(trials: Trials) -> None:
    """Tests of different slots run on different workers, and leave each other nothing."""
    ran = trials.run(Trial(slots=[[LEAVES, EXITS], [MINDS]]))

    assert not ran.rounds[0].bad
    assert {test: result.worker for test, result in ran.results.items()} == {
        LEAVES: "gw0",
        EXITS: "gw0",
        MINDS: "gw1",
    }


def test_free_run(trials: Trials, tmp_path: Path) -> None:
    """All tests run as they come; the trace does not end up among those of the project."""
    heard: list[Result] = []

    ran = trials.run(Trial(workers=2, dist="worksteal"), heard.append)

    assert set(ran.results) == {LEAVES, MINDS, EXITS, HANGS, BROKEN}
    assert (ran.results[BROKEN].outcome, ran.results[BROKEN].phase) == ("error", "teardown")
    assert {result.test for result in heard if isinstance(result, Started)} == set(ran.results)
    assert not (tmp_path / "project" / ".markersteal").exists()


def test_death_of_the_only_process(trials: Trials) -> None:
    """It is the running test's, and what comes after it was not run."""
    trial = Trial(slots=[[LEAVES, EXITS, HANGS]], environment={"EXIT": "1"})

    assert outcomes(trials, trial) == {LEAVES: "passed", EXITS: "crashed", HANGS: "not run"}


def test_death_of_a_worker(trials: Trials) -> None:
    """It is the running test's, and the others run."""
    trial = Trial(workers=2, environment={"EXIT": "1"})

    assert outcomes(trials, trial)[EXITS] == "crashed"


def test_a_hang_is_ended(trials: Trials) -> None:
    """A trial beyond its limit is ended, and its running test has hung."""
    trial = Trial(slots=[[LEAVES, HANGS, EXITS]], environment={"HANG": "1"}, limit_s=3)

    assert outcomes(trials, trial) == {LEAVES: "passed", HANGS: "hung", EXITS: "not run"}


def test_where_pytest_can_not_begin(trials: Trials) -> None:
    """The error has what pytest printed."""
    with pytest.raises(TrialError, match=r"(?s)exit code 4.*unrecognized arguments: --nonsense"):
        trials.run(Trial(arguments=["--nonsense"]))
