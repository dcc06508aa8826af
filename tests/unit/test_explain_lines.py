"""What ``--markersteal-explain`` tells, as lines."""

from __future__ import annotations

import itertools

from builders import ALONE, key
from traces import Ran, trace_of

from pytest_markersteal.explain.explanation import explain
from pytest_markersteal.report.explain import explain_lines
from pytest_markersteal.trace.model import RUNNING, FixtureRun, Span, Trace
from pytest_markersteal.trace.records import End


def lines(trace: Trace) -> list[str]:
    explanation = explain(trace)
    assert explanation is not None
    return explain_lines(trace, explanation)


def test_a_run_is_explained() -> None:
    """The gap adds up, the path is told test by test, and so is what would help."""
    trace = trace_of(
        Ran(0, 1, 2, ALONE, parked=True),
        Ran(0, 2, 5, key(), parked=True),
        Ran(1, 2, 3, parked=True),
        Ran(1, 5.05, 7, key(), waits=(Span(6.5, 6.75),)),
    )
    assert lines(trace) == [
        "7.00 s until the last test ended, of which the floor is:",
        "      5.70 s  the floor: no schedule on as many workers is faster",
        "      1.00 s  start-up and collection",
        "      0.30 s  transport: between a worker's tests, to and from the controller",
        "",
        "the critical path to the end, 3 tests:",
        "      1.00 s  gw0  test_it.py::test_0, after 1.00 s: start-up and collection",
        "      3.00 s  gw0  test_it.py::test_1",
        "      1.95 s  gw1  test_it.py::test_3, after 0.05 s: waiting for key 'db'",
        "",
        *lines(trace)[10:],
    ]
    assert lines(trace)[10] == "what would help most, as simulated runs predict:"


def test_marks_that_the_mode_does_not_keep_are_not_in_the_floor() -> None:
    """Else no run with that mode could be explained: many are faster."""
    told = lines(trace_of(Ran(0, 1, 3, ALONE), Ran(1, 1, 3, ALONE), dist="worksteal"))
    assert told[1] == "      2.00 s  the floor: no schedule on as many workers is faster"
    assert not any("no_parallel" in line for line in told)


def test_a_run_faster_than_its_floor_has_no_negative_times() -> None:
    """A set-up that took longer the last time makes the floor higher than what ran."""
    fast, slow = (
        (FixtureRun("module", "test_it.py", "database", s, Span(1, 1 + s)),) for s in (1.0, 3.0)
    )
    told = lines(trace_of(Ran(0, 1, 5, fixtures=fast), Ran(1, 1.5, 5, fixtures=slow)))
    assert not any(line.lstrip().startswith("-") for line in told)
    assert any("less than the floor" in line for line in told)


def test_a_long_path_is_told_by_its_longest_tests() -> None:
    """The others are counted, and their seconds added up."""
    times = [1 + number * (number + 1) / 200 for number in range(101)]
    ran = [Ran(0, since_s, until_s) for since_s, until_s in itertools.pairwise(times)]
    told = lines(trace_of(*ran, workers=1))
    path = told[told.index("") + 2 :]
    path = path[: path.index("")]
    assert path[0].endswith("test_0, after 1.00 s: start-up and collection")
    assert path[1] == "     33.20 s  ... 80 more tests ..."
    assert [line.rpartition("_")[2] for line in path[2:]] == [str(n) for n in range(81, 100)]


def test_an_early_end_is_told_first() -> None:
    """What is explained then is not the whole suite."""
    ran = Ran(0, 1, 2), Ran(1, 1, 1.5, outcome=RUNNING)
    for end, why in (
        (End(10**7, 2, "the run was interrupted"), "the run was interrupted"),
        (None, "pytest was killed"),
    ):
        assert lines(trace_of(*ran, end=end))[:2] == [
            f"the run ended early ({why}), in the midst of 1 test; what follows is of what it ran",
            "",
        ]
    assert "until the last test ended" in lines(trace_of(*ran))[0]
    stopped = lines(trace_of(ran[0], end=End(10**7, 1, "stopping after 1 failures")))
    assert stopped[0].startswith("the run ended early (stopping after 1 failures); what")


def test_without_a_test_that_ended_there_is_nothing_to_explain() -> None:
    """As when the controller was killed in the first one."""
    assert explain(trace_of(Ran(0, 1, 2, outcome=RUNNING))) is None
