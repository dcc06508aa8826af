"""How far the durations file is from what a run measured, in what counts: the time to wait."""

from __future__ import annotations

import json
from dataclasses import asdict, astuple, dataclass
from pathlib import Path

from pytest_markersteal.core.floor import Floor

LEAST_GAIN_S = 1.0
LEAST_GAIN_SHARE = 0.02
"""A new file must be predicted to save so much of the run, and no less than ``LEAST_GAIN_S``."""

FILE = Path(".markersteal", "runs", "drift.json")
"""Where that of the latest run is kept on this machine, under the rootdir."""
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Drift:
    """What a run tells of the durations file that it was planned with.

    ``tests`` of the run passed, ``new`` of them were not in the file. ``machine_ratio``: how much
    slower this machine was than the file says. ``before_s``: how long the run takes when it is
    planned with the file; ``after_s``: with a file that has learned from the run.
    """

    tests: int
    new: int
    machine_ratio: float
    before_s: float
    after_s: float

    @property
    def gain_s(self) -> float:
        """Seconds that a new file would save."""
        return self.before_s - self.after_s

    @property
    def gain_share(self) -> float:
        """The same as a share of the run."""
        return self.gain_s / self.before_s if self.before_s else 0.0

    @property
    def pays(self) -> bool:
        """Whether it is worth a new file."""
        return self.gain_s >= LEAST_GAIN_S and self.gain_share >= LEAST_GAIN_SHARE


def can_pay(wall_s: float, floor: Floor) -> bool:
    """Whether any plan could have made a run of ``wall_s`` so much shorter that it pays."""
    gap_s = wall_s - floor.total_s
    return gap_s >= max(LEAST_GAIN_S, LEAST_GAIN_SHARE * wall_s)


def keep(rootdir: Path, drift: Drift, day: str) -> None:
    """Keep ``drift`` for ``markersteal durations doctor``, where git does not see it."""
    path = rootdir / FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / ".gitignore").write_text("*\n", encoding="ascii")
        path.write_text(json.dumps({"version": _VERSION, "day": day, **asdict(drift)}), "ascii")
    except OSError:
        pass  # It only serves one command, which says when it is not there.


def kept(rootdir: Path) -> tuple[str, Drift] | None:
    """The day and the drift of the latest run here, if it was kept."""
    try:
        content = json.loads((rootdir / FILE).read_text("ascii"))
        if content.pop("version") != _VERSION:
            return None
        day, drift = str(content.pop("day")), Drift(**content)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return (day, drift) if all(isinstance(n, int | float) for n in astuple(drift)) else None
