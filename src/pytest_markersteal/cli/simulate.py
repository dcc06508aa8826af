"""Simulate runs of a suite: this scheduler's core under a virtual clock, beside xdist's own modes.

Without workloads and durations, all generated workloads are run. Nothing of your suite is run.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from argparse import ArgumentTypeError
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean

from pytest_markersteal.cli.progress import counted
from pytest_markersteal.cli.table import table
from pytest_markersteal.cli.usage import (
    OK,
    WRONG_USAGE,
    UsageError,
    number,
    one_of,
    several_of,
    whole,
    wholes,
)
from pytest_markersteal.durations.format import FormatError
from pytest_markersteal.durations.store import read, reason
from pytest_markersteal.simulate.clock import Costs
from pytest_markersteal.simulate.generated import GENERATORS
from pytest_markersteal.simulate.grid import MARKERSTEAL, MODES, Grid, Row, by_history, over_seeds
from pytest_markersteal.simulate.grid import ratios as ratios_of
from pytest_markersteal.simulate.histories import HISTORIES
from pytest_markersteal.simulate.workloads import Workload, recorded

HELP = "simulate runs under a virtual clock, beside xdist's own modes"
USAGE = "[WORKLOAD ...] [--durations FILE] [-n N[,N...]] [option ...]"

RECORDED = "recorded"
"""The name of the workload of ``--durations``."""

JSON_VERSION = 1
_LEAST_SHOWN_S = 0.005
"""Idle time below this would be shown as 0.00."""

_DEFAULTS = Costs()


def _first_lines(functions: Mapping[str, Callable[..., object]]) -> str:
    width = max(map(len, functions))
    return "\n".join(
        f"  {name:{width}}  {(function.__doc__ or '').splitlines()[0]}"
        for name, function in functions.items()
    )


EPILOG = f"""\
workloads:
{_first_lines(GENERATORS)}

histories, which are what markersteal knows of the durations before the run:
{_first_lines(HISTORIES)}

examples:
  markersteal simulate slow-last -n 4 --history exact,cold
  markersteal simulate --durations .markersteal/durations.msgpack -n 2,4,8

exit codes: {OK} done, {WRONG_USAGE} wrong usage
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "workloads",
        metavar="WORKLOAD",
        nargs="*",
        type=one_of(GENERATORS),
        help="generated workloads, see below",
    )
    parser.add_argument(
        "--durations",
        metavar="FILE",
        type=_recorded,
        help="simulate the suite whose durations are in FILE (without its marks, which are not "
        "in there)",
    )
    parser.add_argument(
        "-n",
        dest="workers",
        metavar="N[,N...]",
        type=wholes(1),
        default=[4],
        help="numbers of workers (default: 4)",
    )
    parser.add_argument(
        "--mode",
        dest="modes",
        metavar="MODE[,...]",
        type=several_of(MODES),
        help=f"of {', '.join(MODES)} (default: all; with --crash-rate {MARKERSTEAL})",
    )
    parser.add_argument(
        "--history",
        dest="histories",
        metavar="H[,...]",
        type=several_of(HISTORIES),
        default=["exact"],
        help=f"of {', '.join(HISTORIES)} (default: exact), see below",
    )
    parser.add_argument(
        "--seed", type=whole(0), default=0, metavar="N", help="the first seed (default: 0)"
    )
    parser.add_argument(
        "--seeds", type=whole(1), default=1, metavar="N", help="how many seeds (default: 1)"
    )
    _add_costs(parser)
    parser.add_argument("--json", action="store_true", help="print every run as JSON")


def _add_costs(parser: argparse.ArgumentParser) -> None:
    def add(option: str, unit: str, default: float, text: str, most: float = float("inf")) -> None:
        parser.add_argument(
            option,
            metavar=unit,
            type=number(0, most),
            default=default,
            help=f"{text} (default: {default:g})",
        )

    delay_ms, event_us = _DEFAULTS.message_delay_s * 1e3, _DEFAULTS.event_s * 1e6
    add("--delay-ms", "MS", delay_ms, "a message's way between controller and worker")
    add("--event-us", "US", event_us, "the controller's time for one message")
    add("--overhead-ms", "MS", _DEFAULTS.test_overhead_s * 1e3, "a worker's time around each test")
    add("--start-s", "S", _DEFAULTS.start_s, "what a replacement for a crashed worker takes")
    add("--crash-rate", "P", _DEFAULTS.crash_rate, "the chance of each test to crash", most=1)


def run(chosen: argparse.Namespace) -> int:
    """Simulate and print."""
    grid = _grid(chosen)
    rows = list(counted(grid.rows(), len(grid), "runs simulated"))
    print(_json(grid, rows) if chosen.json else "\n".join(_lines(grid, rows)), flush=True)
    return OK


