"""Runs of pytest inside tests, and what their tests tell."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from pytest_markersteal.cli.main import main

RUN_TIMEOUT_S = 120.0
"""After this long an inner run is taken to hang; the longest takes a few seconds."""

INSTALLED = (
    "anyio",
    "asyncio",
    "django",
    "hypothesispytest",
    "pytest-split",
    "pytest_cov",
    "pytest_reportlog",
    "randomly",
    "rerunfailures",
    "timeout",
)
"""Other plugins in the environment: off unless a run asks for them, as they are slow to import."""

INHERITED = (
    "CI",
    "COVERAGE_PROCESS_START",
    "MARKERSTEAL_HOST",
    "MARKERSTEAL_RECORD",
    "PYTEST_ADDOPTS",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD",
    "PYTEST_MARKERSTEAL_RUN",
    "PYTEST_MARKERSTEAL_SLOT",
    "PYTEST_MARKERSTEAL_SLOTS",
    "PYTEST_PLUGINS",
    "PYTEST_XDIST_AUTO_NUM_WORKERS",
    "PYTEST_XDIST_TESTRUNUID",
    "PYTEST_XDIST_WORKER",
    "PYTEST_XDIST_WORKER_COUNT",
)
"""Variables of the outer run that would leak into the inner ones."""


class RunPytest(Protocol):
    def __call__(self, *args: str, plugins: Iterable[str] = ()) -> pytest.RunResult: ...


class RunMarkersteal(Protocol):
    def __call__(
        self, *args: str, n: int | str | None = 2, plugins: Iterable[str] = ()
    ) -> pytest.RunResult: ...


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the outer run's workers and options out of the inner runs."""
    for name in INHERITED:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def run_pytest(pytester: pytest.Pytester) -> RunPytest:
    """Run pytest in a process of its own, with the named ones of the installed plugins."""

    def run(*args: str, plugins: Iterable[str] = ()) -> pytest.RunResult:
        wanted = set(plugins)
        assert wanted <= set(INSTALLED)
        extra = [f"-pno:{name}" for name in INSTALLED if name not in wanted]
        if "asyncio" in wanted:
            extra.append("-oasyncio_default_fixture_loop_scope=function")
        return pytester.runpytest_subprocess(*extra, *args, timeout=RUN_TIMEOUT_S)

    return run


@pytest.fixture
def run_markersteal(run_pytest: RunPytest) -> RunMarkersteal:
    """Run pytest with ``--dist markersteal`` on ``n`` workers; None leaves ``-n`` out."""

    def run(*args: str, n: int | str | None = 2, plugins: Iterable[str] = ()) -> pytest.RunResult:
        workers = () if n is None else (f"-n{n}",)
        return run_pytest(*workers, "--dist=markersteal", *args, plugins=plugins)

    return run


@pytest.fixture
def run_command(
    pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], str]:
    """Run a command line of ``markersteal`` in the folder of the inner tests; what it prints.

    Its own runs of pytest have none of the installed plugins but pytest-asyncio.
    """
    off = " ".join(f"-p no:{name}" for name in INSTALLED if name != "asyncio")
    pytester.makeini(f"[pytest]\naddopts = {off}\nasyncio_default_fixture_loop_scope = function\n")

    def run(line: str) -> str:
        capsys.readouterr()
        main(line.removeprefix("$ ").removeprefix("markersteal ").split())
        return capsys.readouterr().out

    return run


@dataclass(frozen=True)
class Span:
    """Something that went on in one worker, from ``begin_ns`` to ``end_ns``."""

    name: str
    worker: str
    begin_ns: int
    end_ns: int
    facts: dict[str, Any]

    def overlaps(self, other: Span) -> bool:
        """Whether both went on at the same time, in different workers."""
        apart = self.end_ns < other.begin_ns or other.end_ns < self.begin_ns
        return self.worker != other.worker and not apart

    def encloses(self, other: Span) -> bool:
        """Whether ``other`` went on within this one, in the same worker."""
        within = self.begin_ns <= other.begin_ns and other.end_ns <= self.end_ns
        return self.worker == other.worker and within


class Witness:
    """What the inner tests told; see ``witness.py``."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def events(self) -> list[dict[str, Any]]:
        """All that was told, in order of time."""
        if not self._log.exists():
            return []
        events = [json.loads(line) for line in self._log.read_text().splitlines()]
        return sorted(events, key=lambda event: event["ns"])

    def names(self) -> list[str]:
        """The names of what was told, in order of time, without the ends of spans."""
        return [event["name"] for event in self.events() if event.get("edge") != "end"]

    def spans(self) -> list[Span]:
        """All spans, which must have ended."""
        events = [event for event in self.events() if "span" in event]
        ends = {event["span"]: event["ns"] for event in events if event["edge"] == "end"}
        return [
            Span(event["name"], event["worker"], event["ns"], ends[event["span"]], event)
            for event in events
            if event["edge"] == "begin"
        ]

    def overlaps(self, conflict: Callable[[Span, Span], bool]) -> list[tuple[str, str]]:
        """The names of spans that overlapped although ``conflict`` says that they must not."""
        return [
            (one.name, other.name)
            for one, other in itertools.combinations(self.spans(), 2)
            if one.overlaps(other) and (conflict(one, other) or conflict(other, one))
        ]

    def clear(self) -> None:
        """Forget what was told."""
        self._log.unlink(missing_ok=True)


@pytest.fixture
def witness(pytester: pytest.Pytester) -> Witness:
    """Let the inner tests ``import witness``."""
    shutil.copy(Path(__file__).with_name("witness.py"), pytester.path)
    return Witness(pytester.path / "witness.log")
