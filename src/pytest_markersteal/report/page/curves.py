"""Makespan over the number of workers, with the floor."""

from __future__ import annotations

from collections.abc import Sequence

from bokeh.models import ColumnDataSource, HoverTool, Range1d
from bokeh.plotting import figure

from pytest_markersteal.report.page.colours import ALARM, MUTED
from pytest_markersteal.simulate.curve import Point


def workers_curve(points: Sequence[Point], slots: int, wall_s: float, number: int) -> figure:
    """Two lines, told apart by dashes and signs too, and the run as it was."""
    source = ColumnDataSource(
        {
            "workers": [point.workers for point in points],
            "makespan_s": [point.makespan_s for point in points],
            "floor_s": [point.floor_s for point in points],
            "limit": [point.limit.kind for point in points],
        }
    )
    chart = figure(
        title="Wall time over the number of workers",
        name=f"curve-{number}",
        width=620,
        height=420,
        x_axis_label="workers",
        y_axis_label="seconds from the first test to the last",
        y_range=Range1d(start=0, end=1.05 * max(wall_s, *(point.makespan_s for point in points))),
        tools="save",
    )
    chart.xaxis.ticker = [point.workers for point in points]
    chart.line(
        x="workers",
        y="makespan_s",
        source=source,
        line_width=2,
        line_color=MUTED,
        legend_label="simulated",
    )
    dots = chart.scatter(x="workers", y="makespan_s", source=source, size=8, color=MUTED)
    chart.line(
        x="workers",
        y="floor_s",
        source=source,
        line_width=2,
        line_color=MUTED,
        line_dash="dashed",
        legend_label="floor",
    )
    chart.scatter(
        x=[slots],
        y=[wall_s],
        marker="x",
        size=13,
        color=ALARM,
        line_width=3,
        legend_label="this run",
    )
    chart.add_tools(
        HoverTool(
            renderers=[dots],
            tooltips=[
                ("workers", "@workers"),
                ("simulated", "@makespan_s{0.00} s"),
                ("floor", "@floor_s{0.00} s, held by @limit"),
            ],
        )
    )
    return chart
