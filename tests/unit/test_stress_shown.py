"""What the command shows of a tally."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_markersteal.cli.stress.shown import document, lines
from pytest_markersteal.races.stress.plan import BUSY, DRAWN, REUSED, Settings, plan
from pytest_markersteal.races.stress.tally import Run, Tally
from pytest_markersteal.races.stress.telling import findings
from pytest_markersteal.races.trials.model import TestResult

FAILED = TestResult("failed", "call", "assert 1 == 2", "test_it.py:3")


@pytest.fixture
def tally() -> Tally:
    """A perturbed session of three tests: the second fails with busy cores, the third always."""
    asked = Settings((1, 2), 6, True, 0.95, 0.0, 0, 1, "", ())
    tally = Tally(asked, ["a", "b", "c"])
    for number, planned in enumerate(plan(asked)):
        condition = planned.condition
        rounds = [condition.first_round()] if condition.process == REUSED else []
        for place, own in enumerate([*rounds, condition]):
            results = {2: FAILED, **({1: FAILED} if own.noise == BUSY else {})}
            tally.add(Run(number, place, own, "0", 3.0 / (own.workers or 1), results))
    return tally


def test_a_perturbed_session(tally: Tally) -> None:
    """Each condition has a line, and a column of the tests; speed-ups are those of workers only."""
    shown = lines(tally, findings(tally, Path("kept")), out_of_time=True)

    text = "\n".join(shown)
    assert shown[0].endswith("; the budget is spent")
    assert [line.split()[-1] for line in shown if line.split()[1:2] == ["2"]][:1] == ["2.00"]
    for name in ("reversed order", "shuffled order", "drawn split", "drawn hashes", "busy cores"):
        assert f" {name} " in text
    (head,) = (line.split() for line in shown if line.startswith("test "))
    (row,) = (line.split() for line in shown if line.startswith("b "))
    busy = next(line.split()[0] for line in shown if "busy cores" in line)
    assert row[head.index(f"#{busy}")] == "0/6"
    assert row[head.index("#1")] == "6/6"
    assert "flaky: b failed in" in text
    assert "it fails only with busy processes beside it" in text


def test_the_document(tally: Tally) -> None:
    """It has the levels, the tests that did not always pass, and every run."""
    told = json.loads(document(tally, findings(tally, Path("kept")), out_of_time=False))

    assert told["verdict"] == "flaky"
    assert (told["tests"], told["always_alike"]) == (3, 1)
    assert [outcome["test"] for outcome in told["outcomes"]] == ["b", "c"]
    assert len(told["runs"]) == len(tally.runs)
    drawn = [level for level in told["levels"] if level["condition"] is None]
    assert len(drawn) == 1
    assert {level["condition"]["hashing"] for level in told["levels"] if level["condition"]} == {
        "fixed",
        DRAWN,
    }
