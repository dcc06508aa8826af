"""``markersteal simulate``: what it prints, and how it refuses."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from builders import remembered
from doc_pages import blocks

from pytest_markersteal.cli.main import COMMANDS, main
from pytest_markersteal.durations import format as durations_format
from pytest_markersteal.durations.history import History, Times
from pytest_markersteal.simulate.generated import GENERATORS
from pytest_markersteal.simulate.grid import MODES
from pytest_markersteal.simulate.histories import HISTORIES

ONE = ("simulate", "slow-last", "--mode", "markersteal")


def output(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """The lines of a command that succeeds, and prints nothing on stderr."""
    assert main(arguments) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out.splitlines()


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The message of a usage error, beneath one line of usage."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    usage, message = captured.err.splitlines()
    assert usage.startswith("usage: markersteal ")
    return message


def durations_file(folder: Path, history: History) -> str:
    path = folder / "durations.msgpack"
    path.write_bytes(durations_format.encode(history))
    return str(path)


def test_the_table_has_a_line_for_each_run(capsys: pytest.CaptureFixture[str]) -> None:
    """Workload, workers, mode, history, makespan, floor, ratio, and idle time by cause."""
    arguments = ("simulate", "slow-last", "hot-key", "-n", "2,4", "--history", "exact,cold")
    lines = output(capsys, *arguments, "--mode", "worksteal,markersteal")
    head = "workload n mode history makespan s floor s ratio idle s of all workers, by cause"
    assert lines[0].split() == head.split()
    assert lines.index("") == 1 + 2 * 2 * 3
    first, second = lines[1], lines[2]
    assert re.fullmatch(
        r"slow-last  2  worksteal            -  +[\d.]+  +[\d.]+  1\.\d{3}  .*tail [\d.]+.*", first
    )
    assert re.match(r"slow-last  2  markersteal          exact  +[\d.]+  +[\d.]+  1\.\d{3}", second)
    assert any(line.startswith("hot-key    4  worksteal, 2 passes  -") for line in lines)
    assert lines[-1].startswith("2 passes: that mode knows no marks")


def test_a_summary_tells_of_each_history(capsys: pytest.CaptureFixture[str]) -> None:
    """The geometric mean, and the worst with its place."""
    lines = output(capsys, *ONE, "--history", "exact,cold", "-n", "2,4")
    summary = [line for line in lines if "times the floor" in line]
    assert len(summary) == 2
    for line, history in zip(summary, ("exact", "cold"), strict=True):
        assert re.fullmatch(
            rf"markersteal, {history} history: 1\.\d+ times the floor \(geometric mean of 2\), "
            r"at worst 1\.\d+ \(slow-last, n [24]\)",
            line,
        )


def test_several_seeds_share_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """With the worst of them beside their mean."""
    lines = output(capsys, *ONE, "--seeds", "3", "--history", "stale")
    assert "ratio  worst" in lines[0]
    mean, worst = map(float, re.findall(r" (1\.\d{3})\b", lines[1]))
    assert mean <= worst
    assert lines[2] == ""
    assert lines[-1].startswith("3 seeds: means of")


def test_json_has_every_run(capsys: pytest.CaptureFixture[str]) -> None:
    """One for each seed, in seconds, with the costs that were assumed."""
    lines = output(capsys, *ONE, "--seeds", "2", "--seed", "5", "--delay-ms", "2", "--json")
    content = json.loads("\n".join(lines))
    assert content["format"] == "pytest-markersteal simulation"
    assert content["version"] == 1
    assert content["costs"]["message_delay_s"] == 0.002
    assert [row["seed"] for row in content["rows"]] == [5, 6]
    row = content["rows"][0]
    assert row["ratio"] == row["makespan_s"] / row["floor_s"]
    assert set(row["idle_s"]) == {"transport", "overhead", "tail"}
    assert content["summary"][0]["runs"] == 2
    assert content["summary"][0]["worst_ratio"] == max(row["ratio"] for row in content["rows"])


def test_all_workloads_and_modes_are_the_default(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On four workers, with exact history; of small workloads, to be quick."""
    for name in GENERATORS:
        monkeypatch.setitem(GENERATORS, name, GENERATORS["slow-last"])
    last = output(capsys, "simulate", "--mode", "markersteal")[-2:]
    assert last[0].startswith("these suites are generated ones; for your own, name a trace")
    assert "generated ones" not in "".join(output(capsys, *ONE))
    rows = json.loads("\n".join(output(capsys, "simulate", "--json")))["rows"]
    assert [row["workload"] for row in rows[:: len(MODES)]] == list(GENERATORS)
    assert [row["mode"] for row in rows[: len(MODES)]] == list(MODES)
    assert {row["workers"] for row in rows} == {4}
    assert {row["history"] for row in rows} == {"exact", None}


