"""What a trial says, put together; and scripts, which say what it is to run."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_markersteal.races.trials.gathering import Gathering
from pytest_markersteal.races.trials.model import TestResult
from pytest_markersteal.races.trials.results import (
    FORMAT,
    OUTCOMES,
    PHASES,
    VERSION,
    Collected,
    Head,
    Over,
    Reported,
    Result,
    ResultsError,
    ResultsReader,
    Started,
    encoded,
)
from pytest_markersteal.races.trials.running import cache_in
from pytest_markersteal.races.trials.script import write_script
from pytest_markersteal.trace.reader import read


def reported(test: str, phase: str, outcome: str = "passed", message: str = "") -> Reported:
    return Reported(test, "", PHASES.index(phase), OUTCOMES.index(outcome), 1_000, message, "")


def gathered(*results: Result, hung: bool = False) -> list[dict[str, TestResult]]:
    gathering = Gathering()
    for result in results:
        gathering.take(result)
    return [dict(done.results) for done in gathering.rounds(hung=hung)]


def test_the_worst_phase_tells() -> None:
    """A test whose call failed and whose teardown passed has failed, with the call's message."""
    (results,) = gathered(
        Started("a", ""),
        reported("a", "setup"),
        reported("a", "call", "failed", "boom"),
        reported("a", "teardown"),
        Over(1),
    )

    assert results == {"a": TestResult("failed", "call", "boom", duration_s=0.003)}


@pytest.mark.parametrize(("hung", "outcome"), [(False, "crashed"), (True, "hung")])
def test_where_the_process_is_gone(hung: bool, outcome: str) -> None:
    """The running test has crashed, or has hung; those after it were not run."""
    (results,) = gathered(
        Collected(["a", "b", "c"]),
        Started("a", ""),
        *[reported("a", phase) for phase in ("setup", "call", "teardown")],
        Started("b", ""),
        reported("b", "setup"),
        hung=hung,
    )

    assert {test: result.outcome for test, result in results.items()} == {
        "a": "passed",
        "b": outcome,
        "c": "not run",
    }


def test_rounds_are_told_apart() -> None:
    """The same test may pass in one round and fail in the next."""
    one, two = gathered(
        Started("a", ""),
        reported("a", "call"),
        reported("a", "teardown"),
        Over(0),
        Started("a", ""),
        reported("a", "call", "failed", "boom"),
        reported("a", "teardown"),
        Over(1),
    )

    assert (one["a"].outcome, two["a"].outcome) == ("passed", "failed")


def test_results_are_read_as_they_come(tmp_path: Path) -> None:
    """A record that is cut off is read once the rest of it is there."""
    path = tmp_path / "results"
    reader = ResultsReader(path)
    whole = encoded(Started("tests/test_a.py::test_ünicode[\udcff]", "gw0"))
    path.write_bytes(encoded(Head(FORMAT, VERSION)) + whole[:7])
    assert list(reader.more()) == [Head(FORMAT, VERSION)]

    with path.open("ab") as file:
        file.write(whole[7:])

    assert list(reader.more()) == [Started("tests/test_a.py::test_ünicode[\udcff]", "gw0")]


@pytest.mark.parametrize(
    "data",
    [
        encoded(Over(0)),
        encoded(Head(FORMAT, VERSION + 1)),
        encoded(Head(FORMAT, VERSION)) + encoded(Collected([1])),  # type: ignore[list-item] # wrong
        encoded(Head(FORMAT, VERSION)) + encoded(Reported("a", "", 9, 0, 0, "", "")),
        b"\xc1",
    ],
)
def test_what_no_trial_wrote(tmp_path: Path, data: bytes) -> None:
    """Anything else is an error."""
    path = tmp_path / "results"
    path.write_bytes(data)

    with pytest.raises(ResultsError):
        list(ResultsReader(path).more())


def test_a_script_is_a_trace(tmp_path: Path) -> None:
    """Each slot runs its tests in their order; those of one step start together."""
    path = tmp_path / "script"
    write_script(path, [["b", "a"], ["c"]])

    trace = read(path)

    assert [(trace.ids[run.test], trace.slot(run), run.span.since_s) for run in trace.tests] == [
        ("b", 0, 0.0),
        ("c", 1, 0.0),
        ("a", 0, 1.0),
    ]


def test_a_script_with_times(tmp_path: Path) -> None:
    """Tests start and end as told, and nobody waits for what ends later."""
    path = tmp_path / "script"
    times = {"a": (0.0, 3.0), "b": (0.5, 1.0), "c": (1.0, 2.0)}
    write_script(path, [["a"], ["b", "c"]], times)

    trace = read(path)

    assert {trace.ids[run.test]: tuple(run.span) for run in trace.tests} == times
    assert trace.end is not None
    assert trace.end.at_us == 3_000_000


def test_no_test_is_in_a_script_twice(tmp_path: Path) -> None:
    """A replay runs each test once, so a script that asks for more is refused, and says why."""
    with pytest.raises(ValueError, match="but a more than once"):
        write_script(tmp_path / "script", [["a", "b"], ["a"]])


@pytest.mark.parametrize(
    "without",
    [["-p", "no:cacheprovider"], ["-pno:cacheprovider"], ["-p no:cacheprovider", "tests"]],
    ids=" ".join,
)
def test_no_folder_for_a_cache_that_is_left_out(without: list[str]) -> None:
    """pytest then has no such option, and with strict configuration would not begin."""
    assert cache_in(Path("own"), without) == []


def test_a_cache_of_its_own() -> None:
    """Where pytest has a cache, a trial finds an empty one."""
    assert cache_in(Path("own"), ["-p", "no:cov", "-k", "cache"]) == ["-o", "cache_dir=own"]
