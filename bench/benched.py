"""Suites that the benchmark runs: a folder, and what a run of it must come to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Benched:
    """A suite in ``folder``, of which ``failures`` tests must fail and all others pass."""

    name: str
    folder: Path
    tests: int
    failures: int = 0
    stops: bool = False
    """Whether a run ends at the first failure, however many tests passed until then."""

    @property
    def arguments(self) -> tuple[str, ...]:
        """What every run of it is called with."""
        return ("-x",) if self.stops else ()


_EMPTY = """import pytest

@pytest.mark.parametrize("n", range({tests}))
def test_nothing(n):
    pass
"""
_PRINTING = """import pytest

LINE = "x" * 63

@pytest.mark.parametrize("n", range({tests}))
def test_prints(n):
    for _ in range(16):
        print(LINE)
"""
_CRASHING = """import os
import time

import pytest

@pytest.mark.parametrize("n", range({tests}))
def test_rests(n):
    time.sleep(0.02)
    if n == {crashing}:
        os._exit(1)
"""
_FAILING = """import time

import pytest

def test_fails():
    assert False

@pytest.mark.parametrize("n", range({tests}))
def test_rests(n):
    time.sleep(0.02)
"""


def empty(folder: Path, tests: int) -> Benched:
    """Tests that do nothing: what is left is what running them costs."""
    return Benched("empty", _written(folder, _EMPTY.format(tests=tests)), tests)


def printing(folder: Path, tests: int) -> Benched:
    """Tests that print 1 KiB each, which is captured and sent with their reports."""
    return Benched("1 KiB of output", _written(folder, _PRINTING.format(tests=tests)), tests)


def crashing(folder: Path, tests: int) -> Benched:
    """One test in the middle ends its worker."""
    text = _CRASHING.format(tests=tests, crashing=tests // 2)
    return Benched("a crash", _written(folder, text), tests, failures=1)


def failing(folder: Path, tests: int) -> Benched:
    """The first test fails, and the run is to stop."""
    text = _FAILING.format(tests=tests)
    return Benched("-x", _written(folder, text), tests + 1, failures=1, stops=True)


def _written(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_it.py").write_text(text)
    return folder
