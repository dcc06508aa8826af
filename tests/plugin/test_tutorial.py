"""docs/tutorial.md, followed from top to bottom."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest
from doc_pages import ROOT
from following import Command, Write, check, run, steps, write

PAGE = "docs/tutorial.md"
JOB = re.compile(r"^      - run: (.+)$", re.MULTILINE)
"""What the CI job of the page runs."""
PORT = "8765"
"""Of the page: another test of this machine may have it."""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """What a reader has, and what makes tests meet that may meet."""
    told = tmp_path / "told"
    told.mkdir()
    return {
        "CLASHING_TOLD": str(told),
        "PYTEST_PLUGINS": "xdist.plugin,pytest_markersteal.plugin,clashing",
        "PYTHONPATH": str(Path(__file__).parent),
        "PYTHONDONTWRITEBYTECODE": "1",  # two files of one name may be written within a second
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_AUTHOR_NAME": "Reader",
        "GIT_AUTHOR_EMAIL": "reader@example.com",
        "GIT_COMMITTER_NAME": "Reader",
        "GIT_COMMITTER_EMAIL": "reader@example.com",
    }


@pytest.mark.runs_examples("docs/tutorial.md", "console", "ini", "python", "yaml")
def test_the_tutorial_goes_as_it_says(tmp_path, environment):
    """Every command prints what is shown, and only runs before the marks fail."""
    folder = tmp_path / "shop"
    folder.mkdir()
    port = str(_free_port())
    unmarked = True
    for step in steps(PAGE):
        if isinstance(step, Write):
            write(Write(step.name, step.text.replace(PORT, port)), folder)
            continue
        done = run(step, folder, **environment)
        check(step, done.stdout)
        fails = "--tb=no" in step.line and unmarked
        assert done.returncode == fails, f"$ {step.line}\n{done.stdout}"
        unmarked = unmarked and "--apply" not in step.line

    for line in JOB.findall((ROOT / PAGE).read_text(encoding="utf-8")):
        done = run(Command(line, ""), folder, **environment, CI="true")
        assert done.returncode == 0, f"in CI: {line}\n{done.stdout}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
