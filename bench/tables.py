"""What the comparisons say, as tables in Markdown and as groups of bars."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from arms import Arm
from compare import Comparison, Series
from plots import Bar, Group
from sleeping import Sleeping


def own(arm: Arm) -> bool:
    """Whether ``arm`` is this project's."""
    return arm.name.startswith("markersteal")


def summary(comparisons: Sequence[Comparison]) -> str:
    """Arms by suites: median of the wall time in that of the first arm, run by run."""
    arms = list(dict.fromkeys(series.arm for compared in comparisons for series in compared.series))
    head = [f"{compared.suite.name}, `-n {compared.workers}`" for compared in comparisons]
    lines = [_row(["", *head]), _row(["---"] * (len(head) + 1))]
    for arm in arms:
        cells = []
        for compared in comparisons:
            found = [series for series in compared.series if series.arm is arm]
            cells.append(_ratio(found[0], compared) if found else "")
        lines.append(_row([arm.name, *cells]))
    return "\n".join(lines)


def details(compared: Comparison) -> str:
    """Every arm on one suite, in seconds."""
    shows_overlaps = isinstance(compared.suite, Sleeping) and compared.suite.has_marks
    head = ["", "min", "median", "max", f"/ {compared.series[0].arm.name}", "processor"]
    head += ["tests that met others they must not"] if shows_overlaps else []
    lines = [_row(head), _row(["---"] * len(head))]
    for series in compared.series:
        if not series.walls_s:
            lines.append(_row([series.arm.name, series.error, *[""] * (len(head) - 2)]))
            continue
        cells = [
            series.arm.name,
            f"{min(series.walls_s):.2f} s",
            f"{series.wall_s:.2f} s",
            f"{max(series.walls_s):.2f} s",
            _ratio(series, compared) + _range(series, compared),
            f"{series.cpu_s:.1f} s",
        ]
        if shows_overlaps:
            cells.append(f"{statistics.median(series.overlaps):.0f}")
        lines.append(_row(cells))
        if series.error:
            lines.append(_row(["", f"later: {series.error}", *[""] * (len(head) - 2)]))
    return f"{_heading(compared)}\n\n" + "\n".join(lines)


def passed(compared: Comparison) -> str:
    """Wall time and how many tests passed in each run."""
    lines = [_row(["", "median", "passed in each run"]), _row(["---"] * 3)]
    for series in compared.series:
        if series.walls_s:
            counts = ", ".join(f"{count:,}" for count in series.passed)
            lines.append(_row([series.arm.name, f"{series.wall_s:.2f} s", counts]))
        if series.error:
            lines.append(_row([series.arm.name, "", series.error]))
    return f"{_heading(compared)}\n\n" + "\n".join(lines)


def ratios(compared: Comparison) -> Group:
    """Bars of the wall times in that of the first arm."""
    base = compared.series[0]
    bars = []
    for series in compared.series:
        several = series.ratios(base)
        if several:
            middle = statistics.median(several)
            bars.append(Bar(series.arm.name, min(several), middle, max(several), own(series.arm)))
    return Group(f"{compared.suite.name}, -n {compared.workers}", bars)


def seconds(compared: Comparison) -> Group:
    """Bars of the wall times."""
    bars = [
        Bar(
            series.arm.name,
            min(series.walls_s),
            series.wall_s,
            max(series.walls_s),
            own(series.arm),
        )
        for series in compared.series
        if series.walls_s
    ]
    return Group(f"{compared.suite.name}, -n {compared.workers}", bars)


def _heading(compared: Comparison) -> str:
    suite = compared.suite
    title = f"### {suite.name}, `-n {compared.workers}`"
    if not isinstance(suite, Sleeping):
        return f"{title}\n\n{suite.tests:,} tests."
    # These are in two groups, which have headings too.
    floor_s = suite.workload.floor(compared.workers).total_s
    return (
        f"#{title}\n\n{suite.tests:,} tests, a second of the workload being "
        f"{1000 * suite.scale:.0f} ms; the floor is {floor_s:.2f} s, without start-up and "
        "collection."
    )


def _ratio(series: Series, compared: Comparison) -> str:
    base = compared.series[0]
    if not (series.walls_s and base.walls_s):
        return "does not work"
    ratio = f"{series.ratio(base):.2f}"
    return f"**{ratio}**" if own(series.arm) else ratio


def _range(series: Series, compared: Comparison) -> str:
    """The least and the greatest ratio, which say how much of the median is noise."""
    if series is compared.series[0]:
        return ""
    several = series.ratios(compared.series[0])
    return f" ({min(several):.2f} to {max(several):.2f})"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
