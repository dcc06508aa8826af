"""Traces that commands read, with errors that say what to do."""

from __future__ import annotations

from pathlib import Path

from pytest_markersteal.cli.usage import UsageError
from pytest_markersteal.trace.folder import FOLDER, traces
from pytest_markersteal.trace.format import TraceError
from pytest_markersteal.trace.model import Trace
from pytest_markersteal.trace.reader import read

_RUN = "run 'pytest -n auto --dist markersteal' in pytest's rootdir to get one"


def newest() -> Path:
    """The trace of the last run in the current folder; ``UsageError`` if there is none."""
    found = traces(Path())
    if not found:
        raise UsageError(f"there is no trace in {FOLDER.as_posix()}; {_RUN}, or name a trace")
    return found[-1]


def read_trace(path: Path) -> Trace:
    """The trace at ``path``; ``UsageError`` with a remedy if there is none."""
    try:
        return read(path)
    except FileNotFoundError as error:
        raise UsageError(f"there is no {path}; {_RUN}, or name another trace") from error
    except OSError as error:
        why = error.strerror or error
        raise UsageError(f"can't read {path}: {why}; name a file that you may read") from error
    except TraceError as error:
        raise UsageError(
            f"can't use {path}: {error}; name another, or {_RUN} with this version of "
            "pytest-markersteal"
        ) from error
