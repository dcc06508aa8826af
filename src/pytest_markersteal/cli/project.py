"""What commands read of the project in the current folder, with errors that say what to do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pytest_markersteal.cli.usage import UsageError
from pytest_markersteal.races.collecting.model import Collection
from pytest_markersteal.races.collecting.running import CollectingError, collect
from pytest_markersteal.races.findings import FindingsError
from pytest_markersteal.races.propose.reading import FOLDER, Found, left_in, read_all
from pytest_markersteal.trace import folder


def collection(arguments: Sequence[str]) -> Collection:
    """The tests; ``UsageError`` where pytest, with ``arguments``, collects none."""
    try:
        return collect(Path(), arguments)
    except CollectingError as error:
        raise UsageError(str(error)) from error


def found(named: Sequence[Path] = ()) -> Found:
    """What is in the files ``named``, or else what commands left; ``UsageError``."""
    try:
        return read_all(named or left_in(Path()), folder.traces(Path()))
    except FindingsError as error:
        what = "name another file" if named else "remove it, or let its command write it again"
        raise UsageError(f"{error}; {what}") from error
    except FileNotFoundError as error:
        raise UsageError(
            f"there is no {error.filename}; name a file with findings, or put it into "
            f"{FOLDER.as_posix()}"
        ) from error
    except OSError as error:
        raise UsageError(f"can't read {error.filename}: {error.strerror or error}") from error
