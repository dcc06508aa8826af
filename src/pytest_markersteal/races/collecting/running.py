"""Carries out a collection."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pytest_markersteal.races.collecting.model import Collection, decoded
from pytest_markersteal.races.trials.running import CALM, cache_in, child_environment, end_of

_CHILD = (sys.executable, "-m", "pytest_markersteal.races.collecting.child")


class CollectingError(Exception):
    """pytest collected no test, or not all; the message has the end of what it printed."""


def collect(folder: Path, arguments: Sequence[str] = ()) -> Collection:
    """What ``pytest`` with ``arguments`` collects in ``folder``; ``CollectingError``."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "collection.json")
        ran = subprocess.run(
            [*_CHILD, str(file), *arguments, *CALM, *cache_in(Path(scratch, "cache"), arguments)],
            cwd=folder,
            env=child_environment(Path(scratch), {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if ran.returncode == 0 and file.exists():
            return decoded(file.read_text(encoding="ascii"))
    raise CollectingError(
        f"pytest could not collect the tests (exit code {ran.returncode}); the end of what it "
        f"printed:\n{end_of(ran.stdout)}"
    )