def _grid(chosen: argparse.Namespace) -> Grid:
    if chosen.modes is None:
        modes = [MARKERSTEAL] if chosen.crash_rate else list(MODES)
    elif chosen.crash_rate and chosen.modes != [MARKERSTEAL]:
        raise UsageError(
            f"argument --crash-rate: only {MARKERSTEAL} is simulated with crashes; leave out "
            f"--mode, or say --mode {MARKERSTEAL}"
        )
    else:
        modes = chosen.modes
    names = chosen.workloads or ([] if chosen.durations else GENERATORS)
    workloads = {name: GENERATORS[name] for name in names}
    if chosen.durations is not None:
        workloads[RECORDED] = lambda seed: chosen.durations  # The same for every seed.
    costs = Costs(
        chosen.delay_ms / 1e3,
        chosen.event_us / 1e6,
        chosen.overhead_ms / 1e3,
        chosen.start_s,
        chosen.crash_rate,
    )
    seeds = range(chosen.seed, chosen.seed + chosen.seeds)
    return Grid(workloads, chosen.workers, modes, chosen.histories, seeds, costs)


def _recorded(path: str) -> Workload:
    """The workload of a durations file."""
    instead = "give one that a run wrote, such as .markersteal/durations.msgpack"
    try:
        history = read(Path(path))
    except (FormatError, OSError) as error:
        raise ArgumentTypeError(f"can't use {path}: {reason(error)}; {instead}") from error
    workload = recorded(RECORDED, history)
    if not any(workload.duration_s):
        raise ArgumentTypeError(f"can't use {path}: it has no test that takes any time; {instead}")
    return workload


# Output


def _lines(grid: Grid, rows: Sequence[Row]) -> list[str]:
    with_seeds = len(grid.seeds) > 1
    worst = ["worst"] if with_seeds else []
    head = ["workload", "n", "mode", "history", "makespan s", "floor s", "ratio", *worst]
    cells = [_cells(group, with_seeds) for group in over_seeds(rows)]
    sides = "<><<>>>" + ">" * len(worst) + "<"
    lines = table([*head, "idle s of all workers, by cause"], cells, sides)
    lines += ["", *_summary(rows)]
    if with_seeds:
        lines.append(
            f"{len(grid.seeds)} seeds: means of makespan, floor and idle time, geometric means of "
            "ratios"
        )
    if any(row.is_two_passes for row in rows):
        lines.append(
            "2 passes: that mode knows no marks, so tests with marks run one by one after all "
            "others"
        )
    return lines


def _cells(group: Sequence[Row], with_seeds: bool) -> list[str]:
    """One line of the table: the runs of several seeds."""
    row, ratios = group[0], ratios_of(group)
    return [
        row.workload,
        str(row.workers),
        f"{row.mode}, 2 passes" if row.is_two_passes else row.mode,
        row.history or "-",
        f"{fmean(one.makespan_s for one in group):,.2f}",
        f"{fmean(one.floor_s for one in group):,.2f}",
        f"{ratios.geometric_mean:.3f}",
        *([f"{ratios.worst.ratio:.3f}"] if with_seeds else []),
        _idle(group),
    ]


def _idle(group: Sequence[Row]) -> str:
    causes = dict.fromkeys(cause for row in group for cause in row.idle_s)
    idle_s = {cause: fmean(row.idle_s.get(cause, 0.0) for row in group) for cause in causes}
    shown = sorted(
        (cause for cause in causes if idle_s[cause] >= _LEAST_SHOWN_S),
        key=lambda cause: -idle_s[cause],
    )
    return ", ".join(f"{cause} {idle_s[cause]:,.2f}" for cause in shown) or "none"


def _summary(rows: Sequence[Row]) -> list[str]:
    """How far each mode and history is above the floor, over all that was run."""
    lines = []
    for (mode, history), ratios in by_history(rows).items():
        known = f", {history} history" if history else ""
        worst = ratios.worst
        lines.append(
            f"{mode}{known}: {ratios.geometric_mean:.3f} times the floor (geometric mean of "
            f"{ratios.runs:,}), at worst {worst.ratio:.3f} ({worst.workload}, n {worst.workers})"
        )
    return lines


def _json(grid: Grid, rows: Sequence[Row]) -> str:
    summary = [
        {
            "mode": mode,
            "history": history,
            "runs": ratios.runs,
            "geometric_mean_ratio": ratios.geometric_mean,
            "worst_ratio": ratios.worst.ratio,
        }
        for (mode, history), ratios in by_history(rows).items()
    ]
    content = {
        "format": "pytest-markersteal simulation",
        "version": JSON_VERSION,
        "costs": dataclasses.asdict(grid.costs),
        "rows": [{**dataclasses.asdict(row), "ratio": row.ratio} for row in rows],
        "summary": summary,
    }
    return json.dumps(content, indent=1)
