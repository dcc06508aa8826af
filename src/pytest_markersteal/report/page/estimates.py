"""How long tests took, over how long they were predicted to take."""

from __future__ import annotations

import numpy as np
from bokeh.models import CDSView, ColumnDataSource, IndexFilter
from bokeh.models.annotations import Slope
from bokeh.plotting import figure
from numpy.typing import NDArray

from pytest_markersteal.report.page.colours import MUTED
from pytest_markersteal.report.page.columns import SKETCH
from pytest_markersteal.report.page.timeline import hover_of_tests

MOST_POINTS = 10_000
"""Of more tests, an even sample is drawn, and those that are furthest off."""


def predicted_and_actual(tests: ColumnDataSource, number: int) -> figure | None:
    """A point for each test; None where nothing was predicted."""
    # NaN, where nothing was predicted, is not above 0.
    on_scale = [np.asarray(tests.data[column]) > 0 for column in ("predicted_s", "took_s")]
    known = np.flatnonzero(np.all(on_scale, axis=0))
    if not len(known):
        return None
    drawn = _drawn(tests, known)
    share = "" if len(drawn) == len(known) else f" ({len(drawn):,} of {len(known):,} tests)"
    chart = figure(
        title=f"Predicted and actual duration{share}",
        name=f"estimates-{number}",
        width=620,
        height=420,
        x_axis_type="log",
        y_axis_type="log",
        x_axis_label="predicted seconds",
        y_axis_label="actual seconds",
        tools="pan,wheel_zoom,box_zoom,reset,save",
        lod_factor=SKETCH,
        lod_threshold=5000,
    )
    points = chart.scatter(
        x="predicted_s",
        y="took_s",
        source=tests,
        view=CDSView(filter=IndexFilter(drawn.tolist())),
        size=4,
        fill_color=MUTED,
        fill_alpha=0.5,
        line_color=None,
        nonselection_fill_alpha=0.05,
    )
    chart.add_layout(Slope(gradient=1, y_intercept=0, line_color=MUTED, line_dash="dashed"))
    chart.add_tools(hover_of_tests([points], tests))
    return chart


def _drawn(tests: ColumnDataSource, known: NDArray[np.intp]) -> NDArray[np.intp]:
    """The rows of ``known`` that are drawn."""
    if len(known) <= MOST_POINTS:
        return known
    predicted_s, took_s = (
        np.asarray(tests.data[name])[known] for name in ("predicted_s", "took_s")
    )
    furthest = np.argsort(-np.abs(np.log(took_s / predicted_s)))[: MOST_POINTS // 2]
    # The order of rows has nothing to do with predictions.
    sample = np.linspace(0, len(known) - 1, MOST_POINTS // 2).astype(int)
    drawn: NDArray[np.intp] = known[np.union1d(furthest, sample)]
    return drawn
