"""When each key was in use, below the timeline."""

from __future__ import annotations

from collections import defaultdict

from bokeh.models import ColumnDataSource, HoverTool, Range1d
from bokeh.plotting import figure

from pytest_markersteal.core.suite import Demand, Mode
from pytest_markersteal.report.findings import Findings
from pytest_markersteal.report.page.colours import MUTED
from pytest_markersteal.report.page.over_time import LEAST_SHARE, chart_over_time, merged
from pytest_markersteal.trace.model import Span

MOST_KEYS = 20
"""Of more keys, those that were in use longest are shown."""
_KEY_PIXELS = 20
_AROUND_PIXELS = 60
_MOST_LETTERS = 16
"""Of a name beside its row; the whole name is to be had by pointing at it."""


def key_bands(found: Findings, time: Range1d, number: int) -> figure | None:
    """A row for each key, and for ``serial``; None where no test asks for any."""
    in_use = _in_use(found)
    if not in_use:
        return None
    by_time = sorted(in_use, key=lambda name: -sum(span.seconds for span, _ in in_use[name]))
    names = by_time[:MOST_KEYS]
    rows = [(name, span, slot) for name in names for span, slot in in_use[name]]
    source = ColumnDataSource(
        {
            "key": [name for name, _, _ in rows],
            "row": [names.index(name) for name, _, _ in rows],
            "since_s": [span.since_s for _, span, _ in rows],
            "until_s": [span.until_s for _, span, _ in rows],
            "seconds": [span.seconds for _, span, _ in rows],
            "slot": [slot for _, _, slot in rows],
        }
    )
    rest = len(by_time) - len(names)
    chart = chart_over_time(
        f"{found.name}: keys in use"
        + (f" (and {rest:,} more that were so for less time)" if rest else ""),
        f"keys-{number}",
        _KEY_PIXELS * len(names) + _AROUND_PIXELS,
        time,
        Range1d(start=len(names) - 0.4, end=-0.6),
    )
    chart.yaxis.ticker = list(range(len(names)))
    chart.yaxis.major_label_overrides = {row: _short(name) for row, name in enumerate(names)}
    chart.ygrid.visible = False
    bars = chart.hbar(
        y="row",
        left="since_s",
        right="until_s",
        height=0.6,
        source=source,
        fill_color=MUTED,
        fill_alpha=0.6,
        line_color=MUTED,
    )
    tooltips = [("key", "@key"), ("in use", "@seconds{0.000} s"), ("slot", "@slot")]
    chart.add_tools(HoverTool(renderers=[bars], tooltips=tooltips))
    return chart


def _in_use(found: Findings) -> dict[str, list[tuple[Span, int]]]:
    """The stretches in which each key was in use on each slot."""
    trace = found.trace
    spans: dict[tuple[str, int], list[Span]] = defaultdict(list)
    for run in trace.tests:
        for name in _names(trace.demand(run.test)):
            spans[name, trace.slot(run)].append(run.span)
    in_use: dict[str, list[tuple[Span, int]]] = defaultdict(list)
    for (name, slot), several in spans.items():
        in_use[name] += ((span, slot) for span in merged(several, LEAST_SHARE * trace.ended_s))
    return in_use


def _short(name: str) -> str:
    return name if len(name) <= _MOST_LETTERS else f"{name[: _MOST_LETTERS - 1]}…"


def _names(demand: Demand) -> list[str]:
    names = [
        f"{claim.key} (read)" if claim.mode is Mode.READ else claim.key for claim in demand.claims
    ]
    return [*names, "serial mark"] if demand.serial else names
