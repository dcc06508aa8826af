"""What earlier runs say of a run that is asked for."""

from __future__ import annotations

import pytest
from builders import remembered

from pytest_markersteal.core.suite import Claim, Demand, Mode
from pytest_markersteal.distribution.expected import expected_run
from pytest_markersteal.distribution.request import Request
from pytest_markersteal.durations.history import Fixture, History, Selection, Startup, Times

STARTUP = Startup(0.04, 0.2, 3.0, 0.001, 0.4)
IDS = ["a/x.py::t", "a/y.py::t[1]", "a/y.py::t[2]", "b/z.py::K::t"]
TIMES = {node_id: Times(0.0, 1.0, 0.0, 0.5) for node_id in IDS}
NEAR = 0.1
"""What is remembered is a bucket, which is up to so far from what was measured."""


def history(**known: object) -> History:
    startups = {Selection("", ""): STARTUP}
    return remembered(TIMES, **{"startups": startups, **known})  # type: ignore[arg-type]


def asked(*node_ids: str, marks: str = "") -> Request:
    return Request(node_ids, marks, filtered=bool(marks), lasting=True)


@pytest.mark.parametrize(
    ("node_ids", "numbers"),
    [
        ([""], [0, 1, 2, 3]),
        (["a"], [0, 1, 2]),
        (["a/y.py"], [1, 2]),
        (["a/y.py::t"], [1, 2]),
        (["a/y.py::t[2]"], [2]),
        (["b/z.py::K", "a/x.py", "b"], [0, 3]),
    ],
)
def test_only_tests_that_are_asked_for_are_expected(
    node_ids: list[str], numbers: list[int]
) -> None:
    """Each once; collecting costs in proportion to what is in the files."""
    run = expected_run(history(), asked(*node_ids), {})
    assert run is not None
    # Tests that share what is known of their function are not named.
    assert [node_id.partition("[")[0] for node_id in run.ids] == [
        IDS[number].partition("[")[0] for number in numbers
    ]
    assert run.costs.tests_s == pytest.approx(len(numbers), rel=NEAR)
    assert run.costs.cpu_s == pytest.approx(0.5 * len(numbers), rel=NEAR)
    assert run.costs.reports_s == pytest.approx(0.001 * len(numbers), rel=NEAR)


def test_what_was_not_run_as_a_whole_is_not_known() -> None:
    """One part that is not known is enough."""
    known = history(startups={Selection("a", ""): STARTUP})
    assert expected_run(known, asked("a"), {}) is not None
    assert expected_run(known, asked("a/x.py"), {}) is not None
    assert expected_run(known, asked("a", "b"), {}) is None
    assert expected_run(known, asked(""), {}) is None
    assert expected_run(history(), asked("c"), {}) is None
    assert expected_run(History(), asked(""), {}) is None


def test_the_start_of_a_part_costs_a_part() -> None:
    """Of collecting only; what comes before, and session fixtures, is the same for all."""
    known = history(fixtures_s={Fixture("session", "", "server"): 4.0})
    whole = expected_run(known, asked(""), {})
    part = expected_run(known, asked("b", "a/x.py"), {})
    assert whole is not None
    assert part is not None
    assert whole.costs.ready_s == pytest.approx(0.2 + 3.0 + 4.0, rel=NEAR)
    assert part.costs.ready_s == pytest.approx(0.2 + 1.5 + 4.0, rel=NEAR)
    assert whole.costs.launch_s == part.costs.launch_s


def test_starts_of_several_parts_add_up() -> None:
    """Each part was measured by itself."""
    other = Startup(0.06, 0.1, 1.0, 0.002, 0.6)
    known = history(startups={Selection("a", ""): STARTUP, Selection("b", ""): other})
    run = expected_run(known, asked("a", "b"), {})
    assert run is not None
    assert run.costs.ready_s == pytest.approx(0.2 + 3.0 + 1.0, rel=NEAR)
    assert run.costs.launch_s == pytest.approx(0.06, rel=NEAR)


def test_set_ups_are_work() -> None:
    """A module's fixture is set up for the tests of the module."""
    known = history(fixtures_s={Fixture("module", "a/y.py", "db"): 5.0})
    run = expected_run(known, asked("a"), {})
    assert run is not None
    assert run.costs.tests_s == pytest.approx(8.0, rel=NEAR)


def test_marks_make_chains() -> None:
    """Those that earlier runs found, with no more units than there are now."""
    demands = {IDS[0]: Demand((Claim("db", units=9),)), IDS[1]: Demand((Claim("db"),))}
    demands[IDS[2]] = Demand((Claim("db", Mode.READ),))
    run = expected_run(history(demands=demands), asked(""), {"db": 2})
    assert run is not None
    assert run.floor(4).limit.name == "db"
    assert run.floor(4).total_s == pytest.approx(2.5, rel=NEAR)


def test_what_was_only_measured_on_busy_cores_is_no_waiting() -> None:
    """Eight processes on two cores take four times as long as one, and wait for nothing else."""
    for measured, expected in ((None, 0.0), (0.4, 0.4), (0.9, 0.5)):
        startups = {Selection("", ""): STARTUP._replace(waiting_share=measured)}
        run = expected_run(history(startups=startups), asked(""), {})
        assert run is not None
        assert run.costs.waiting_share == pytest.approx(expected, rel=NEAR)
