"""``markersteal locate``: what it says, refuses, and exits with, on a project that is simulated."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_markersteal.cli import locate
from pytest_markersteal.cli.main import main
from pytest_markersteal.races.findings import read_findings
from pytest_markersteal.races.trials.model import Project, Ran, Round, TestResult, Trial

COLLECTED = [f"test_a.py::test_{number}" for number in range(9)] + ["test_b.py::test_minds"]
VICTIM = COLLECTED[-1]
CULPRIT = COLLECTED[4]
FAILED = TestResult("failed", "call", "assert not [1]", f"{Path.cwd()}/test_b.py:7")

Rule = Callable[[list[str]], TestResult]


def fails_after_one(before: list[str]) -> TestResult:
    return FAILED if CULPRIT in before else TestResult("passed", "call")


def interrupted(before: list[str]) -> TestResult:
    """Somebody has seen enough, once few are left."""
    if len(before) < 4 and before:
        raise KeyboardInterrupt
    return fails_after_one(before)


class Simulated:
    """Stands in for ``Trials``: the victim fares as a rule says."""

    rule: Rule = staticmethod(fails_after_one)

    def __init__(self, project: Project, scratch: Path) -> None:
        self.count = 0
        self.seconds = 0.0

    def collect(self) -> list[str]:
        return COLLECTED

    def run(self, trial: Trial) -> Ran:
        self.count += 1
        named = [argument for argument in trial.arguments if "::" in argument]
        tests = named or [test for slot in trial.slots for test in slot]
        results = dict.fromkeys(tests, TestResult("passed", "call"))
        if VICTIM in results:
            results[VICTIM] = type(self).rule(tests[: tests.index(VICTIM)])
        return Ran([Round(results, 0)], 0.0, None, Path())

    def discard(self, ran: Ran) -> None:
        pass


@pytest.fixture(autouse=True)
def simulated(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process is started; pytest-randomly is not there."""
    monkeypatch.setattr(locate, "Trials", Simulated)
    monkeypatch.setattr(Simulated, "rule", staticmethod(fails_after_one))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def test_what_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    """A story, the failure, a command, and what to do."""
    assert main(["locate", VICTIM]) == 0

    story, failure, reproduce, following, _, trials = capsys.readouterr().out.splitlines()
    assert story == (
        f"{VICTIM} fails after {CULPRIT} in the same process (3 of 3 times), and passes without "
        "(3 of 3)."
    )
    assert failure == "  it failed in call: assert not [1] (test_b.py:7)"
    assert reproduce == f"  reproduce: pytest {CULPRIT} {VICTIM}"
    assert following.endswith(f"To see what it is: pytest {CULPRIT} {VICTIM} --markersteal-watch")
    assert trials.partition(" trials in ")[0].isdecimal()


def test_what_is_found_as_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """It is a document that other commands read."""
    assert main(["locate", "--json", VICTIM]) == 0

    path = tmp_path / "found.json"
    path.write_text(capsys.readouterr().out)
    (found,) = read_findings(path)
    assert (found.culprits, found.victims, found.found_by) == ((CULPRIT,), (VICTIM,), "locate")
    assert json.loads(path.read_text())["trials"] > 0


def test_arguments_for_pytest(capsys: pytest.CaptureFixture[str]) -> None:
    """What is behind -- is in the command, wherever options are."""
    arguments = ["locate", VICTIM, "--limit", "9", "--json", "--", "-p", "no:cov", "--strict"]
    assert main(arguments) == 0

    (found,) = json.loads(capsys.readouterr().out)["findings"]
    assert found["reproduce"] == f"pytest -p no:cov --strict {CULPRIT} {VICTIM}"


def test_nothing_found(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what was tried, and exits with 1."""
    monkeypatch.setattr(
        Simulated, "rule", staticmethod(lambda before: TestResult("passed", "call"))
    )

    assert main(["locate", VICTIM]) == 1

    first, *tried, following, _ = capsys.readouterr().out.splitlines()
    assert first == f"Found no test on which {VICTIM} depends."
    assert "  it passes after each other module alone" in tried
    assert "name it with --trace" in following


def test_a_flaky_test(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told as such, with how often it failed."""
    turns = iter([FAILED, TestResult("passed", "call"), FAILED, FAILED])
    monkeypatch.setattr(Simulated, "rule", staticmethod(lambda before: next(turns)))

    assert main(["locate", VICTIM]) == 0

    story, _, reproduce, following, *_ = capsys.readouterr().out.splitlines()
    assert story == f"{VICTIM} fails by itself, with no other test before it (2 of 3 times)."
    assert reproduce == f"  reproduce: pytest {VICTIM}"
    assert "mend the test itself first" in following


def test_too_few_trials(capsys: pytest.CaptureFixture[str]) -> None:
    """What is known then is told."""
    assert main(["locate", VICTIM, "--trials", "3"]) == 1

    out = capsys.readouterr().out
    assert "(gave up after 3 trials)" in out
    assert f"it showed with these, perhaps with fewer: {', '.join(COLLECTED[:9])}" in out


def test_too_few_trials_for_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    """What was found before there were no more is told."""
    assert main(["locate", VICTIM, "--trials", "13"]) == 0

    story, _, reproduce, *_, last = capsys.readouterr().out.splitlines()
    assert story.startswith(f"{VICTIM} fails after {CULPRIT}")
    assert reproduce == "  reproduce: no command is known that shows it"
    assert last.endswith("(gave up after 13 trials)")


def test_an_interrupt(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known then is told, too, and the exit code is that of an interrupt."""
    monkeypatch.setattr(Simulated, "rule", staticmethod(interrupted))

    assert main(["locate", VICTIM]) == 130

    out = capsys.readouterr().out
    assert "(stopped early)" in out
    assert f"perhaps with fewer: {COLLECTED[0]}, " in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["test_b.py::test_mind"], "10 collected tests; did you mean test_b.py::test_minds"),
        (["tests/test_b.py::test_minds"], "did you mean test_b.py::test_minds"),
        ([VICTIM, "--trace", "none.trace"], "there is no none.trace"),
        ([VICTIM, "--trials", "0"], "'0' is not a whole number of at least 1"),
        ([VICTIM, "--limit", "x"], "'x' is not a number of at least 1"),
    ],
)
def test_wrong_usage(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The error says what there is instead, and nothing is searched."""
    with pytest.raises(SystemExit) as exit_info:
        main(["locate", *arguments])

    assert exit_info.value.code == 2
    captured = capsys.readouterr()
    assert said in " ".join(captured.err.split())
    assert captured.out == ""


def test_arguments_for_pytest_where_it_is_not_run(capsys: pytest.CaptureFixture[str]) -> None:
    """Other commands refuse them."""
    with pytest.raises(SystemExit):
        main(["simulate", "--", "-x"])

    assert "it runs no pytest, so there is nothing to do with '-x'" in capsys.readouterr().err
