"""Files that the subcommands read and write, with errors that say what to do."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

from pytest_markersteal.cli.usage import UsageError
from pytest_markersteal.durations.format import FormatError, NewerVersionError
from pytest_markersteal.durations.history import History
from pytest_markersteal.durations.store import FILE, read, reason, write


def add_file(parser: argparse.ArgumentParser) -> None:
    """Declare ``--file``."""
    parser.add_argument(
        "--file",
        metavar="FILE",
        type=Path,
        default=FILE,
        help=f"the durations file (default: {FILE.as_posix()})",
    )


def read_file(path: Path) -> History:
    """The history in ``path``; ``UsageError`` with a remedy if there is none."""
    try:
        return read(path)
    except (FormatError, OSError) as error:
        raise UsageError(f"can't use {path}: {reason(error)}; {remedy(error)}") from error


def read_if_there(path: Path) -> History:
    """The history in ``path``, an empty one where there is no such file."""
    return read_file(path) if path.exists() else History()


def remedy(error: FormatError | OSError) -> str:
    """What to do about a durations file that can't be read."""
    if isinstance(error, FileNotFoundError):
        return (
            "run 'pytest -n auto --dist markersteal' in pytest's rootdir to get one, or name "
            "another file"
        )
    if isinstance(error, NewerVersionError):
        return "upgrade pytest-markersteal"
    if isinstance(error, OSError):
        return "make it a file that you may read, or name another"
    return "take it back with 'git checkout -- FILE', or delete it: the next run writes a new one"


def write_file(path: Path, history: History) -> None:
    """Replace ``path``; ``UsageError`` if that fails."""
    try:
        write(path, history)
    except (FormatError, OSError) as error:
        raise UsageError(
            f"can't write {path}: {reason(error)}; it was left as it is; name a place that you may "
            "write to"
        ) from error


def as_of_today(history: History) -> History:
    """``history``, changed today."""
    return replace(history, written=date.today().isoformat())


def root_of(path: Path) -> Path:
    """The rootdir of the tests that the durations file ``path`` is about."""
    folder = path.absolute().parent
    return folder.parent if folder.name == FILE.parent.name else Path.cwd()


def there(root: Path) -> Callable[[str], bool]:
    """Tells whether a path, as it is in node ids, is there."""

    def is_there(path: str) -> bool:
        try:
            return (root / path).exists()
        except (OSError, ValueError):
            return False  # No system would take it.

    return is_there


def add_collected(parser: argparse.ArgumentParser, use: str) -> None:
    """Declare ``--collected``; ``use`` says what it is for."""
    parser.add_argument(
        "--collected",
        metavar="FILE",
        help=f"node ids of all tests, from 'pytest --collect-only -q > FILE'; - is stdin: {use}",
    )


def read_collected(path: str) -> list[str]:
    """The node ids that ``pytest --collect-only -q`` printed; ``UsageError`` if it did not."""
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text("utf-8", "surrogateescape")
    except OSError as error:
        raise UsageError(f"can't read {path}: {error.strerror}; name another file") from error
    lines = text.splitlines()
    end = lines.index("") if "" in lines else len(lines)
    broken = [line for line in lines[end:] if line.startswith("ERROR ")]
    if broken:
        raise UsageError(
            f"{path} lacks tests that could not be collected ({broken[0]}), and these would count "
            "as gone; mend that, and collect again"
        )
    found = [line for line in lines[:end] if "::" in line]
    if not found:
        raise UsageError(
            f"{path} has no node ids; make it with 'pytest --collect-only -q > {path}'"
        )
    return found
