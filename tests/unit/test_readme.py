"""What the README says was measured is what the pages say."""

from __future__ import annotations

import re

from doc_pages import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
NUMBER = re.compile(r"\d+(?:\.\d+)*")


def test_the_figures_of_the_table_are_on_the_pages_that_it_names() -> None:
    """All but 1, which stands for worksteal, with which others are compared."""
    table = README.partition("## What was measured\n")[2].partition("\n##")[0]
    rows = re.findall(r"^\| (\w.*) \| \[.*\]\((.*)\) \|$", table, re.MULTILINE)
    assert len(rows) == 4
    for row, page in rows:
        own = set(NUMBER.findall((ROOT / page).read_text(encoding="utf-8").replace(",", "")))
        figures = set(NUMBER.findall(row.replace(",", ""))) - {"1"}
        assert figures
        assert figures <= own, page


def test_the_picture_is_told_as_it_is() -> None:
    """To those who don't see it: how long the runs took, and how many tests failed."""
    told, path = re.findall(r"!\[(.*)\]\((.*)\)", README)[0]
    picture = (ROOT / path).read_text(encoding="utf-8")
    titles = re.findall(r"--dist (\w+): ([\d.]+) s, (\w+) tests? failed", picture)
    assert [dist for dist, *_ in titles] == ["worksteal", "markersteal"]
    for dist, seconds, _ in titles:
        assert f"{dist} takes {seconds} s" in told
    assert [failed for *_, failed in titles] == ["5", "no"]
