"""How many slots had a test, over time, and why the others had none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from bokeh.models import BasicTicker, ColumnDataSource, HoverTool, Range1d
from bokeh.plotting import figure
from numpy.typing import NDArray

from pytest_markersteal.report.findings import Findings
from pytest_markersteal.report.page.colours import CALM, MUTED
from pytest_markersteal.report.page.over_time import chart_over_time
from pytest_markersteal.trace import idle
from pytest_markersteal.trace.model import Span, TestRun

STEPS = 600
"""Into how many steps the time of a run is cut: about as many as there are pixels."""

_PIXELS = 250

BUSY = "running tests"
_HATCHES = {
    BUSY: " ",
    idle.STARTUP: ".",
    idle.TRANSPORT: "-",
    idle.NO_PARALLEL: "/",
    idle.KEY: "x",
    idle.SERIAL: "+",
    idle.GROUP: "v",
    idle.TAIL: "\\",
    idle.NOTHING_LEFT: "o",
}
"""What is stacked, from below, each with its own pattern and no colour."""


def utilisation(found: Findings, time: Range1d, number: int) -> figure:
    """The chart of one run."""
    edges_s, slots = slots_by_state(found)
    states = [state for state in _HATCHES if slots[state].any()]
    # Each step is drawn level: its value at both of its ends.
    ends_s = np.repeat(edges_s, 2)[1:-1]
    columns = {state: np.repeat(slots[state], 2).astype(np.float32) for state in states}
    source = ColumnDataSource({"time_s": ends_s, **columns})
    y_range = Range1d(start=0, end=found.slots)
    title = f"{found.name}: what the slots did"
    chart = chart_over_time(title, f"utilisation-{number}", _PIXELS, time, y_range)
    chart.yaxis.axis_label = "slots"
    chart.yaxis.ticker = BasicTicker(min_interval=1)
    areas = chart.varea_stack(
        states,
        x="time_s",
        source=source,
        fill_color=[CALM if state == BUSY else MUTED for state in states],
        fill_alpha=[1.0 if state == BUSY else 0.15 for state in states],
        hatch_pattern=[_HATCHES[state] for state in states],
        hatch_color=MUTED,
        hatch_scale=8,
        legend_label=states,
    )
    tooltips = [(state, f"@{{{state}}}{{0.00}}") for state in states]
    chart.add_tools(HoverTool(renderers=[areas[0]], tooltips=tooltips, mode="vline"))
    chart.legend.orientation = "horizontal"
    chart.legend.location = "left"
    chart.add_layout(chart.legend[0], "below")
    return chart


def slots_by_state(found: Findings) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
    """The edges of steps of time, and how many slots were in each state, on average over a step."""
    trace = found.trace
    edges_s = np.linspace(0.0, trace.ended_s, STEPS + 1)
    spans: dict[str, list[Span]] = defaultdict(list)
    for run in trace.tests:
        spans[BUSY] += _without_waits(run)
    for one in found.idle:
        spans[one.cause.kind].append(one.span)
    return edges_s, {state: _covering(spans[state], edges_s) for state in _HATCHES}


def _without_waits(run: TestRun) -> Iterator[Span]:
    """When a test ran, without the times that its worker waited, which are transport."""
    begins = [run.span.since_s, *(wait.until_s for wait in run.waits)]
    ends = [*(wait.since_s for wait in run.waits), run.span.until_s]
    return map(Span, begins, ends)


def _covering(spans: Sequence[Span], edges_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many of ``spans`` cover each step between edges, on average."""
    covered_s = np.zeros_like(edges_s)
    for sign, ends in ((1.0, [s.since_s for s in spans]), (-1.0, [s.until_s for s in spans])):
        # The integral up to t of spans that began at b is the sum of t - b for b < t.
        ordered = np.sort(np.array(ends))
        sums = np.concatenate([[0.0], np.cumsum(ordered)])
        before = np.searchsorted(ordered, edges_s)
        covered_s += sign * (before * edges_s - sums[before])
    # What the sums round off may be negative.
    found: NDArray[np.float64] = np.maximum(0.0, np.diff(covered_s) / np.diff(edges_s))
    return np.where(found < 1e-9, 0.0, found)