def test_a_recorded_suite_is_simulated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From its durations file, instead of the generated workloads or beside those named."""
    times = {f"a.py::t{number}": Times(0.1, 1.0, 0.1, 0.0) for number in range(4)}
    file = durations_file(tmp_path, remembered(times))
    lines = output(capsys, "simulate", file, "-n", "2", "--mode", "markersteal")
    row = re.escape(file) + r"  2  markersteal  exact +2\.4\d +2\.4\d  1\.00"
    assert re.match(row, lines[1])
    lines = output(capsys, "simulate", "slow-last", file, "--mode", "markersteal")
    assert [line.split()[0] for line in lines[1:3]] == ["slow-last", file]


def test_crashes_are_of_this_scheduler_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """The default is then not to run xdist's modes, and to ask for them is an error."""
    lines = output(capsys, "simulate", "slow-last", "--crash-rate", "0.01", "--start-s", "2")
    assert "crash " in lines[1]
    assert lines[2] == ""
    message = refusal(capsys, "simulate", "--crash-rate", "0.01", "--mode", "load")
    assert "only markersteal is simulated with crashes" in message


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("simulate", "nope"), ["WORKLOAD", "'nope'", *GENERATORS]),
        (("simulate", "--mode", "load,nope"), ["--mode", "'nope'", *MODES]),
        (("simulate", "--history", "nope"), ["--history", "'nope'", *HISTORIES]),
        (("simulate", "-n", "4,0"), ["-n", "'0'", "whole number of at least 1"]),
        (("simulate", "-n", "many"), ["-n", "'many'", "whole number of at least 1"]),
        (("simulate", "--seeds", "0"), ["--seeds", "'0'", "whole number of at least 1"]),
        (("simulate", "--seed", "-1"), ["--seed", "'-1'", "whole number of at least 0"]),
        (("simulate", "--delay-ms", "nan"), ["--delay-ms", "'nan'", "number of at least 0"]),
        (("simulate", "--crash-rate", "1.5"), ["--crash-rate", "'1.5'", "number from 0 to 1"]),
        (("nope",), ["'nope'", *COMMANDS]),
        ((), ["COMMAND"]),
    ],
)
def test_a_wrong_argument_is_named_with_what_there_is(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], names: list[str]
) -> None:
    """Which, where, and what instead."""
    message = refusal(capsys, *arguments)
    for name in names:
        assert name in message


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "there is no workload and no file"),
        (b"", "it is empty"),
        (durations_format.encode(History()), "it has no test that takes any time"),
    ],
)
def test_a_file_without_durations_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, why: str
) -> None:
    """With its path, the reason, and which file would do."""
    path = tmp_path / "some.msgpack"
    if content is not None:
        path.write_bytes(content)
    message = refusal(capsys, "simulate", str(path))
    assert str(path) in message
    assert why in message
    assert ".markersteal/durations.msgpack" in message


@pytest.mark.parametrize("arguments", [("--help",), ("simulate", "--help")])
def test_help_shows_examples_and_exit_codes(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    """And, for the command, every workload and history."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert "exit codes: 0 done, 2 wrong usage" in text
    assert "\x1b" not in text
    if "simulate" in arguments:
        assert "\n  markersteal simulate " in text
        for name in (*GENERATORS, *HISTORIES, *MODES):
            assert name in text


def test_progress_is_for_terminals(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On stderr, and wiped in the end."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert main([*ONE, "-n", "2,4"]) == 0
    assert "2 of 2 runs simulated" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")
    assert "simulated" not in capsys.readouterr().out


EXAMPLES = [
    (command.removeprefix("$ markersteal "), printed)
    for command, _, printed in (
        block.partition("\n") for block in blocks("docs/simulate.md", "console")
    )
]


@pytest.mark.runs_examples("docs/simulate.md", "console")
@pytest.mark.parametrize(("arguments", "printed"), EXAMPLES, ids=[a for a, _ in EXAMPLES])
def test_an_example_in_the_docs_still_prints_the_like(
    capsys: pytest.CaptureFixture[str], arguments: str, printed: str
) -> None:
    """The same lines, though the scheduler may have become better at it since."""
    expected = printed.splitlines()
    lines = output(capsys, *arguments.split())
    assert len(lines) == len(expected)
    for line, other in zip(lines, expected, strict=True):
        assert re.sub(r"[\d.,]+", "0", line)[:30] == re.sub(r"[\d.,]+", "0", other)[:30]


def test_the_docs_have_an_example_of_each_kind() -> None:
    """A curve, a question, one about hosts, and a comparison."""
    assert len(EXAMPLES) == 4


def test_the_command_is_installed() -> None:
    """As a script beside the interpreter."""
    script = shutil.which("markersteal", path=sysconfig.get_path("scripts"))
    assert script is not None
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("pytest-markersteal ")


def test_a_reader_that_has_read_enough_is_no_error() -> None:
    """As with ``| head``."""
    code = "import sys; from pytest_markersteal.cli.main import main; sys.exit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", code, *ONE],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    with process.stderr as errors:
        assert errors.read() == b""
    assert process.wait() == 0
