"""The decisions: all are listed, in their order, and each says what was rejected."""

from __future__ import annotations

import re

import pytest
from doc_pages import ROOT

FOLDER = ROOT / "docs" / "decisions"
PAGES = sorted(path.name for path in FOLDER.glob("0*.md"))
UNUSED = 33
"""The number that no decision has."""


def test_the_list_has_all_pages_by_number_and_title() -> None:
    """In their order; a number that is missing is told."""
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^(\d+)\. \[(.*)\]\((.*)\)$", text, re.MULTILINE)
    titles = [
        (FOLDER / page).read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        for page in PAGES
    ]
    numbers = [int(page[:4]) for page in PAGES]
    assert listed == [(str(n), *rest) for n, *rest in zip(numbers, titles, PAGES, strict=True)]
    # Between two lists: one list would be numbered through where it is shown.
    assert f"\n\nThe number {UNUSED} was not used.\n\n{UNUSED + 1}. " in text
    assert numbers == [n for n in range(1, numbers[-1] + 1) if n != UNUSED]


@pytest.mark.parametrize("page", PAGES)
def test_a_decision_says_what_was_rejected(page: str) -> None:
    """And its title is no number, which is that of the file."""
    text = (FOLDER / page).read_text(encoding="utf-8")
    assert "Rejected" in text
    assert re.match(r"# [A-Z]", text)
