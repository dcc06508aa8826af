"""The quick form: under two minutes, and it fails only on what can't be noise."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import benched
import sleeping
from arms import TWO_PASSES, WARM, WORKSTEAL, Arm
from compare import Comparison, compare
from tables import details

_FLOOR_S = 1.5
_TESTS = 400
_EMPTY_TESTS = 2000
_RUNS = 2


@dataclass(frozen=True)
class Limit:
    """``ratio`` that markersteal must stay below in at least one run, beside ``base``."""

    base: Arm
    ratio: float


LIMITS = {
    "networkx": Limit(WORKSTEAL, 1.3),
    "hot-key": Limit(TWO_PASSES, 1.3),
    "mixed": Limit(TWO_PASSES, 1.3),
}
"""In the simulator it wins on each of them, so that these are far outside noise."""

_LIMIT_EMPTY = Limit(WORKSTEAL, 1.5)


def check(progress: Callable[[str], None]) -> bool:
    """Run it in the environment of this process, print tables, and tell whether all is well."""
    complaints: list[str] = []
    with tempfile.TemporaryDirectory() as temporary:
        for name, limit in LIMITS.items():
            suite = sleeping.write(name, Path(temporary, name), _FLOOR_S, _TESTS)
            arms = (WORKSTEAL, TWO_PASSES, WARM) if suite.has_marks else (WORKSTEAL, WARM)
            compared = compare(suite, arms, 4, _RUNS, _this_python, progress)
            complaints += _complaints(compared, limit)
        nothing = benched.empty(Path(temporary, "empty"), _EMPTY_TESTS)
        compared = compare(nothing, (WORKSTEAL, WARM), 2, _RUNS, _this_python, progress)
        complaints += _complaints(compared, _LIMIT_EMPTY)
    for line in complaints:
        print(f"bench: {line}", file=sys.stderr)
    return not complaints


def _complaints(compared: Comparison, limit: Limit) -> list[str]:
    print(f"{details(compared)}\n", flush=True)
    errors = [f"{series.arm.name}: {series.error}" for series in compared.series if series.error]
    if errors:
        return errors
    series, base = compared.of(WARM), compared.of(limit.base)
    found = []
    least = min(series.ratios(base))
    if least > limit.ratio:
        found.append(
            f"{series.arm.name} takes {least:.2f} times as long as {base.arm.name} even in the "
            f"better of {len(series.walls_s)} runs; the limit is {limit.ratio}"
        )
    if any(series.overlaps):
        found.append(f"tests met that must not: {series.overlaps}")
    return [f"{compared.suite.name}: {line}" for line in found]


def _this_python(_: object) -> Path:
    return Path(sys.executable)
