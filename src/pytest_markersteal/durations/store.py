"""The durations file on disk. Trouble with it is told, and never fails a run."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from pytest_markersteal.durations.format import (
    MAX_BYTES,
    FormatError,
    NewerVersionError,
    decode,
    encode,
)
from pytest_markersteal.durations.history import History
from pytest_markersteal.replacing import replace_file

FILE = Path(".markersteal", "durations.msgpack")
"""Where it is, under the rootdir."""


def read(path: Path) -> History:
    """The history in a file; ``FormatError`` or ``OSError`` where there is none."""
    with path.open("rb") as file:
        # One byte more than is allowed is enough to refuse it.
        return decode(file.read(MAX_BYTES + 1))


def write(path: Path, history: History) -> None:
    """Replace the file in one step, so that a reader never finds half of it.

    Raises ``OSError``, and ``FormatError`` for a history that is too large.
    """
    replace_file(path, encode(history))


def reason(error: ValueError | OSError) -> str:
    """Why a file can't be read or written, in words."""
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


class Store:
    """Reads and writes the durations file of one rootdir."""

    def __init__(self, rootdir: Path) -> None:
        self.path = rootdir / FILE
        self.exists = False
        """Whether there was a file that could be read."""
        self.keep = False
        """Whether there is a file that is not ours to replace."""
        self.trouble: list[str] = []
        """What went wrong, ready to be shown to the user."""

    def load(self) -> History:
        """The history; an empty one where there is none that can be read."""
        try:
            history = read(self.path)
        except FileNotFoundError:
            return History()
        except NewerVersionError as error:
            self.keep = True
            self.trouble.append(
                f"{self.path} can't be used: {error}; this run goes on without it and leaves it "
                "as it is; upgrade pytest-markersteal"
            )
        except (FormatError, OSError) as error:
            self.trouble.append(
                f"{self.path} can't be used: {reason(error)}; this run goes on without it, and "
                "one that records replaces it"
            )
        else:
            self.exists = True
            return history
        return History()

    def save(self, history: History) -> bool:
        """Write ``history``, as of today; whether that worked. One of a newer version is kept."""
        if self.keep:
            return False
        try:
            write(self.path, replace(history, written=date.today().isoformat()))
        except (FormatError, OSError) as error:
            self.trouble.append(f"durations were not written to {self.path}: {reason(error)}")
            return False
        return True
