"""What charts over time have in common: one axis, and stretches of time on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bokeh.models import Range1d
from bokeh.plotting import figure

from pytest_markersteal.report.findings import Findings
from pytest_markersteal.report.page.columns import SKETCH
from pytest_markersteal.trace.model import Span

LEAST_SHARE = 1 / 2000
"""What is a smaller part of the run would be less than a pixel, and is not drawn by itself."""

_LEFT_PIXELS = 120
"""Left of all charts, so that the same time is at the same place in each."""

_SKETCHED_FROM = 5000
"""Of so many bars, only some are drawn while one zooms."""


def time_range(runs: Sequence[Findings]) -> Range1d:
    """The time that the charts show: from the begin of the sessions to the last end of a test."""
    end_s = max(found.trace.ended_s for found in runs) * 1.01
    return Range1d(start=0, end=end_s, bounds=(0, end_s), name="time")


def chart_over_time(title: str, name: str, height: int, time: Range1d, y_range: Range1d) -> figure:
    """An empty chart of ``height`` pixels, known to the page by its ``name``."""
    return figure(
        title=title,
        name=name,
        height=height,
        sizing_mode="stretch_width",
        min_border_left=_LEFT_PIXELS,
        x_range=time,
        y_range=y_range,
        x_axis_label="seconds since the session began",
        tools="xpan,xwheel_zoom,box_zoom,reset,save",
        active_scroll="xwheel_zoom",
        lod_factor=SKETCH,
        lod_threshold=_SKETCHED_FROM,
    )


def merged(spans: Iterable[Span], least_gap_s: float) -> list[Span]:
    """Stretches of ``spans``, with gaps between them of ``least_gap_s`` and more."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.since_s - found[-1].until_s < least_gap_s:
            until_s = max(found[-1].until_s, span.until_s)
            found[-1] = Span(found[-1].since_s, until_s)
        else:
            found.append(span)
    return found
