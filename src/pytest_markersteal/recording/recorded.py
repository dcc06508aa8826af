"""What became of the durations file after a run, in figures."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from pytest_markersteal.recording.drift import Drift


class Fate(enum.Enum):
    """What became of the file."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    GAINS_NOTHING = "gains nothing"
    """A new one would not pay, or it is not known whether it would."""
    PAYS = "pays"
    """A new one would pay, and is not written."""
    MISSING = "missing"
    """There is none, and it is not written."""
    LEFT = "left"
    """Nobody asked, or it can't be written."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of the file, and the drift where it is known.

    ``path`` is that of the file, relative to the rootdir; ``command`` is the one that writes it,
    where that is not to be done here.
    """

    fate: Fate
    drift: Drift | None = None
    path: str = ""
    command: str = ""
