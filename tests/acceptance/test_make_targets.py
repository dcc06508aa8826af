"""The Makefile says in one line what is missing."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from doc_pages import ROOT, blocks

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")


def make(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run make on the project's Makefile in a folder where nothing is set up."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    command = ["make", "--no-print-directory", "-f", str(ROOT / "Makefile"), *args]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@needs_make
def test_a_missing_python_is_named_in_one_line(tmp_path):
    """Nothing is set up, and the way out is in the line."""
    done = make(tmp_path, "demo", "PYTHON=no-such-python")
    assert done.returncode != 0
    (line,) = done.stdout.splitlines()
    assert line.startswith("missing: no-such-python")
    assert not (tmp_path / ".venv").exists()


@needs_make
def test_an_old_python_is_named_in_one_line(tmp_path):
    """A Python that fails the version check is told with its version."""
    old = tmp_path / "old-python"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo "Python 3.4.5"\nexit 1\n')
    old.chmod(0o755)
    done = make(tmp_path, "test", f"PYTHON={old}")
    assert done.returncode != 0
    (line,) = done.stdout.splitlines()
    assert line.startswith("missing: Python 3.10 or newer")
    assert "3.4.5" in line


@needs_make
def test_help_shows_every_target(tmp_path):
    """``make help`` lists what the README and the docs name."""
    done = make(tmp_path, "help")
    targets = ("demo", "docs", "test", "check", "quick-check", "test-parallel", "matrix", "package")
    for target in targets:
        assert f"\n{target} " in f"\n{done.stdout}"


CONTRIBUTING = {
    "check": ("ruff format --check", "ruff check", "mypy", "lint-imports", "tests/property"),
    "test": ("pytest -n auto --dist markersteal",),
    "matrix": ("nox -s matrix",),
}
"""What the commands of CONTRIBUTING.md are to run."""


@needs_make
@pytest.mark.runs_examples("CONTRIBUTING.md", "console")
def test_the_commands_for_contributors_run_what_is_said_beside_them(tmp_path):
    """As make tells that would: they take minutes to an hour, and this is one of their tests."""
    (block,) = blocks("CONTRIBUTING.md", "console")
    targets = re.findall(r"^\$ make (\S+) +# ", block, re.MULTILINE)
    assert targets == [*CONTRIBUTING]
    for target in targets:
        done = make(tmp_path, "--dry-run", target)
        assert done.returncode == 0, done.stderr
        for program in CONTRIBUTING[target]:
            assert program in done.stdout, target


@needs_make
def test_all_that_contributors_are_to_run_is_there(tmp_path):
    """Targets of the Makefile and scripts, in the text as well."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"(?:`|\$ |=always )make ([a-z-]+)", text))
    assert targets >= {*CONTRIBUTING, "help", "package"}
    for target in targets:
        assert make(tmp_path, "--dry-run", target).returncode == 0, target
    assert (ROOT / ".ci" / "run").exists()
