"""Runs of a suite of the corpus, each in processes of its own."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from corpus import HOME, Fault, faults
from staging import STAGE, Stage

RUN_LIMIT_S = 90.0
"""After this, a run counts as hung: ten times what the slowest takes."""
WRITTEN = ("__pycache__", ".*", "exports", "spooled", "var")
"""What runs leave in the folders of suites."""
FOREIGN = ("PYTEST_", "COV_", "COVERAGE_", "MARKERSTEAL_", "CI", "PYTHONHASHSEED")
"""What variables begin with that belong to the run around this one."""


@dataclass(frozen=True)
class Span:
    """From the begin of a test to its end, by a clock that all processes share."""

    test: str
    begin_ns: int
    end_ns: int

    def overlaps(self, other: Span) -> bool:
        """Whether both went on at the same time."""
        return self.begin_ns < other.end_ns and other.begin_ns < self.end_ns


@dataclass(frozen=True)
class Ran:
    """What one run did."""

    began: list[str]
    """Node ids in the order in which they began."""
    spans: dict[str, Span]
    """Of the tests that ended."""
    failed: set[str]
    """Tests that failed in any phase, and those that ended the process."""
    left: bool
    """Whether the probe had another value at the end."""
    output: str


def copied(home: Path) -> Path:
    """A copy of the whole corpus in ``home``, as its suites write beside their own files."""
    ignored = shutil.ignore_patterns(*WRITTEN)
    return Path(shutil.copytree(HOME, home / "corpus", ignore=ignored))


def run(
    cwd: Path,
    stage: Stage,
    *arguments: str,
    variables: dict[str, str] | None = None,
    program: tuple[str, ...] = ("-m", "pytest"),
) -> Ran:
    """Run pytest in ``cwd``, without any plugin but xdist and this one; ``stage`` is carried out.

    Temporary directories are new ones, so that two runs never share them. Raises ``RuntimeError``
    with the output where pytest ended before the first test.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stage"
        path.write_text(json.dumps(dataclasses.asdict(stage)), encoding="utf-8")
        temporary = Path(folder) / "tmp"
        temporary.mkdir()
        own = {name: v for name, v in os.environ.items() if not name.startswith(FOREIGN)}
        plugins = ("staging", "xdist.plugin", "pytest_markersteal.plugin")
        done = subprocess.run(
            [
                *(sys.executable, *program, "-pno:cacheprovider"),
                *(f"-p{plugin}" for plugin in plugins),
                *arguments,
            ],
            cwd=cwd,
            env={
                **own,
                **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary)),
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
                "PYTHONPATH": str(HOME),
                STAGE: str(path),
                **(variables or {}),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=RUN_LIMIT_S,
            check=False,
        )
        log = Path(folder) / "log"
        if not log.exists():
            raise RuntimeError(f"no test began in {cwd}:\n{done.stdout}")
        return _told(log.read_text(encoding="utf-8").splitlines(), done.stdout)


def _told(lines: list[str], output: str) -> Ran:
    """What a log tells; a test that began and never ended took its process with it."""
    events = [json.loads(line) for line in lines]
    begins = {event["test"]: event["at_ns"] for event in events if event["event"] == "begin"}
    ends = [event for event in events if event["event"] == "end"]
    return Ran(
        began=[event["test"] for event in events if event["event"] == "begin"],
        spans={
            event["test"]: Span(event["test"], begins[event["test"]], event["at_ns"])
            for event in ends
        },
        failed={event["test"] for event in ends if event["failed"]}
        | (begins.keys() - {event["test"] for event in ends}),
        left=any(event["left"] for event in events if event["event"] == "over"),
        output=output,
    )


def mended(fault: Fault) -> Stage:
    """A run of all but the culprits, in reverse; a brittle test has them before it instead."""
    if fault.condition == "alone":
        return Stage(first=(*fault.culprits, *fault.victims), rest="reversed")
    without = () if fault.kind == "conflict" else fault.culprits
    return Stage(rest="reversed", without=without, probe=fault.probe)


def as_one_suite(home: Path) -> None:
    """Let pytest in ``home``, a copy of the corpus, collect all suites as one."""
    folders = " ".join(fault.name for fault in faults(home))
    (home / "pytest.ini").write_text(
        f"[pytest]\naddopts = --import-mode=importlib\npythonpath = {folders}\n", encoding="utf-8"
    )


def in_one_suite(fault: Fault, node_ids: Iterable[str]) -> tuple[str, ...]:
    """The node ids that tests of ``fault`` have there."""
    return tuple(f"{fault.name}/{node_id}" for node_id in node_ids)
