"""What the command line of stress and verify says no to, before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_markersteal.cli.main import main
from pytest_markersteal.races.stress.plan import Settings
from pytest_markersteal.races.stress.state import FOLDER, State


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is yet."""
    monkeypatch.chdir(tmp_path)


def error(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["stress", "--levels", "0"], "'0' is not a whole number of at least 1"),
        (["stress", "--rate", "0"], "'0' is not a number from 1e-06 to 0.999"),
        (["stress", "--confidence", "95"], "'95' is not a number from 0.5 to 0.999999"),
        (["stress", "--budget", "soon"], "'soon' is no time above 0 like 90s, 10m or 1h30m"),
        (["stress", "--resume"], "there is no session in .markersteal/stress to go on with"),
        (["verify", "--budget", "0s"], "'0s' is no time above 0"),
        (["verify", "--quick", "--deep"], "not allowed with argument"),
    ],
)
def test_wrong_usage(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    """The message says what, and what there is instead."""
    assert message in error(capsys, *arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--levels", "1,4"], "begun with levels 1 2, not 1 4"),
        (["--perturb"], "begun with perturb False, not True"),
        (["tests/unit"], "begun with arguments tests -m slow, not tests/unit"),
        (["tests", "--", "-m", "fast"], "not tests -m fast"),
    ],
)
def test_going_on_with_something_else(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    """A session goes on as it was begun."""
    state = State(FOLDER)
    state.begin(Settings((1, 2), 3, False, 0.95, 0.0, 0, 1, "", ("tests", "-m", "slow")))

    assert message in error(capsys, "stress", "--resume", *arguments)
