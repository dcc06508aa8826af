"""The timeline: every test as a bar on its slot, and what kept slots without one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from bokeh.models import (
    CDSView,
    ColumnDataSource,
    CustomJSHover,
    HoverTool,
    IndexFilter,
    LinearColorMapper,
    Range1d,
)
from bokeh.models.annotations import BoxAnnotation
from bokeh.models.renderers import DataRenderer
from bokeh.plotting import figure

from pytest_markersteal.report.findings import Findings
from pytest_markersteal.report.page.colours import ALARM, LIGHT, MUTED, SHADES
from pytest_markersteal.report.page.columns import (
    ALL_OUTCOMES,
    BAD_OUTCOMES,
    Words,
    columns_of,
)
from pytest_markersteal.report.page.over_time import LEAST_SHARE, chart_over_time, merged
from pytest_markersteal.trace.model import Span, Trace

_SLOT_PIXELS = 24
_FEWEST_PIXELS, _MOST_PIXELS = 160, 640
_AROUND_PIXELS = 60
_MOST_LABELS = 30


def source_of(trace: Trace, words: Words, number: int) -> ColumnDataSource:
    """The tests of a run, as all charts use them; ``number`` tells two runs apart."""
    return ColumnDataSource(
        columns_of(trace, words),
        name=f"tests-{number}",
        tags=[
            {
                "modules": words.modules,
                "outcomes": list(ALL_OUTCOMES),
                "claims": words.claims,
                "workers": [worker.name for worker in trace.workers],
            }
        ],
    )


def timeline(found: Findings, tests: ColumnDataSource, time: Range1d, number: int) -> figure:
    """The chart of one run."""
    trace = found.trace
    slots = range(1 + max(worker.slot for worker in trace.workers))
    pixels = min(_MOST_PIXELS, max(_FEWEST_PIXELS, _SLOT_PIXELS * len(slots)))
    chart = chart_over_time(
        found.name,
        f"timeline-{number}",
        pixels + _AROUND_PIXELS,
        time,
        Range1d(start=len(slots) - 0.4, end=-0.6),
    )
    names = defaultdict(list)
    for worker in trace.workers:
        names[worker.slot].append(worker.name)
    chart.yaxis.ticker = list(slots[:: -(-len(slots) // _MOST_LABELS)])
    chart.yaxis.major_label_overrides = {slot: ", ".join(names[slot]) for slot in slots}
    chart.ygrid.visible = False
    for span in no_parallel_spans(found):
        chart.add_layout(no_parallel_band(span))
    _add_idle(chart, found)
    mapper = LinearColorMapper(palette=LIGHT, low=-0.5, high=SHADES - 0.5, name=f"shades-{number}")
    bars = chart.hbar(
        y="slot",
        left="since_s",
        right="until_s",
        height="height",
        source=tests,
        line_color=None,
        fill_color={"field": "by_module", "transform": mapper},
        selection_fill_alpha=1.0,
        nonselection_fill_alpha=0.15,
        name=f"bars-{number}",
    )
    chart.add_tools(hover_of_tests([bars], tests))
    _add_bad(chart, tests)
    return chart


def hover_of_tests(renderers: Sequence[DataRenderer], tests: ColumnDataSource) -> HoverTool:
    """What one is told about a test."""

    def words(kind: str) -> CustomJSHover:
        return CustomJSHover(args={"tests": tests}, code=f"return tests.tags[0].{kind}[value]")

    return HoverTool(
        renderers=list(renderers),
        tooltips=[
            ("test", "@name"),
            ("file", "@module{custom}"),
            ("outcome", "@outcome{custom}"),
            ("took", "@took_s{0.000} s, predicted @predicted_s{custom}"),
            ("time", "@since_s{0.000} s to @until_s{0.000} s"),
            ("worker", "@worker{custom}, slot @slot"),
            ("claims", "@claim{custom}"),
        ],
        formatters={
            "@module": words("modules"),
            "@outcome": words("outcomes"),
            "@claim": words("claims"),
            "@worker": words("workers"),
            "@predicted_s": CustomJSHover(
                code="return isNaN(value) ? 'not at all' : value.toFixed(3) + ' s'"
            ),
        },
    )


def no_parallel_spans(found: Findings) -> list[Span]:
    """When ``no_parallel`` tests ran."""
    trace = found.trace
    return merged(
        (run.span for run in trace.tests if trace.demand(run.test).exclusive),
        LEAST_SHARE * trace.ended_s,
    )


def no_parallel_band(span: Span) -> BoxAnnotation:
    """How it looks."""
    return BoxAnnotation(
        left=span.since_s,
        right=span.until_s,
        fill_alpha=0.15,
        fill_color=ALARM,
        hatch_pattern="/",
        hatch_color=ALARM,
        hatch_alpha=0.5,
        level="underlay",
    )


def _add_idle(chart: figure, found: Findings) -> None:
    """Thin bars where a slot had no test, with the cause to be read when one points at them."""
    trace = found.trace
    least_s = LEAST_SHARE * trace.ended_s
    shown = [one for one in found.idle if one.span.seconds >= least_s]
    idle = ColumnDataSource(
        {
            "since_s": [one.span.since_s for one in shown],
            "until_s": [one.span.until_s for one in shown],
            "slot": [trace.workers[one.worker].slot for one in shown],
            "seconds": [one.span.seconds for one in shown],
            "cause": [str(one.cause) for one in shown],
        }
    )
    bars = chart.hbar(
        y="slot",
        left="since_s",
        right="until_s",
        height=0.2,
        source=idle,
        fill_color=MUTED,
        fill_alpha=0.4,
        line_color=None,
    )
    chart.add_tools(
        HoverTool(renderers=[bars], tooltips=[("no test", "@seconds{0.000} s"), ("why", "@cause")])
    )


def _add_bad(chart: figure, tests: ColumnDataSource) -> None:
    """A sign on every test that failed, however short it was, to be seen on every shade."""
    bad = [ALL_OUTCOMES.index(outcome) for outcome in BAD_OUTCOMES]
    indices = np.flatnonzero(np.isin(tests.data["outcome"], bad)).tolist()
    chart.scatter(
        x="since_s",
        y="slot",
        source=tests,
        view=CDSView(filter=IndexFilter(indices)),
        marker="circle_x",
        size=11,
        fill_color="white",
        line_color="black",
        line_width=1.5,
        nonselection_alpha=0.3,
    )
