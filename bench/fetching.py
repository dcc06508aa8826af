"""Fetches the suites of ``suites.py`` into bench/.cache, with an environment of their own."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import tarfile
import venv
from collections.abc import Iterable
from pathlib import Path

from suites import TOOLS, Suite

HERE = Path(__file__).parent
CACHE = HERE / ".cache"
ENVIRONMENT = CACHE / "venv"
PYTHON = ENVIRONMENT / "bin" / "python"


def pip(*args: str) -> None:
    """Run the pip of the suites' environment."""
    subprocess.run(
        [PYTHON, "-m", "pip", "--quiet", "--disable-pip-version-check", *args], check=True
    )


def fetch(suites: Iterable[Suite]) -> None:
    """Install what the suites need, and unpack those that are in source distributions."""
    suites = list(suites)
    CACHE.mkdir(exist_ok=True)
    # So that pytest does not look for its settings any further up.
    (CACHE / "pytest.ini").write_text("[pytest]\n")
    if not PYTHON.exists():
        venv.create(ENVIRONMENT, with_pip=True)
    wanted = [*TOOLS, *(need for suite in suites for need in (suite.requirement, *suite.needs))]
    pip("install", *wanted)
    pip("install", "--editable", str(HERE.parent))
    for suite in suites:
        if suite.folder and not (CACHE / suite.folder).exists():
            where = ("--dest", str(CACHE), "--no-deps", "--no-binary", suite.name)
            pip("download", *where, suite.requirement)
            with tarfile.open(CACHE / f"{suite.folder}.tar.gz") as archive:
                archive.extractall(CACHE, filter="data")


def working_folder(suite: Suite) -> Path:
    """Where a run of ``suite`` starts; it exists, without what an earlier run left behind."""
    folder = CACHE / (suite.folder or "empty")
    folder.mkdir(exist_ok=True)
    for pattern in suite.clean:
        for path in glob.glob(str(folder / pattern)):
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
    return folder


def pytest_command(suite: Suite, rootdir: Path, *args: str) -> list[str | Path]:
    """The command line that runs ``suite``."""
    command = [PYTHON, "-m", "pytest", "-q", "--rootdir", rootdir, "-p", "no:cacheprovider"]
    return [*command, *suite.args, *args]
