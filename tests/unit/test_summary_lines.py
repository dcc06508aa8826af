"""The summary's text."""

from __future__ import annotations

import pytest

from pytest_markersteal.core.floor import Limit
from pytest_markersteal.distribution.record import RunRecord
from pytest_markersteal.recording.drift import Drift
from pytest_markersteal.recording.recorded import Fate, Recorded
from pytest_markersteal.report.summary import summary_lines


def record(**changes: object) -> RunRecord:
    values: dict[str, object] = {"tests": 1200, "workers": 4, "wall_s": 10.5, "floor_s": 10.0}
    return RunRecord(**(values | changes))  # type: ignore[arg-type]


def test_the_first_line_tells_how_close_the_run_came() -> None:
    """Tests, workers, wall time, floor and their ratio."""
    assert summary_lines(record(), None, 0)[0] == (
        "1,200 tests on 4 workers in 10.50 s; the floor is 10.00 s (1.05 times that)"
    )


def test_never_more_than_five_lines() -> None:
    """Also when everything is to be told."""
    full = record(
        limit=Limit("key", 9.0, 7, 3, "db"),
        limit_test="a.py::t",
        known=5,
        not_run=["a", "b", "c", "d"],
        why_not="stopping after 1 failures",
        trouble=["one", "two"],
    )
    lines = summary_lines(full, Recorded(Fate.WRITTEN), 0)
    assert len(lines) == 5
    assert lines[1] == (
        "limited by key 'db': 7 tests, 9.00 s one after another, the longest a.py::t; "
        "and 1.00 s for no_parallel tests"
    )
    assert lines[3] == "not run: 4 tests (stopping after 1 failures): a, b, c, ..."


def test_quiet_is_one_line_and_quieter_is_none() -> None:
    """-q, which still tells what went wrong, and -qq."""
    troubled = record(not_run=["a"], why_not="x", trouble=["one", "two"])
    (line,) = summary_lines(troubled, None, -1)
    assert line.endswith("times that); 1 not run; warning: one; two")
    assert summary_lines(troubled, None, -2) == []


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        (Limit("work", 2.5, 10), "the work itself: 2.50 s for each of 4 workers"),
        (Limit("test", 9.0, 1, 0), "the longest test: a.py::t (9.00 s)"),
        (Limit("group", 9.0, 2, 0, "x"), "group 'x': 2 tests, 9.00 s on one worker"),
        (Limit("serial", 9.0, 2, 0), "serial: 2 tests, 9.00 s one after another"),
        (Limit("no_parallel", 9.0, 1, 0), "no_parallel: 1 test, 9.00 s alone"),
    ],
)
def test_the_limit_is_named(limit: Limit, said: str) -> None:
    """What to shorten to make the run faster."""
    assert said in summary_lines(record(limit=limit, limit_test="a.py::t"), None, 0)[1]


def test_whether_durations_were_known() -> None:
    """None, or for how many tests."""
    assert "none were known" in summary_lines(record(), None, 0)[-1]
    assert "known for 3 of 1,200 tests" in summary_lines(record(known=3), None, 0)[-1]


DRIFT = Drift(tests=1200, new=0, machine_ratio=1.0, before_s=20.0, after_s=15.0)
COMMAND = "pytest -n 4 --markersteal-record=always"


@pytest.mark.parametrize(
    ("recorded", "said"),
    [
        (
            Recorded(Fate.WRITTEN, path=".markersteal/durations.msgpack"),
            "; updated .markersteal/durations.msgpack",
        ),
        (Recorded(Fate.GAINS_NOTHING, DRIFT, command=COMMAND), "of 1,200 tests"),
        (Recorded(Fate.LEFT), "of 1,200 tests"),
        (
            Recorded(Fate.PAYS, DRIFT, command=COMMAND),
            f"; new ones would save 5.0 s (25%): run {COMMAND} and commit the file",
        ),
        (
            Recorded(Fate.MISSING, DRIFT, command=COMMAND),
            f"; to keep them, run this and commit the file: {COMMAND}",
        ),
    ],
)
def test_what_became_of_the_durations_is_said(recorded: Recorded, said: str) -> None:
    """With the command that writes them, where that is not done here."""
    assert summary_lines(record(known=3), recorded, 0)[-1].endswith(said)
