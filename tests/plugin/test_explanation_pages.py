"""The pages in docs/explanation: their numbers, their pictures, and their example."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from alike import check_alike, tables
from doc_pages import ROOT
from following import Write, steps

PAGES = ROOT / "docs" / "explanation"
SCRIPT = ROOT / "bench" / "explained.py"
ROW = re.compile(r"^\| `(test_\w+)\.py` \| (\d+) \| ([\d.]+) \| (.*?) ?\| ([\d.]*) ?\|$", re.M)


def explained(*arguments: str) -> str:
    """What the script prints that the pages have their figures from."""
    command = [sys.executable, str(SCRIPT), *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout


@pytest.mark.parametrize(("page", "what"), [("floor.md", "floor"), ("serial.md", "serial")])
def test_a_page_has_the_tables_that_are_simulated(page, what):
    """As the script prints them; else, run it and mend the page."""
    shown = {table.partition("\n")[0]: table for table in tables((PAGES / page).read_text())}
    printed = tables(explained(what))
    assert printed
    for table in printed:
        check_alike(shown[table.partition("\n")[0]], table)


def test_the_pictures_are_of_this_scheduler(tmp_path):
    """As ``python bench/explained.py pictures`` draws them; else, run it."""
    explained("pictures", str(tmp_path))
    drawn = sorted(path.name for path in tmp_path.iterdir())
    assert drawn == sorted(path.name for path in PAGES.glob("*.svg"))
    for name in drawn:
        check_alike((PAGES / name).read_text(), (tmp_path / name).read_text())


@pytest.mark.parametrize("name", ["floor", "scheduling", "serial"])
def test_a_picture_is_told_as_it_is(name):
    """To those who don't see it: how long each run took, in its order."""
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    (told,) = re.findall(rf"!\[(.*)\]\({name}.svg\)", page)
    ends_s = re.findall(r"([\d.]+) s</text>", (PAGES / f"{name}.svg").read_text(encoding="utf-8"))
    said_s = re.findall(r"([\d.]+) s\b", told)
    assert len(said_s) == len(ends_s) > 1
    for said, end in zip(said_s, ends_s, strict=True):
        unit_s = 10 ** -len(said.partition(".")[2])
        # What is in the picture was rounded as well.
        assert abs(float(end) - float(said)) < unit_s / 2 + 0.006, told


class Example:
    """The suite of docs/explanation/floor.md, and its floor by the formula there."""

    def __init__(self) -> None:
        self.modules: list[tuple[float, float]] = []
        """Work and set-up, in seconds, of modules that are not alone."""
        self.tests_s: list[float] = []
        self.longest_s = self.chain_s = self.alone_s = 0.0
        for _, count, seconds, mark, setup in ROW.findall((PAGES / "floor.md").read_text()):
            work_s, setup_s = int(count) * float(seconds), float(setup or 0)
            if "no_parallel" in mark:
                self.alone_s += work_s
                continue
            if "shared_resource" in mark:
                self.chain_s += work_s
            self.modules.append((work_s, setup_s))
            self.tests_s += [float(seconds)] * int(count)
            self.longest_s = max(self.longest_s, float(seconds) + setup_s)

    def spread_s(self, workers: int) -> float:
        """T, to a thousandth of a second."""
        for candidate in range(1, 100_000):
            t_s = candidate / 1000
            if t_s <= max(setup_s for _, setup_s in self.modules):
                continue
            needed_s = sum(
                work_s + setup_s * max(1, math.ceil(work_s / (t_s - setup_s)))
                for work_s, setup_s in self.modules
            )
            if needed_s <= workers * t_s + 1e-9:
                return t_s
        raise AssertionError("no T fits")

    def crowd_s(self, workers: int) -> float:
        """What k + 1 tests of the k * workers + 1 longest take at least."""
        longest_first = sorted(self.tests_s, reverse=True)
        many = range(1, (len(longest_first) - 1) // workers + 1)
        return max(
            (sum(longest_first[k * workers - k : k * workers + 1]) for k in many), default=0.0
        )

    def floor_s(self, workers: int) -> float:
        bounds = (self.longest_s, self.crowd_s(workers), self.chain_s, self.spread_s(workers))
        return self.alone_s + max(bounds)


def floors() -> Iterator[tuple[int, float]]:
    """The rows of the page: workers, and the floor in seconds."""
    for row in re.findall(r"^\| (\d+) \| ([\d.]+) \| (?:work|key)", _floor_page(), re.MULTILINE):
        yield int(row[0]), float(row[1])


def _floor_page() -> str:
    return (PAGES / "floor.md").read_text(encoding="utf-8")


def test_the_worked_example_is_what_the_formula_gives():
    """Term by term, and in the table, computed here anew."""
    example = Example()
    text = " ".join(_floor_page().split())
    assert len(example.tests_s) == 16
    assert (example.alone_s, example.longest_s) == (0.5, 2.0)
    assert f"4 * 0.6 = {example.chain_s:.1f} s" in text
    assert f"3 * 0.4 + 3 * 0.5 = {example.crowd_s(3):.1f} s" in text
    assert f"10.4 / 3 = {example.spread_s(3):.2f} s" in text
    assert f"the floor is 0.5 + 3.47 = {example.floor_s(3):.2f} s" in text
    assert f"T is then {example.spread_s(5):.2f} s" in text
    assert f"0.5 + 2.4 = {example.floor_s(5):.2f} s" in text
    rows = dict(floors())
    assert set(rows) >= {3, 4, 5, 8}
    for workers, floor_s in rows.items():
        assert example.floor_s(workers) == pytest.approx(floor_s, abs=0.006), workers


@pytest.mark.runs_examples("docs/explanation/serial.md", "console")
def test_the_command_of_the_page_on_serial_prints_what_it_says(run_command):
    """But for what a better scheduler changes."""
    (step,) = (step for step in steps("docs/explanation/serial.md"))
    check_alike(step.shown, run_command(step.line))


@pytest.mark.runs_examples("docs/explanation/late-binding.md", "console", "python")
@pytest.mark.parametrize(("dist", "together"), [("worksteal", False), ("markersteal", True)])
def test_the_example_of_late_binding_behaves_as_the_page_says(
    dist, together, pytester, run_pytest, witness
):
    """Under worksteal one worker has both long tests, under markersteal each has one of them."""
    (example,) = (step for step in steps("docs/explanation/late-binding.md") if is_file(step))
    pytester.path.joinpath(example.name).write_text(example.text)
    # The short tests begin when the first long one has, which goes on until the second one does.
    waits = 'witness.meet("long", 2)' if together else "pass"
    pytester.makeconftest(
        f"""
        import os, witness

        def pytest_collection_modifyitems(items):
            items[0].module.sleep = pause

        def pause(seconds):
            witness.tell(os.environ["PYTEST_CURRENT_TEST"].split("::")[1].split()[0])
            if seconds < 1:
                witness.meet("begun", 2)
            else:
                witness.meet("begun", 1)
                {waits}
        """
    )
    (command,) = (
        step.line
        for step in steps("docs/explanation/late-binding.md")
        if not is_file(step) and dist in step.line.split()
    )
    run_pytest(*command.split()[1:]).assert_outcomes(passed=4)
    worker_of = {event["name"]: event["worker"] for event in witness.events()}
    assert (worker_of["test_a"] != worker_of["test_b"]) == together


def is_file(step: object) -> bool:
    return isinstance(step, Write)
