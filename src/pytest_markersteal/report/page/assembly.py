"""Puts charts and tables together: one HTML file that asks nobody for anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bokeh.embed import components
from bokeh.models import Model, Range1d
from bokeh.plotting import figure
from bokeh.resources import Resources
from markupsafe import Markup

import pytest_markersteal
from pytest_markersteal.report.findings import Findings
from pytest_markersteal.report.page.bands import key_bands
from pytest_markersteal.report.page.colours import DARK, LIGHT
from pytest_markersteal.report.page.columns import Words, words_of
from pytest_markersteal.report.page.curves import workers_curve
from pytest_markersteal.report.page.estimates import predicted_and_actual
from pytest_markersteal.report.page.over_time import time_range
from pytest_markersteal.report.page.tables import (
    Table,
    changes_that_help,
    curve_table,
    differences_table,
    estimates_table,
    facts,
    gap_table,
    path_table,
    slowest_table,
)
from pytest_markersteal.report.page.templates import environment, text
from pytest_markersteal.report.page.timeline import source_of, timeline
from pytest_markersteal.report.page.utilisation import utilisation


@dataclass(frozen=True, slots=True)
class Part:
    """A run on the page: its charts, by name, and its tables."""

    number: int
    name: str
    charts: dict[str, figure]
    tables: Sequence[Table]


def page(runs: Sequence[Findings]) -> str:
    """The HTML of one run, or of two that are to be compared."""
    time, words = time_range(runs), words_of(found.trace for found in runs)
    parts = [_part(found, time, words, number) for number, found in enumerate(runs)]
    models: dict[str, Model] = {
        f"{name}_{part.number}": chart for part in parts for name, chart in part.charts.items()
    }
    for part in parts:
        for chart in part.charts.values():
            chart.toolbar.logo = None
    script, divs = components(models)
    tables = [facts(runs)]
    if len(runs) == 2:
        tables.append(differences_table(*runs))
    template = environment().from_string(text("page.html"))
    return template.render(
        title=" and ".join(found.name for found in runs),
        version=pytest_markersteal.__version__,
        bokeh=Markup(Resources(mode="inline", components=["bokeh"], log_level="warn").render()),
        charts_script=Markup(script),
        style=Markup(text("page.css")),
        script=Markup(text("page.js")),
        shades={"light": LIGHT, "dark": DARK},
        parts=parts,
        divs={name: Markup(div) for name, div in divs.items()},
        tables=tables,
    )


def _part(found: Findings, time: Range1d, words: Words, number: int) -> Part:
    tests = source_of(found.trace, words, number)
    charts: dict[str, figure | None] = {
        "timeline": timeline(found, tests, time, number),
        "keys": key_bands(found, time, number),
        "utilisation": utilisation(found, time, number),
        "estimates": predicted_and_actual(tests, number),
        "curve": (
            workers_curve(found.curve, found.slots, found.explanation.gap.wall_s, number)
            if found.curve
            else None
        ),
    }
    tables = [
        gap_table(found),
        changes_that_help(found),
        path_table(found),
        slowest_table(found),
        estimates_table(found),
        curve_table(found) if found.curve else None,
    ]
    return Part(
        number,
        found.name,
        {name: chart for name, chart in charts.items() if chart is not None},
        [table for table in tables if table is not None],
    )
