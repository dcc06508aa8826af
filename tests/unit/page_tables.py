"""Tables of figures on the pages, for tests of what is said of them elsewhere."""

from __future__ import annotations

import re

from doc_pages import ROOT

FIGURE = re.compile(r"\d+(?:\.\d+)?")


def table(page: str, under: str, number: int = 0) -> dict[str, list[str]]:
    """The rows of a table below the heading ``under``, by their first cell, the head's too."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    section = re.split(rf"^#+ {re.escape(under)}$", text, flags=re.MULTILINE)[1]
    rows = re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE)[number].splitlines()
    cells = [[cell.strip(" *`") for cell in row.strip("|").split("|")] for row in rows]
    return {first: rest for first, *rest in cells}


def figures(cells: list[str]) -> list[float]:
    """The first number of each cell."""
    return [float(FIGURE.findall(cell.replace(",", ""))[0]) for cell in cells]


def span(ratios: list[float]) -> str:
    """The least and the greatest, as pages tell them."""
    return f"{min(ratios):.2f} to {max(ratios):.2f}"
