"""``markersteal simulate`` with curves and what-if questions."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from builders import SERIAL, key, remembered
from test_simulate_command import durations_file, output, refusal
from trace_files import Ran, write_trace

from pytest_markersteal.cli.main import main
from pytest_markersteal.durations.history import Times
from pytest_markersteal.simulate.whatif import MARKS

CHAIN = [Ran(f"tests/db/test_a.py::t{n}", 1.0, key()) for n in range(3)]
OTHERS = [Ran(f"tests/e2e/test_b.py::t{n}", 0.5) for n in range(10)]
LAST = Ran("tests/test_c.py::t", 0.5, SERIAL)


@pytest.fixture
def trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The newest one of a project, which is the current folder: 8.5 s of 14 tests, 3 s of a key."""
    monkeypatch.chdir(tmp_path)
    runs = Path(".markersteal", "runs")
    write_trace(runs / "2026-11-21T10-00-00.trace", LAST)
    return write_trace(runs / "2026-11-22T10-00-00.trace", *CHAIN, *OTHERS, LAST)


def answered(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """The first suite of a command with ``--json``."""
    content = json.loads("\n".join(output(capsys, "simulate", *arguments, "--json")))
    assert (content["format"], content["version"]) == ("pytest-markersteal curves", 1)
    found: dict[str, Any] = content["suites"][0]
    return found


def test_a_curve_is_a_table_and_a_plot(trace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of the newest trace, with a sentence on where the floor stops falling, and why."""
    title, _, head, *rows, _, end = output(capsys, "simulate", "--workers", "1-5")
    assert title == f"{trace}: 14 tests; the run took 4.51 s on 2 workers with --dist markersteal"
    assert head.split() == [
        "n",
        "makespan",
        "s",
        "floor",
        "s",
        "limited",
        "by",
        "█",
        "floor",
        "░",
        "makespan",
    ]
    assert [row.split()[:1] for row in rows] == [["1"], ["2"], ["3"], ["4"], ["5"]]
    assert rows[0].count("█") == 40
    assert [row.rstrip("█░").split()[2:] for row in rows[2:]] == [["3.00", "key", "db"]] * 3
    assert end == (
        "from 3 workers on the floor falls no further, limited by key 'db': 3 tests, 3.00 s one "
        "after another, the longest tests/db/test_a.py::t0"
    )


def test_a_curve_that_still_falls_says_so(trace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And what it is limited by up to there."""
    *_, end = output(capsys, "simulate", "--workers", "1,2")
    assert end == (
        "the floor still falls at 2 workers, limited by the work itself: 4.25 s for each of "
        "2 workers"
    )


def test_bars_are_ascii_where_stdout_is(
    trace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on some terminals."""
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="latin-1"))
    assert main(["simulate", "--workers", "1,2"]) == 0
    text = sys.stdout.buffer.getvalue().decode("ascii")  # type: ignore[attr-defined] # BytesIO
    assert "# floor . makespan" in text
    assert "#" * 40 in text


def test_a_question_is_answered_on_the_workers_of_the_run(
    trace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Makespan, floor and limit as it is and as asked; and on whose word."""
    *_, head, now, then, _, gain, limit = output(
        capsys, "simulate", "--speedup", "tests/db/*=2", "--without-key", "db"
    )
    assert head.split() == ["n", "makespan", "s", "floor", "s", "limited", "by"]
    assert now.split()[:4] == ["as", "it", "is", "2"]
    assert then.split()[:3] == ["as", "asked", "2"]
    assert float(now.split()[5]) == 4.25
    assert float(then.split()[4]) == 3.5
    assert gain.startswith("on 2 workers: 4.5")
    assert gain.endswith("if tests without these marks share nothing")
    assert limit == "the floor is limited by the work itself: 3.50 s for each of 2 workers"


def test_a_faster_test_needs_no_proviso(trace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It shares what it did."""
    lines = output(capsys, "simulate", "--speedup", "*=2")
    assert any(line.startswith("on 2 workers: ") and line.endswith(" less)") for line in lines)


def test_questions_compose_with_a_curve(trace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each row then has what it is beside what it would be."""
    asked = ("--without-key", "db", "--unmark", "serial", "--workers", "1-4,8")
    lines = output(capsys, "simulate", *asked)
    assert lines[1] == "what if: --without-key db --unmark serial"
    assert "n  as it is s  makespan s  floor s  limited by" in lines[3]
    assert len(lines[4 : lines.index("", 4)]) == 5
    found = answered(capsys, *asked)
    assert found["questions"] == ["--without-key db", "--unmark serial"]
    assert [point["workers"] for point in found["as_asked"]["points"]] == [1, 2, 3, 4, 8]
    assert found["as_it_is"]["floor_stops_at"]["workers"] == 3
    limit = found["as_it_is"]["floor_stops_at"]["limit"]
    assert (limit["kind"], limit["name"], limit["test"]) == ("key", "db", CHAIN[0].node_id)
    assert found["as_asked"]["points"][-1]["floor_s"] < 2


def test_cores_that_are_busy_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not the schedule, they limit a suite that computes; half of it, and they do so later."""
    tests = [Ran(f"a.py::t{n}", 1.0, cpu_s=1.0) for n in range(8)]
    path = write_trace(tmp_path / "busy.trace", *tests, workers=2, cores=2)
    *_, end = output(capsys, "simulate", str(path), "--workers", "1-4")
    assert end == (
        "from 2 workers on the floor falls no further, limited by the cores: 8 tests keep all of "
        "them busy for 4.00 s"
    )
    found = answered(capsys, str(path), "--workers", "4", "--speedup", "a.py::t[0-3]=2")
    assert found["cores"] == 2
    assert found["as_it_is"]["points"][0]["makespan_s"] == pytest.approx(4.0, abs=0.01)
    assert found["as_asked"]["points"][0]["makespan_s"] == pytest.approx(3.0, abs=0.01)


def test_what_a_worker_takes_between_tests_is_in_the_trace(
    trace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Unless the command line says otherwise."""
    measured = answered(capsys, "--workers", "2")["as_it_is"]["points"][0]["makespan_s"]
    none = answered(capsys, "--workers", "2", "--overhead-ms", "0")["as_it_is"]["points"][0][
        "makespan_s"
    ]
    assert measured - none == pytest.approx(0.005, abs=0.002)


def test_a_durations_file_is_asked_without_cores(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which the answer says; with the marks that the file knows."""
    times = {f"a.py::t{number}": Times(0.0, 1.0, 0.0, 1.0) for number in range(4)}
    demands = {f"a.py::t{number}": key() for number in range(4)}
    file = durations_file(tmp_path, remembered(times, demands=demands))
    *_, end, note = output(capsys, "simulate", file, "--workers", "1-3")
    assert "limited by key 'db': 4 tests" in end
    assert note.startswith("how many cores there are is not in a durations file")


def test_generated_workloads_have_curves_too(capsys: pytest.CaptureFixture[str]) -> None:
    """One after the other, on four workers unless told otherwise."""
    lines = output(capsys, "simulate", "slow-last", "hot-key", "--speedup", "*=2")
    titles = [line for line in lines if line.endswith(" tests")]
    assert titles == ["slow-last: 510 tests", "hot-key: 1,000 tests"]
    assert any(line.startswith("as it is  4 ") for line in lines)


def test_modes_are_compared_on_the_workers_of_a_trace(
    trace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A trace is a workload like others there, on as many workers as its run had."""
    lines = output(capsys, "simulate", str(trace), "--mode", "markersteal,load")
    assert [line.split()[:3] for line in lines[1:3]] == [
        [str(trace), "2", "markersteal"],
        [str(trace), "2", "load,"],
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--without-key", "dbx"], "--without-key dbx: no test claims the key 'dbx'; did you mean"),
        (["--unmark", "no_parallel"], "--unmark no_parallel: no test is marked no_parallel; there"),
        (["--unmark", "nope"], f"there is no 'nope'; choose from {', '.join(MARKS)}"),
        (["--speedup", "e2e/*=2"], "--speedup e2e/*=2: no node id matches 'e2e/*'; the files"),
        (["--speedup", "e2e/*"], "'e2e/*' is not PATTERN=FACTOR with a factor from 0.001 to"),
        (["--speedup", "*=0"], "'*=0' is not PATTERN=FACTOR"),
        (["--speedup", "*=nan"], "'*=nan' is not PATTERN=FACTOR"),
        (["--speedup", "*=1e-320"], "'*=1e-320' is not PATTERN=FACTOR"),
        (["--speedup", "=2"], "'=2' is not PATTERN=FACTOR"),
        (["--workers", "0-3"], "'0' is not a whole number of at least 1"),
        (["--workers", "5-3"], "'5-3' is no range: 3 is less than 5"),
        (["--workers", "1-"], "'' is not a whole number of at least 1"),
        (["--workers", "2", "-n", "3"], "argument -n: is for the comparison of modes"),
        (["--unmark", "serial", "--seeds", "3"], "argument --seeds: is for the comparison"),
    ],
)
def test_what_can_t_be_asked_is_told_with_what_can(
    trace: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    """Which option, what is wrong, and what there is."""
    assert said in refusal(capsys, "simulate", *arguments)


def test_without_a_trace_one_is_to_be_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a workload named."""
    monkeypatch.chdir(tmp_path)
    message = refusal(capsys, "simulate", "--workers", "4")
    assert "there is no trace in .markersteal/runs; run pytest with --dist markersteal" in message


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x90"])
def test_what_is_no_trace_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    """With its path and the reason; so is one of tests that took no time."""
    path = tmp_path / "bad.trace"
    path.write_bytes(content)
    message = refusal(capsys, "simulate", str(path), "--workers", "2")
    assert f"can't use {path}: it" in message or f"can't use {path}: record 0" in message
    write_trace(path, Ran("a.py::t", 0.0))
    assert "it has no test that takes any time" in refusal(capsys, "simulate", str(path))
