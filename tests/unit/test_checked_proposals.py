"""What is to be removed, what that gains, and what a second run says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from builders import ALONE, PLAIN, SERIAL, group, key
from traces import Ran, trace_of

from pytest_markersteal.core.suite import Demand
from pytest_markersteal.races.findings import Finding, FindingsError, as_json
from pytest_markersteal.races.propose.checking import GONE, STILL, UNKNOWN, UNMARKED, verdict
from pytest_markersteal.races.propose.gaining import gain_in
from pytest_markersteal.races.propose.model import ADD, Proposal, mark_of
from pytest_markersteal.races.propose.reading import FOLDER, Found, left_in, read_all
from pytest_markersteal.races.propose.removing import removals
from pytest_markersteal.races.trials.model import NOT_RUN, TestResult
from pytest_markersteal.trace.model import Trace

A, B, C, D = (f"test_it.py::test_{number}" for number in range(4))
IDS = (A, B, C, D)


def met(*tests: str, kind: str = "conflict") -> Finding:
    return Finding(kind, "watch", (), tests, "file x", "Seen.", (), "", "serial", "")


def removed(
    demands: dict[str, Demand],
    *findings: Finding,
    watched: list[set[str]] | None = None,
    capacities: dict[str, int] | None = None,
) -> list[tuple[str, tuple[str, ...]]]:
    runs = tuple(map(frozenset, [set(IDS)] if watched is None else watched))
    found = removals(demands, capacities or {}, Found(findings, runs), lambda change: "")
    return [(str(one.mark), one.tests) for one in found]


# Removals


def test_serial_tests_that_no_finding_mentions() -> None:
    """They were watched, so that there is something to say."""
    demands = {A: SERIAL, B: SERIAL, C: ALONE, D: PLAIN}

    assert removed(demands) == [("serial", (A, B)), ("no_parallel", (C,))]
    assert removed(demands, met(A, D), met(C, kind="leak")) == [("serial", (B,))]
    assert removed(demands, watched=[{A, D}]) == [("serial", (A,))]
    assert removed(demands, watched=[]) == []


def test_keys_with_nothing_to_keep_apart() -> None:
    """One test's, or several's that were watched in a run and never seen with one thing."""
    demands = {A: key("db"), B: key("db"), C: key("mail")}

    assert removed(demands) == [("shared_resource:db", (A, B)), ("shared_resource:mail", (C,))]
    assert removed(demands, met(A, B, kind="latent")) == [("shared_resource:mail", (C,))]
    assert removed(demands, met(A, C)) == removed(demands)
    assert removed(demands, watched=[{A}, {B}]) == [("shared_resource:mail", (C,))]
    assert removed(demands, capacities={"db": 2, "mail": 2}) == []


def test_removals_say_what_they_rest_on() -> None:
    """How many runs, what is not seen, and the gain, which is asked for the change proposed."""
    changed = []

    def gain(change):
        changed.append({test: change(test, SERIAL) for test in IDS})
        return "two seconds"

    (one,) = removals({A: SERIAL}, {}, Found((), (frozenset([A]),) * 3), gain)

    assert one.why[0].endswith("in 3 watched runs")
    assert one.evidence == (
        "two seconds",
        "what child processes, other machines and native code touch is not seen",
    )
    assert changed == [{A: PLAIN, B: SERIAL, C: SERIAL, D: SERIAL}]


def test_the_gain_is_that_of_a_simulated_run() -> None:
    """Without their marks, the tests run on both workers; a change of nothing gains nothing."""
    trace = trace_of(*(Ran(0, float(second), second + 1.0, SERIAL) for second in range(4)))

    gain = gain_in("a-run", trace)

    assert gain(lambda test, demand: PLAIN) == (
        "predicted in the run a-run on 2 workers: 2.00 s instead of 4.00 s"
    )
    assert gain(lambda test, demand: demand) == "no gain is predicted in the run a-run on 2 workers"


# What is read


def test_what_commands_left(tmp_path: Path) -> None:
    """All files of the folder; the tests of watched runs; the same finding once."""
    folder = tmp_path / FOLDER
    assert left_in(tmp_path) == []
    folder.mkdir(parents=True)
    folder.joinpath("stress.json").write_text(as_json([met(A, B)]))
    folder.joinpath("watch.json").write_text(as_json([met(A, B)], watched=[A, B]))

    found = read_all(left_in(tmp_path))

    assert found == Found((met(A, B),), (frozenset([A, B]),))
    assert (found.watched_runs([A]), found.watched_runs([A, C])) == (1, 0)


def test_what_was_watched_is_a_list_of_tests(tmp_path: Path) -> None:
    """The error names the file."""
    path = tmp_path / "watch.json"
    path.write_text(json.dumps({**json.loads(as_json([])), "watched": [1]}))

    with pytest.raises(FindingsError, match=r"watch\.json: 'watched' must list the node ids"):
        read_all([path])


# The second run

PASSED = TestResult("passed")


def says(trace: Trace, mark: str = "shared_resource:db", **results: TestResult) -> tuple[str, str]:
    proposal = Proposal(ADD, mark_of(mark), "", (A, B))
    said = verdict(proposal, trace, {A: PASSED, B: results.get("b", PASSED)})
    return said.state, said.why


DB, MAIL = key("db"), key("mail")


def test_a_conflict_is_gone() -> None:
    """If all ran with the mark, one after another, and passed."""
    apart = trace_of(Ran(0, 0, 1, DB), Ran(1, 1, 2, DB), Ran(0, 1, 3))

    assert says(apart) == (
        GONE,
        "2 tests ran, no two of them at the same time, and passed; the run had 2 workers",
    )


def test_a_conflict_is_still_there() -> None:
    """If two ran at the same time, others in between or not, or one failed."""
    together = trace_of(Ran(0, 0, 3, DB), Ran(1, 2, 4, DB), Ran(1, 0, 1))
    apart = trace_of(Ran(0, 0, 1, DB), Ran(1, 1, 2, DB))

    assert says(together) == (STILL, f"{A} and {B} ran at the same time")
    failed = TestResult("failed", message="assert 1 == 2")
    assert says(apart, b=failed) == (STILL, f"{B} failed: assert 1 == 2")


def test_no_verdict_without_marks_or_tests() -> None:
    """It says what is missing."""
    unmarked = trace_of(Ran(0, 0, 1, DB), Ran(1, 1, 2, MAIL))
    one = trace_of(Ran(0, 0, 1, DB))

    assert says(unmarked) == (UNMARKED, f"without this mark: {B}")
    assert says(one) == (UNKNOWN, f"not run: {B}")
    both = trace_of(Ran(0, 0, 1, DB), Ran(1, 1, 2, DB))
    assert says(both, b=TestResult(NOT_RUN)) == (UNKNOWN, f"not run: {B}")


def test_groups_are_on_one_worker() -> None:
    """That is what their mark is for."""
    together = trace_of(Ran(0, 0, 1, group("api")), Ran(0, 1, 2, group("api")))
    spread = trace_of(Ran(0, 0, 1, group("api")), Ran(1, 1, 2, group("api")))

    assert says(together, "xdist_group:api")[0] == GONE
    assert says(spread, "xdist_group:api") == (STILL, "they ran on 2 workers")


@pytest.mark.parametrize(("mark", "demand"), [("serial", SERIAL), ("no_parallel", ALONE)])
def test_flags_are_marks_too(mark: str, demand: Demand) -> None:
    """Of which there is no argument."""
    apart = trace_of(Ran(0, 0, 1, demand), Ran(0, 1, 2, demand))

    assert says(apart, mark)[0] == GONE
    assert says(apart)[0] == UNMARKED
