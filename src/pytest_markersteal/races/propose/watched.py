"""Which tests a run watched, of which ``--markersteal-watch`` left what it found.

Its file tells what tests shared or left, not which tests ran: that is in the trace of the same run,
if there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from pytest_markersteal.races.findings import FindingsError
from pytest_markersteal.races.watch import findings
from pytest_markersteal.races.watch.findings import Watched
from pytest_markersteal.trace import folder, reader
from pytest_markersteal.trace.format import TraceError
from pytest_markersteal.trace.model import RUNNING

FILE = folder.FOLDER / findings.FILE
_APART = timedelta(minutes=1)
"""A trace begins within this time of what was watched, or it is of another run."""


def watched_in(path: Path) -> Watched:
    """What is in the file at ``path``; ``FindingsError`` or ``OSError`` if that can't be read."""
    try:
        return findings.read(path)
    except findings.WatchError as error:
        raise FindingsError(str(error)) from error


def tests_of(path: Path, watched: Watched, traces: Sequence[Path]) -> frozenset[str] | None:
    """The tests that were watched, if one of ``traces`` is of that run and nothing was missed.

    ``FindingsError`` if ``watched``, read from ``path``, does not say when it was.
    """
    if watched.trouble:
        return None
    try:
        began = datetime.fromisoformat(watched.began)
    except ValueError as error:
        raise FindingsError(f"{path} is damaged: {error}") from error
    for trace_path in reversed(traces):
        try:
            trace = reader.read(trace_path)
        except (TraceError, OSError):
            continue
        apart = datetime.fromisoformat(trace.head.began) - began
        if abs(apart) <= _APART and trace.head.arguments == list(watched.arguments):
            return frozenset(trace.ids[run.test] for run in trace.tests if run.outcome != RUNNING)
    return None
