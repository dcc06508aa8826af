"""What ``markersteal propose`` and ``audit`` refuse, before pytest is started."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from pytest_markersteal.cli.main import main
from pytest_markersteal.races.propose.file import FILE, write_proposals
from pytest_markersteal.races.propose.model import Proposals


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["propose", "--apply", "files"], "there is no 'files'; choose from source, map"),
        (["propose", "--apply", "map"], "there is no .markersteal/proposals.toml here; run"),
        (["propose", "--check"], "there is no .markersteal/proposals.toml here; run"),
        (["propose", "a.json", "--apply", "map"], "run 'markersteal propose a.json' first"),
        (["propose", "a.json", "--check"], "run 'markersteal propose a.json' first"),
        (["propose", "--check", "--apply", "map"], "look at what --apply changes first"),
        (["propose", "-n", "3"], "argument -n: is for --check"),
        (["propose", "--check", "-n", "1"], "'1' is not a whole number of at least 2"),
        (["propose", "a.json"], "there is no a.json; name a file with findings"),
        (["audit", "--html", "a", "--json"], "not allowed with argument"),
        (["report", "--", "tests"], "it runs no pytest"),
    ],
)
def test_refused(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With what to do instead."""
    assert message in refused(capsys, *arguments)


def test_files_that_hold_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Are named."""
    project.joinpath("a.json").write_text("[]")
    assert "a.json does not hold what a command of markersteal found; name another file" in refused(
        capsys, "propose", "a.json"
    )
    project.joinpath(".markersteal").mkdir()
    project.joinpath(FILE).write_text("version = 3")
    assert "proposals.toml has version 3" in refused(capsys, "propose", "--check")


def test_nothing_to_check(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Is told before the suite runs."""
    write_proposals(project / FILE, Proposals())

    assert "so there is nothing to check" in refused(capsys, "propose", "--check")


def test_missing_libraries(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The error says how to install them."""
    write_proposals(project / FILE, Proposals())
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    assert "pip install 'pytest-markersteal[propose]'" in refused(
        capsys, "propose", "--apply", "source"
    )
    assert "pip install 'pytest-markersteal[report]'" in refused(capsys, "audit", "--html", "a")
