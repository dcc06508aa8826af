"""The line in the header, for each reason that a number of workers can have."""

from __future__ import annotations

import pytest
from doc_pages import blocks

from pytest_markersteal.core.floor import Limit
from pytest_markersteal.core.sizing import Prediction, Sizing, Why
from pytest_markersteal.distribution.auto import AutoWorkers
from pytest_markersteal.report.header import auto_line

CHOSEN = Prediction(3, 0.5, 1.6)
USUAL = Prediction(8, 1.5, 1.9)

LIMITS = {
    "test": (Limit("test", 9.0, 1, 0), "a.py::t takes 9.0 s"),
    "key": (Limit("key", 9.0, 2, 0, "db"), "the tests of key 'db' take 9.0 s one after another"),
    "group": (Limit("group", 9.0, 2, 0, "x"), "the tests of group 'x' take 9.0 s on one worker"),
    "serial": (Limit("serial", 9.0, 2, 0), "the serial tests take 9.0 s one after another"),
    "no_parallel": (Limit("no_parallel", 9.0, 2, 0), "the no_parallel tests take 9.0 s alone"),
    "work": (Limit("work", 9.0, 2), "reporting takes longer than the tests"),
}


def test_nothing_known() -> None:
    """Then there is nothing to predict."""
    assert auto_line(AutoWorkers(1)) == "1 worker: it is not known yet how long these tests take"


def test_as_many_as_cores() -> None:
    """Nothing is compared."""
    sizing = Sizing(USUAL, USUAL, Why.CORES, 0.0)
    assert auto_line(AutoWorkers(8, sizing)) == (
        "8 workers: each pays for its start-up (predicted 3.4 s)"
    )


def test_start_up() -> None:
    """Both predictions are told."""
    sizing = Sizing(CHOSEN, USUAL, Why.STARTUP, 0.0)
    assert auto_line(AutoWorkers(3, sizing, LIMITS["work"][0])) == (
        "3 workers instead of 8: more would not pay for their start-up "
        "(predicted 2.1 s, with 8 workers 3.4 s)"
    )


@pytest.mark.runs_examples("docs/how-it-works.md", "text")
def test_the_page_has_such_a_line() -> None:
    """That of a suite which is over before more workers have started."""
    sizing = Sizing(Prediction(2, 0.3, 0.2), Prediction(16, 0.9, 0.1), Why.STARTUP, 0.0)
    line = auto_line(AutoWorkers(2, sizing))
    assert f"markersteal: {line}\n" in blocks("docs/how-it-works.md", "text")


def test_waiting() -> None:
    """How much tests wait is told."""
    sizing = Sizing(USUAL, CHOSEN, Why.WAITING, 0.876)
    assert auto_line(AutoWorkers(8, sizing)) == (
        "8 workers instead of 3: tests wait for 88% of their time "
        "(predicted 3.4 s, with 3 workers 2.1 s)"
    )


@pytest.mark.parametrize("kind", LIMITS)
def test_limits(kind: str) -> None:
    """What would hold up more workers is named."""
    limit, named = LIMITS[kind]
    sizing = Sizing(CHOSEN, USUAL, Why.LIMIT, 0.0)
    line = auto_line(AutoWorkers(3, sizing, limit, "a.py::t"))
    assert line == (
        f"3 workers instead of 8: more would not help, as {named} "
        "(predicted 2.1 s, with 8 workers 3.4 s)"
    )


def test_a_limit_that_nobody_knows() -> None:
    """With -k it is not known which tests run."""
    line = auto_line(AutoWorkers(3, Sizing(CHOSEN, USUAL, Why.LIMIT, 0.0)))
    assert "more would not help (predicted" in line
