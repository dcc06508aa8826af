"""``markersteal locate`` on small suites with planted faults, in real processes."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from corpus import Fault, faults

from pytest_markersteal.cli.main import main
from pytest_markersteal.races.trials.model import Project, Trial
from pytest_markersteal.races.trials.running import Trials

Locate = Callable[..., dict[str, Any]]

INI = "[pytest]\naddopts = -p no:cacheprovider {more}\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project, which is the current folder; few plugins, as they take long to import."""
    for name in list(os.environ):
        if name.startswith(("PYTEST_", "COV_", "CI", "MARKERSTEAL_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "xdist.plugin,pytest_markersteal.plugin")
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "pytest.ini").write_text(INI.format(more=""))
    (folder / "state.py").write_text("LEFT = []")
    return folder


@pytest.fixture
def locate(project: Path, capsys: pytest.CaptureFixture[str]) -> Locate:
    """Run the command, and take in what it says; it must exit with ``code``."""

    def run(*arguments: str, code: int = 0) -> dict[str, Any]:
        assert main(["locate", "--json", *arguments]) == code
        said: dict[str, Any] = json.loads(capsys.readouterr().out)
        return said

    return run


def failed(command: str) -> list[str]:
    """The tests that don't pass when a shell runs ``command``, as its summary names them."""
    program, *arguments = shlex.split(command)
    assert program == "pytest"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rfE", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    lines = [line.split() for line in done.stdout.splitlines()]
    return [words[1] for words in lines if words and words[0] in ("FAILED", "ERROR")]


def test_a_victim_that_fails_in_setup(project: Path, locate: Locate) -> None:
    """The polluter is found from scratch, and the command reverts the -n of the ini file."""
    (project / "pytest.ini").write_text(INI.format(more="-n 3 --dist load"))
    (project / "test_a.py").write_text(
        "import state\n"
        "def test_one(): pass\n"
        "def test_leaves(): state.LEFT.append(1)\n"
        "def test_two(): pass\n"
    )
    (project / "test_b.py").write_text(
        "import pytest, state\n"
        "@pytest.fixture\n"
        "def empty(): assert not state.LEFT\n"
        "def test_minds(empty): pass\n"
    )

    said = locate("test_b.py::test_minds")

    (found,) = said["findings"]
    assert (found["kind"], found["found_by"], found["mark"]) == ("order", "locate", "")
    assert found["culprits"] == ["test_a.py::test_leaves"]
    assert found["victims"] == ["test_b.py::test_minds"]
    assert found["reproduce"] == "pytest -n0 test_a.py::test_leaves test_b.py::test_minds"
    assert "(3 of 3 times), and passes without (3 of 3)" in found["story"]
    assert found["evidence"] == ["it failed in setup: assert not [1] (test_b.py:3)"]
    assert failed(found["reproduce"]) == ["test_b.py::test_minds"]


PLANTED = [fault for fault in faults() if fault.command == "locate"]


@pytest.mark.parametrize("fault", PLANTED, ids=lambda fault: str(fault.name))
def test_planted_faults(project: Path, locate: Locate, fault: Fault) -> None:
    """The culprits are found, and none of the innocent tests around them is accused."""
    shutil.copytree(
        fault.folder, project, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
    )
    (victim,) = fault.victims

    (found,) = locate(victim)["findings"]

    assert (found["kind"], found["victims"]) == ("order", [victim])
    assert sorted(found["culprits"]) == sorted(fault.culprits)
    is_brittle = fault.condition == "alone"
    assert found["mark"] == ""
    assert ("xdist_group" in found["advice"]) == is_brittle
    assert ("and fails without (3 of 3)" in found["story"]) == is_brittle
    assert failed(found["reproduce"]) == ([] if fault.name == "order_crash" else [victim])


OVERLAP = """
import time
from pathlib import Path

BUSY, LOOKED = Path("busy"), Path("looked")

def comes(path, limit_s):
    until_s = time.monotonic() + limit_s
    while not path.exists() and time.monotonic() < until_s:
        time.sleep(0.005)
    return path.exists()

def test_before(): pass

def test_minds():
    busy = comes(BUSY, 0.3)
    LOOKED.touch()
    assert not busy

def test_is_busy():
    LOOKED.unlink(missing_ok=True)
    BUSY.touch()
    comes(LOOKED, 1.0)
    BUSY.unlink()

def test_other(): pass
"""


def test_a_victim_that_fails_beside_another(project: Path, locate: Locate, tmp_path: Path) -> None:
    """With the trace of a run in which both overlapped, and a number of workers in the ini file."""
    (project / "pytest.ini").write_text(INI.format(more="-n 3"))
    (project / "test_a.py").write_text(OVERLAP)
    before, minds, is_busy, other = (
        f"test_a.py::test_{name}" for name in ("before", "minds", "is_busy", "other")
    )
    ran = Trials(Project(project), tmp_path / "scratch").run(
        Trial(
            slots=[[before, minds], [other, is_busy]],
            times={before: (0, 1), other: (0, 1), is_busy: (1, 3), minds: (2, 3)},
        )
    )
    assert ran.rounds[0].bad == [minds]
    assert ran.trace is not None
    shutil.copy(ran.trace, "run.trace")

    (found,) = locate(minds, "--trace", "run.trace")["findings"]

    assert (found["kind"], found["mark"]) == ("conflict", "shared_resource:shared")
    assert found["culprits"] == [is_busy]
    script = ".markersteal/locate/test_a.py-test_minds.trace"
    assert found["reproduce"] == f"pytest --markersteal-replay={script} -n 2"
    assert failed(found["reproduce"]) == [minds]
    assert found["evidence"][1].endswith("it failed")
