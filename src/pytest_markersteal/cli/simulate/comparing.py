"""How the modes fare: the table of many simulated runs, and their ratios in sum."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from statistics import fmean

from pytest_markersteal.cli.table import table
from pytest_markersteal.simulate.grid import Grid, Row, by_history, over_seeds
from pytest_markersteal.simulate.grid import ratios as ratios_of

JSON_VERSION = 1
_LEAST_SHOWN_S = 0.005
"""Idle time below this would be shown as 0.00."""


def lines_of(grid: Grid, rows: Sequence[Row]) -> list[str]:
    """A table of ``rows``, those of ``grid``, and what they come to."""
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


def json_of(grid: Grid, rows: Sequence[Row]) -> str:
    """``rows``, those of ``grid``, for programs."""
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
