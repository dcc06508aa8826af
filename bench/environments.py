"""Environments in which the arms of the benchmark run, with pinned versions, in bench/.cache."""

from __future__ import annotations

import subprocess
import venv
from dataclasses import dataclass
from pathlib import Path

from suites import TOOLS

HERE = Path(__file__).parent
_FOLDER = HERE / ".cache" / "arms"


@dataclass(frozen=True)
class Environment:
    """What is installed, ``peers`` beside pytest and pytest-xdist."""

    name: str
    peers: tuple[str, ...] = ()
    has_package: bool = False
    """Whether pytest-markersteal itself is installed."""
    tools: tuple[str, ...] = TOOLS


PACKAGE = Environment("package", has_package=True)
FILELOCK = Environment("filelock", ("filelock==4.2.11",))
BALANCE = Environment("balance", ("pytest-balance==0.1.0",))
SLOWEST_FIRST = Environment("slowest-first", ("pytest-slowest-first==0.1.2", "setuptools==80.9.0"))
SPLIT = Environment("split", ("pytest-split==0.11.0",))
EXCLUSIVE = Environment("exclusive", ("xdist-scheduling-exclusive==1.2.0",))


def python_of(environment: Environment) -> Path:
    """The Python of ``environment``, which is set up on first use; raises if that fails."""
    folder = _FOLDER / environment.name
    python = folder / "bin" / "python"
    wanted = [*environment.tools, *environment.peers]
    stamp = folder / "installed.txt"
    if stamp.exists() and stamp.read_text() == "\n".join(wanted):
        return python
    venv.create(folder, with_pip=True, clear=True)
    package = ["--editable", str(HERE.parent)] if environment.has_package else []
    pip: list[str | Path] = [python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", *wanted, *package], check=True)
    stamp.write_text("\n".join(wanted))
    return python
