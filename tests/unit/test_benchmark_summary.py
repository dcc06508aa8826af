"""What docs/benchmarks.md says in short is what its tables have."""

from __future__ import annotations

import re

import pytest
from doc_pages import ROOT
from page_tables import FIGURE, figures, span, table

PAGE = "benchmarks.md"
TEXT = (ROOT / "docs" / PAGE).read_text(encoding="utf-8")
SHORT = " ".join(TEXT.partition("In short")[2].partition("The arms")[0].split())
COLD, WARM = "markersteal, cold", "markersteal, warm"


def test_suites_with_marks() -> None:
    """Two passes and markersteal, each from its least to its most."""
    rows = table(PAGE, "With marks")
    assert f"Two passes took {span(figures(rows['two passes']))} of the time of" in SHORT
    assert f"markersteal, warm, {span(figures(rows[WARM]))}: the most where" in SHORT


@pytest.mark.parametrize("arm", [COLD, WARM])
def test_suites_without_marks(arm: str) -> None:
    """Where it is level with worksteal, and where it is not."""
    rows = table(PAGE, "Without marks")
    (*generated, cffi4, cffi8, dask8) = figures(rows[arm])
    assert len(generated) == 5
    if arm == WARM:
        assert f"({span([*generated, dask8])}) on five generated suites and on dask's" in SHORT
        assert f"at `-n 4` ({cffi4:.2f})" in SHORT
        ratio = table(PAGE, "cffi, `-n 8`")[WARM][3]
        _, least, most = FIGURE.findall(ratio)
        assert f"({cffi8:.2f}, between {least} and {most} in single runs)" in SHORT
    else:
        assert f"Cold, it was level with worksteal ({span([*generated, cffi4])})" in SHORT
        least, most = sorted([cffi8, dask8])
        assert f"two cores ({least:.2f} and {most:.2f})" in SHORT


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("empty, `-n 2`", "take {} of worksteal's time and {} of its processor time"),
        ("1 KiB of output, `-n 2`", "10,000 that print 1 KiB {} and {}."),
    ],
)
def test_what_a_test_costs(heading: str, said: str) -> None:
    """In time, and in processor time."""
    rows = table(PAGE, heading)
    *_, of_time, processor_s = figures(rows[WARM])
    share = processor_s / figures(rows["worksteal"])[-1]
    assert said.format(f"{of_time:.2f}", f"{share:.2f}") in SHORT


def test_real_suites() -> None:
    """Each, warm and cold."""
    rows = table(PAGE, "Real suites")
    names = [re.sub(r" [\d.]+, .*", "", cell) for cell in rows[""]]
    assert names == ["click", "waitress", "more-itertools"]
    first, second, third = (f"{ratio:.2f}" for ratio in figures(rows[WARM]))
    assert f"{first} on click, {second} on waitress and {third} on more-itertools, warm" in SHORT
    first, second, third = (f"{ratio:.2f}" for ratio in figures(rows[COLD]))
    assert f"cold {first}, {second} and {third}." in SHORT
