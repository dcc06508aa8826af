"""The suites that ``markersteal simulate`` takes: generated ones, traces and durations files."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pytest_markersteal.cli.usage import UsageError
from pytest_markersteal.durations import store
from pytest_markersteal.durations.format import FormatError
from pytest_markersteal.simulate.curve import Cpu
from pytest_markersteal.simulate.generated import GENERATORS
from pytest_markersteal.simulate.traced import costs_of, cpu_of, traced
from pytest_markersteal.simulate.workloads import Workload, recorded
from pytest_markersteal.trace import folder, reader
from pytest_markersteal.trace.format import TraceError
from pytest_markersteal.trace.model import Trace

_USUAL_WORKERS = 4

_WITHOUT_CORES = "how many cores there are is not in a durations file, so they limit nothing here"


@dataclass(frozen=True, slots=True)
class Ran:
    """A real run: how many workers, its ``--dist``, and seconds from the first test to the last."""

    workers: int
    dist: str
    makespan_s: float


@dataclass(frozen=True, slots=True)
class Suite:
    """``make`` gives the workload, for a seed. What only a trace tells is None without one.

    ``overhead_s`` is a worker's time around each test; ``note`` is what a reader should know.
    """

    name: str
    make: Callable[[int], Workload]
    cpu: Cpu | None = None
    overhead_s: float | None = None
    ran: Ran | None = None
    note: str | None = None

    @property
    def usual_workers(self) -> int:
        """How many to simulate unless told otherwise."""
        return self.ran.workers if self.ran else _USUAL_WORKERS


def suite(text: str) -> Suite:
    """An argument that names a generated workload, a trace, or a durations file."""
    if text in GENERATORS:
        return Suite(text, GENERATORS[text])
    path = Path(text)
    if not path.exists():
        raise ArgumentTypeError(
            f"there is no workload and no file {text!r}; choose from {', '.join(GENERATORS)}, or "
            f"name a trace in {folder.FOLDER.as_posix()} or a durations file, such as "
            f"{store.FILE.as_posix()}"
        )
    return _traced(path) if path.suffix == folder.SUFFIX else _recorded(path)


def newest() -> Suite:
    """The suite of the newest trace of the project in this folder; ``UsageError`` if none is."""
    found = folder.traces(Path())
    if not found:
        raise UsageError(
            f"there is no trace in {folder.FOLDER.as_posix()}; run pytest with --dist markersteal "
            "first, or name a WORKLOAD"
        )
    try:
        return _traced(found[-1])
    except ArgumentTypeError as error:
        raise UsageError(str(error)) from error


def _traced(path: Path) -> Suite:
    instead = "name the trace of another run"
    try:
        trace = reader.read(path)
    except (TraceError, OSError) as error:
        raise ArgumentTypeError(f"can't use {path}: {store.reason(error)}; {instead}") from error
    workload = traced(str(path), trace)
    _check_time(path, workload, instead)
    return Suite(
        str(path),
        lambda _: workload,
        cpu_of(trace),
        costs_of(trace).test_overhead_s,
        _ran(trace),
    )


def _ran(trace: Trace) -> Ran:
    return Ran(max(1, trace.head.slots), trace.head.dist, trace.ended_s - trace.began_s)


def _recorded(path: Path) -> Suite:
    instead = f"name one that a run wrote, such as {store.FILE.as_posix()}"
    try:
        history = store.read(path)
    except (FormatError, OSError) as error:
        raise ArgumentTypeError(f"can't use {path}: {store.reason(error)}; {instead}") from error
    workload = recorded(str(path), history)
    _check_time(path, workload, instead)
    return Suite(str(path), lambda _: workload, note=_WITHOUT_CORES)


def _check_time(path: Path, workload: Workload, instead: str) -> None:
    if not any(workload.duration_s):
        raise ArgumentTypeError(f"can't use {path}: it has no test that takes any time; {instead}")
