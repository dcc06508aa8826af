"""Runs arms on a suite, interleaved and repeated, and checks what came of each run."""

from __future__ import annotations

import re
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from arms import Arm
from benched import Benched
from environments import HERE, Environment
from measuring import Measured, measure
from overlaps import overlapping, read_pauses
from sleeping import Sleeping

# Of a development environment, where one is used; so that arms differ in nothing else.
_NEVER = ("asyncio", "cov", "hypothesispytest", "randomly", "rerunfailures", "timeout")
_COUNTED = re.compile(r"(\d+) (passed|failed|errors?)\b")
_SHOWN = 100

Pythons = Callable[[Environment], Path]


@dataclass
class Series:
    """The runs of one arm on one suite; after an error there are no more."""

    arm: Arm
    walls_s: list[float] = field(default_factory=list)
    cpus_s: list[float] = field(default_factory=list)
    passed: list[int] = field(default_factory=list)
    overlaps: list[int] = field(default_factory=list)
    error: str = ""

    @property
    def wall_s(self) -> float:
        """The median."""
        return statistics.median(self.walls_s)

    @property
    def cpu_s(self) -> float:
        """The median."""
        return statistics.median(self.cpus_s)

    def ratios(self, base: Series) -> list[float]:
        """Wall time in those of ``base``, run by run."""
        return [mine / theirs for mine, theirs in zip(self.walls_s, base.walls_s, strict=False)]

    def ratio(self, base: Series) -> float:
        """The median of ``ratios``."""
        return statistics.median(self.ratios(base))


@dataclass
class Comparison:
    """All arms on one suite; the first one is what the others are compared with."""

    suite: Benched
    workers: int
    series: list[Series]

    def of(self, arm: Arm) -> Series:
        """The series of ``arm``."""
        return next(series for series in self.series if series.arm is arm)


class RunError(Exception):
    """A run that did not come to what it should; the message says in short what happened."""


def compare(
    suite: Benched,
    arms: Sequence[Arm],
    workers: int,
    runs: int,
    python_of: Pythons,
    progress: Callable[[str], None],
) -> Comparison:
    """Each of ``arms`` in turn, ``runs`` times over."""
    compared = Comparison(suite, workers, [Series(arm) for arm in arms])
    for series in compared.series:
        if series.arm.training:
            progress(f"{suite.name} -n {workers}: {series.arm.name} learns")
            try:
                _run_once(suite, series.arm, series.arm.training, workers, python_of, {})
            except Exception as error:
                series.error = _short(f"cannot be set up: {error}")
    for number in range(runs):
        for series in compared.series:
            if series.error:
                continue
            progress(f"{suite.name} -n {workers}: run {number + 1} of {runs}, {series.arm.name}")
            try:
                with _set_aside(suite.folder, series.arm.forgets):
                    _measure(suite, series, workers, python_of)
            except Exception as error:  # whatever a peer does: the others go on
                series.error = _short(str(error))
    return compared


def _measure(suite: Benched, series: Series, workers: int, python_of: Pythons) -> None:
    """One run of an arm, in all its passes."""
    passed = failed = 0
    wall_s = cpu_s = 0.0
    output = ""
    with tempfile.TemporaryDirectory() as temporary:
        pauses = Path(temporary, "pauses")
        environment = {"BENCH_PAUSES": str(pauses), "BENCH_LOCKS": temporary}
        for arguments in series.arm.passes:
            done = _run_once(suite, series.arm, arguments, workers, python_of, environment)
            counts = {kind: int(count) for count, kind in _COUNTED.findall(_last_line(done))}
            passed += counts.get("passed", 0)
            failed += sum(counts.values()) - counts.get("passed", 0)
            wall_s += done.wall_s
            cpu_s += done.cpu_s
            output += done.output
        ran = read_pauses(pauses.read_text() if pauses.exists() else "")
    if failed != suite.failures or not (suite.stops or passed == suite.tests - suite.failures):
        raise RunError(f"{passed:,} of {suite.tests:,} tests passed: {_reason(output)}")
    if isinstance(suite, Sleeping):
        if sorted(pause.test for pause in ran) != list(range(suite.tests)):
            raise RunError("not every test ran exactly once")
        series.overlaps.append(overlapping(ran, suite.workload.suite))
    series.walls_s.append(wall_s)
    series.cpus_s.append(cpu_s)
    series.passed.append(passed)


def _run_once(
    suite: Benched,
    arm: Arm,
    arguments: tuple[str, ...],
    workers: int,
    python_of: Pythons,
    environment: dict[str, str],
) -> Measured:
    given = [argument.format(workers=workers) for argument in arguments]
    without = [argument for name in _NEVER for argument in ("-p", f"no:{name}")]
    command: list[str | Path] = [python_of(arm.environment), "-m", "pytest", "-q", *without]
    defaults = {"PYTHONPATH": str(HERE), "BENCH_PAUSES": "/dev/null"}
    return measure([*command, *suite.arguments, *given], suite.folder, {**defaults, **environment})


@contextmanager
def _set_aside(folder: Path, names: tuple[str, ...]) -> Iterator[None]:
    """Without ``names`` in ``folder``, for a while; what appears in their place is dropped."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        kept, dropped = Path(temporary, "kept"), Path(temporary, "dropped")
        kept.mkdir()
        dropped.mkdir()
        present = [name for name in names if (folder / name).exists()]
        for name in present:
            (folder / name).rename(kept / name)
        try:
            yield
        finally:
            for name in names:
                if (folder / name).exists():
                    (folder / name).rename(dropped / name)
            for name in present:
                (kept / name).rename(folder / name)


def _last_line(done: Measured) -> str:
    """The line in which pytest counts outcomes."""
    lines = [line for line in done.output.splitlines() if _COUNTED.search(line)]
    return lines[-1] if lines else ""


def _reason(output: str) -> str:
    """The line of ``output`` that most likely says what went wrong."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"\w*(Error|Exception)\b|^E  ", line)]
    return (telling or lines or ["no output"])[-1]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
