"""What the README says was measured is what the tables on the pages have."""

from __future__ import annotations

import re
from importlib.metadata import metadata
from math import prod

import pytest
from doc_pages import ROOT
from page_tables import FIGURE, figures, span, table

README = (ROOT / "README.md").read_text(encoding="utf-8")
MEASURED = README.partition("## What was measured\n")[2].partition("\n## ")[0]
PROSE = " ".join(MEASURED.rpartition("|\n\n")[2].split())


def measured(about: str) -> tuple[str, str, str]:
    """The row of the README's table that begins so: what was measured, worksteal, markersteal."""
    (row,) = (row for row in MEASURED.splitlines() if row.startswith(f"| {about}"))
    what, worksteal, markersteal = (cell.strip() for cell in row.split("|")[1:4])
    return what, worksteal, markersteal


@pytest.mark.parametrize(
    ("column", "heading"),
    [(1, "Real suites, worksteal"), (2, "Real suites, exact durations")],
)
def test_the_mean_and_the_worst_are_those_of_all_suites_and_numbers_of_workers(
    column: int, heading: str
) -> None:
    """Up to what is lost where each was rounded."""
    row = measured("how many times the")
    found = table("makespan.md", heading)
    least, *_, most = figures(found.pop(""))
    rows = [figures(cells) for name, cells in found.items() if name != "---"]
    assert f"{len(rows)} recorded suites on {least:.0f} to {most:.0f} workers" in row[0]
    ratios = [ratio for cells in rows for ratio in cells]
    mean, worst = map(float, FIGURE.findall(row[column]))
    assert prod(ratios) ** (1 / len(ratios)) == pytest.approx(mean, abs=0.001)
    assert f"{max(ratios):.2f}" == f"{worst:.2f}"


def test_the_ranges_of_suites_with_marks_are_those_of_the_table() -> None:
    """Of two passes, and of markersteal with durations, beside worksteal."""
    what, worksteal, markersteal = measured("time of suites with marks")
    rows = table("benchmarks.md", "With marks")
    assert set(figures(rows["worksteal"])) == {float(worksteal)}
    assert f"two passes don't, and take {span(figures(rows['two passes']))}" in what
    assert markersteal == span(figures(rows["markersteal, warm"]))


def test_what_tests_cost_that_do_nothing_is_what_the_table_says() -> None:
    """The ratio of the times, and that of the processor times."""
    _, worksteal, markersteal = measured("time and processor time of 10,000 tests")
    rows = table("benchmarks.md", "empty, `-n 2`")
    *_, of_time, processor_s = figures(rows["markersteal, warm"])
    assert worksteal == "1, 1"
    assert markersteal == f"{of_time:.2f}, {processor_s / figures(rows['worksteal'])[-1]:.2f}"


def test_the_runs_of_unsafe_suites_are_those_of_the_tables() -> None:
    """Of both suites, and of the one that ran while the machine was overloaded."""
    marked = "-n 4 --dist markersteal`, with the proposed marks"
    tables = [table("real-suites.md", "Suites that are unsafe in parallel", n) for n in range(3)]
    huey, overloaded, aiosmtpd = (
        [rows[arm][0].removesuffix(" runs") for arm in ("-n 4 --dist worksteal", marked)]
        for rows in tables
    )
    _, *columns = measured("runs that end as a serial one does: the suites of huey and of aiosmtpd")
    assert columns == [f"{first}, {second}" for first, second in zip(huey, aiosmtpd, strict=True)]
    worksteal, markersteal = overloaded
    assert f"overloaded, {markersteal} runs of huey with marks ended as a" in PROSE
    assert f"and {worksteal} with worksteal" in PROSE


def test_the_ranges_of_suites_without_marks_are_those_of_their_two_measurements() -> None:
    """Each said with the page that has it."""
    rows = list(table("real-suites.md", "On real suites").items())[2:]
    ratios = [
        warm_s / base_s for _, base_s, _, warm_s in (figures(cells[1:5]) for _, cells in rows)
    ]
    assert len(ratios) == 4
    assert f"they took {span(ratios)} of the time of worksteal ([real suites]" in PROSE
    apart = figures(table("benchmarks.md", "Real suites")["markersteal, warm"])
    assert len(apart) == 3
    assert f"measured apart, {span(apart)} ([benchmarks]" in PROSE


def test_the_versions_that_it_needs_are_those_of_the_package() -> None:
    """The lowest of each."""
    about = metadata("pytest-markersteal")
    lowest = dict(
        re.findall(r"^([\w-]+)>=([\d.]+)$", "\n".join(about.get_all("Requires-Dist") or ()), re.M)
    )
    python = about["Requires-Python"].removeprefix(">=")
    needs = f"Python {python}, pytest {lowest['pytest']} and pytest-xdist {lowest['pytest-xdist']}"
    assert f"It needs {needs}, or newer" in " ".join(README.split())


def test_the_picture_is_told_as_it_is() -> None:
    """To those who don't see it: how long the runs took, and how many tests failed."""
    ((told, path),) = re.findall(r"!\[(.*)\]\((.*)\)", README)
    picture = (ROOT / path).read_text(encoding="utf-8")
    titles = re.findall(r"--dist (\w+): ([\d.]+) s, (\w+) tests? failed", picture)
    assert [dist for dist, *_ in titles] == ["worksteal", "markersteal"]
    for dist, seconds, _ in titles:
        assert f"{dist} takes {seconds} s" in told
    assert [failed for *_, failed in titles] == ["5", "no"]
