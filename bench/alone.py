"""What it costs to run each test as the first of its process: in copies, and in processes."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from pytest_markersteal.races.trials.model import Project, Trial
from pytest_markersteal.races.trials.running import Trials
from pytest_markersteal.races.verify import forking

PLUGINS = ("randomly", "hypothesispytest", "anyio", "asyncio", "cov", "timeout")
"""Those of this project's environment that such a run does without."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", type=int, default=200, help="how many there are")
    parser.add_argument("--own", type=int, default=10, help="how many get a process each")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        project = Path(home, "project")
        project.mkdir()
        source = "\n".join(f"def test_{number}(): pass" for number in range(chosen.tests))
        (project / "test_many.py").write_text(source)
        quiet = [f"-pno:{name}" for name in PLUGINS]
        trials = Trials(Project(project, quiet), Path(home, "scratch"))
        together_s = trials.run(Trial()).seconds
        copies_s = trials.run(Trial(arguments=forking.ARGUMENTS)).seconds
        own_s = sum(
            trials.run(Trial(arguments=[f"test_many.py::test_{number}"])).seconds
            for number in range(chosen.own)
        )
    print("| how | s | s a test |")
    print("|---|---|---|")
    print(f"| {chosen.tests} tests in one process | {together_s:.1f} | |")
    print(
        f"| each in a copy | {copies_s:.1f} | {(copies_s - together_s) / chosen.tests:.3f} more |"
    )
    print(f"| {chosen.own} in a process each | {own_s:.1f} | {own_s / chosen.own:.2f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
