"""Stress and verify on real suites, in real processes."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from doc_pages import blocks

from pytest_markersteal.races.findings import read_findings
from pytest_markersteal.races.stress import arranging
from pytest_markersteal.races.stress.noise import noise
from pytest_markersteal.races.stress.plan import Condition, Planned
from pytest_markersteal.races.trials.model import Project, Trial
from pytest_markersteal.races.trials.running import Trials
from pytest_markersteal.races.verify import forking
from pytest_markersteal.trace.reader import read

FEW_PLUGINS = " ".join(
    f"-pno:{name}"
    for name in (
        "randomly",
        "hypothesispytest",
        "anyio",
        "asyncio",
        "cov",
        "timeout",
        "pytest_reportlog",
    )
)
LIMIT_S = 300
"""After this a command is taken to hang; it takes a tenth of it, on a busy machine."""

CLI = (sys.executable, "-m", "pytest_markersteal.cli")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for a suite, and an environment without the outer run."""
    for name in list(os.environ):
        if name.startswith(("PYTEST_", "PYTHONHASHSEED", "COV_", "CI", "MARKERSTEAL_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PYTEST_ADDOPTS", FEW_PLUGINS)
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\n")
    monkeypatch.chdir(folder)
    return folder


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``markersteal`` with ``arguments``."""
    return subprocess.run(
        [*CLI, *arguments], capture_output=True, text=True, timeout=LIMIT_S, check=False
    )


def write_shop(project: Path) -> None:
    """The suite of the pages."""
    for code in blocks("docs/stress.md", "python"):
        first_line, _, source = code.partition("\n")
        (project / first_line.removeprefix("# ")).write_text(source)


def alike(text: str) -> list[str]:
    """``text`` without what is different each time: seconds, and where it is."""
    text = re.sub(r"in \d+ s", "in 0 s", text)
    text = re.sub(r"\(/.*/", "(/", text)
    return [re.sub(r"(\d+\.\d\d *)+$", "", line) for line in text.splitlines()]


def assert_printed_as_shown(page: str) -> subprocess.CompletedProcess[str]:
    """The first command of ``page`` prints what the page says."""
    first_line, _, shown = blocks(page, "console")[0].partition("\n")
    done = command(*first_line.removeprefix("$ markersteal ").split())
    assert alike(done.stdout) == alike(shown), done.stderr
    return done


def shell(line: str) -> subprocess.CompletedProcess[str]:
    """Run a command that was printed, with the Python and the programs of this one."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        line,
        shell=True,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


@pytest.mark.runs_examples("docs/stress.md", "console", "python")
def test_stress_finds_what_workers_break(project: Path) -> None:
    """The page's example prints what the page says, and the command that it names fails too."""
    write_shop(project)

    assert assert_printed_as_shown("docs/stress.md").returncode == 1

    (finding,) = read_findings(project / ".markersteal/findings/stress.json")
    assert finding.victims == ("test_total.py::test_total",)
    again = shell(finding.reproduce)
    assert again.returncode == 1
    assert "FAILED test_total.py::test_total" in again.stdout


@pytest.mark.runs_examples("docs/verify.md", "console")
def test_verify_finds_what_depends_on_others(project: Path) -> None:
    """The page's example prints what the page says, and so do the commands that it names."""
    write_shop(project)

    assert assert_printed_as_shown("docs/verify.md").returncode == 1

    for finding in read_findings(project / ".markersteal/findings/verify.json"):
        again = shell(finding.reproduce)
        assert f"FAILED {finding.victims[0]}" in again.stdout


def test_stress_goes_on_after_ctrl_c(project: Path) -> None:
    """What is known is shown, with the command that goes on; it does the rest, and no more."""
    (project / "test_slow.py").write_text(
        "import pathlib, time\n"
        "def test_slow():\n"
        "    with open('runs', 'a') as file: file.write('x')\n"
        "    if len(pathlib.Path('runs').read_text()) == 2: time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [*CLI, "stress", "--levels", "1", "--iterations", "3"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    runs = project / "runs"
    until_s = time.monotonic() + LIMIT_S
    while not (runs.exists() and runs.read_text() == "xx"):
        assert process.poll() is None
        assert time.monotonic() < until_s
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    said, also = process.communicate(timeout=LIMIT_S)

    assert process.returncode == 130
    assert "1 test, 1 run in" in said
    assert "to go on: markersteal stress --resume" in also

    done = command("stress", "--resume")
    assert done.returncode == 0, done.stderr
    assert "1 test, 3 runs in" in done.stdout
    assert runs.read_text() == "xxxx"


def test_arranged_runs(project: Path) -> None:
    """In reverse, and with modules drawn to workers: what shares a lot shares a worker."""
    for name in "abcdef":
        (project / f"test_{name}.py").write_text("def test_one(): pass\ndef test_two(): pass\n")
    planned = Planned(Condition(2, order="reversed", split="drawn"), 1)
    trials = Trials(Project(project), project / "scratch")

    ran = trials.run(
        Trial(
            workers=2,
            arguments=arranging.arguments_for(planned),
            environment=arranging.environment_for(planned),
        )
    )

    assert not ran.rounds[0].bad
    assert ran.trace is not None
    trace = read(ran.trace)
    groups = {trace.ids[test]: trace.demand(test).group for test in range(12)}
    assert set(groups.values()) == {"drawn 0", "drawn 1"}
    for group in ("drawn 0", "drawn 1"):
        runs = [run for run in trace.tests if groups[trace.ids[run.test]] == group]
        assert len({run.worker for run in runs}) == 1
        order = [trace.ids[run.test] for run in runs]
        assert order == sorted(order, key=_backwards)


def _backwards(test: str) -> tuple[int, int]:
    module, _, name = test.partition(".py::")
    return -ord(module[-1]), ["test_two", "test_one"].index(name)


@pytest.mark.skipif(not forking.AVAILABLE, reason="processes can't be copied here")
def test_each_test_in_a_copy(project: Path) -> None:
    """No test sees what another left, and one that ends its process is the only one that fails."""
    (project / "test_it.py").write_text(
        "import os\nLEFT = []\n"
        "def test_leaves(): LEFT.append(1)\n"
        "def test_dies(): os._exit(3)\n"
        "def test_minds(): assert not LEFT\n"
        "def test_fails(): assert not 'so'\n"
    )
    ran = Trials(Project(project), project / "scratch").run(Trial(arguments=forking.ARGUMENTS))

    assert {test.partition("::")[2]: result.outcome for test, result in ran.results.items()} == {
        "test_leaves": "passed",
        "test_dies": "crashed",
        "test_minds": "passed",
        "test_fails": "failed",
    }


def test_noise_ends() -> None:
    """Its processes live for as long as the block, also where that ends by an error."""
    living: list[int | None] = []
    with pytest.raises(RuntimeError, match="over"):
        _look_and_raise(living)
    assert living == [None, None, -signal.SIGKILL, -signal.SIGKILL]


def _look_and_raise(status: list[int | None]) -> None:
    processes: list[subprocess.Popen[bytes]] = []
    try:
        with noise(2) as processes:
            status += [process.poll() for process in processes]
            raise RuntimeError("over")
    finally:
        status += [process.returncode for process in processes]


def test_noise_ends_with_who_made_it() -> None:
    """Even with one that is killed: what both print to is closed when both are gone."""
    code = """
import sys
from pytest_markersteal.races.stress.noise import noise
with noise(1):
    print("busy", flush=True)
    sys.stdin.read()
"""
    piped = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], **piped) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"busy{os.linesep}".encode()
        process.kill()
        assert process.communicate(timeout=LIMIT_S) == (b"", None)


def test_runs_that_explore_remember(project: Path) -> None:
    """What ran next to each other is known afterwards, and verify skips it."""
    (project / "pytest.ini").write_text("[pytest]\nmarkersteal_explore = true\n")
    for name in "abc":
        (project / f"test_{name}.py").write_text("def test_one(): pass\n")
    pytest_on_one: Sequence[str] = ("-m", "pytest", "-n1", "--dist=markersteal")
    done = subprocess.run([sys.executable, *pytest_on_one], timeout=LIMIT_S, check=False)
    assert done.returncode == 0
    shutil.rmtree(project / ".markersteal" / "runs")

    told = json.loads(command("verify", "--deep", "--json").stdout)

    assert told["pairs_of_modules"] == {"total": 6, "earlier": 2, "now": 4}
    assert not (project / ".markersteal" / "runs").exists()
