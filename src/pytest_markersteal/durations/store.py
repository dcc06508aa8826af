"""The durations file on disk. Trouble with it is told, and never fails a run."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from pytest_markersteal.durations.format import FormatError, NewerVersionError, decode, encode
from pytest_markersteal.durations.history import History

FILE = Path(".markersteal", "durations.msgpack")
"""Where it is, under the rootdir."""


class Store:
    """Reads and writes one durations file."""

    def __init__(self, rootdir: Path) -> None:
        self.path = rootdir / FILE
        self._keep = False
        self.trouble: list[str] = []
        """What went wrong, ready to be shown to the user."""

    def load(self) -> History:
        """The history; an empty one where there is none that can be read."""
        try:
            return decode(self.path.read_bytes())
        except FileNotFoundError:
            return History()
        except NewerVersionError as error:
            self._keep = True
            self.trouble.append(
                f"{self.path} can't be used: {error}; this run goes on without it and leaves it "
                "as it is; upgrade pytest-markersteal"
            )
        except (FormatError, OSError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            self.trouble.append(
                f"{self.path} can't be used: {why}; this run goes on without it and replaces it "
                "if it can"
            )
        return History()

    def save(self, history: History) -> bool:
        """Replace the file in one step; whether that worked. That of a newer version is kept."""
        if self._keep:
            return False
        temporary = None
        try:
            self.path.parent.mkdir(exist_ok=True)
            handle, temporary = tempfile.mkstemp(prefix=f".{FILE.name}.", dir=self.path.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(encode(history))
            # A temporary file is private; this one is for everybody who has the repository.
            os.chmod(temporary, 0o644)
            os.replace(temporary, self.path)
        except OSError as error:
            self.trouble.append(f"durations were not written to {self.path}: {error.strerror}")
            if temporary is not None:
                Path(temporary).unlink(missing_ok=True)
            return False
        return True
