"""Carries out trials."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pytest_markersteal import options
from pytest_markersteal.place import PLACE_VARIABLES
from pytest_markersteal.races.trials import results
from pytest_markersteal.races.trials.gathering import Gathering
from pytest_markersteal.races.trials.model import NOT_RUN, Project, Ran, Trial
from pytest_markersteal.races.trials.script import write_script
from pytest_markersteal.trace import folder

_LOOK_S = 0.05
"""How often the file of results is looked at."""
_SHOWN_LINES = 15


class TrialError(Exception):
    """pytest ran no test at all; the message has the end of what it printed."""


class Trials:
    """Runs trials of ``project`` in this process's environment, each in a folder of its own."""

    def __init__(self, project: Project, scratch: Path) -> None:
        """``scratch`` is a folder for what trials write; who made it removes it."""
        self._project = project
        self._scratch = scratch
        self.count = 0
        """How many trials have run."""
        self.seconds = 0.0
        """How long all of them took."""

    def run(self, trial: Trial, heard: Callable[[results.Result], None] | None = None) -> Ran:
        """Run ``trial``; ``heard`` is told what it says, as it says so.

        ``TrialError`` if no test ran because pytest could not begin.
        """
        self.count += 1
        own = self._scratch / str(self.count)
        own.mkdir(parents=True)
        said, output = own / "results", own / "output.txt"
        said.touch()
        gathering = Gathering(test for slot in trial.slots for test in slot)
        reader = results.ResultsReader(said)
        began_s = time.monotonic()
        hung = False
        with output.open("wb") as printed:
            process = subprocess.Popen(
                [*_CHILD, str(said), str(trial.rounds), *self._arguments(trial, own)],
                cwd=self._project.folder,
                env=child_environment(own, trial.environment),
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                while process.poll() is None:
                    hung = trial.limit_s is not None and time.monotonic() - began_s > trial.limit_s
                    if hung:
                        break
                    _pass_on(reader, gathering, heard)
                    time.sleep(_LOOK_S)
            finally:
                _end(process)
        _pass_on(reader, gathering, heard)
        seconds = time.monotonic() - began_s
        self.seconds += seconds
        rounds = gathering.rounds(hung=hung)
        if not any(
            result.outcome != NOT_RUN for done in rounds for result in done.results.values()
        ):
            raise TrialError(_why(output, process.returncode, hung=hung))
        traces = folder.traces_in(own)
        return Ran(rounds, seconds, traces[-1] if traces else None, output)

    def collect(self) -> list[str]:
        """The node ids of the project's tests, in order; ``TrialError`` if there are none."""
        ids: list[str] = []

        def hear(result: results.Result) -> None:
            if isinstance(result, results.Collected):
                ids.extend(result.ids)

        try:
            self.run(Trial(arguments=["--collect-only"]), hear)
        except TrialError:  # As no test ran.
            if not ids:
                raise
        return ids

    def discard(self, ran: Ran) -> None:
        """Remove what a trial has written."""
        shutil.rmtree(ran.output.parent, ignore_errors=True)

    def _arguments(self, trial: Trial, own: Path) -> list[str]:
        given = [*self._project.arguments, *trial.arguments, *_WHOLE]
        given += cache_in(own, given)
        if not trial.slots:
            if trial.workers is None:
                return given
            workers = ["-n", str(trial.workers)]
            return [*given, *workers, *(["--dist", trial.dist] if trial.workers else [])]
        script = own / "script"
        write_script(script, trial.slots, trial.times)
        # Not in two words: pytest would look for the ini file near a path that it meets.
        given.append(f"{options.REPLAY_OPTION}={script}")
        if len(trial.slots) == 1:
            return [*given, options.SLOT_OPTION, "0"]
        return [*given, "-n", str(len(trial.slots))]


_CHILD = (sys.executable, "-m", "pytest_markersteal.races.trials.child")
# The child has imported this plugin: where warnings are errors, pytest would not even begin.
CALM = ("-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning")
_WHOLE = ("--maxfail=0", f"{options.RECORD_OPTION}=never", *CALM)
"""Every test is to run, and what is learned is not durations."""


def cache_in(folder: Path, arguments: Sequence[str]) -> list[str]:
    """What beside ``arguments`` gives pytest a cache of its own, in ``folder``.

    Nothing where these leave the cache out, as ``cache_dir`` is then an unknown option.
    """
    # -p and what is behind it may be one word or two.
    if "no:cacheprovider" in (argument.removeprefix("-p").strip() for argument in arguments):
        return []
    return ["-o", f"cache_dir={folder}"]


def child_environment(own: Path, more: Mapping[str, str]) -> dict[str, str]:
    """That of this process, without what xdist and pytest left there if a test runs this.

    Traces, coverage and temporary files go to the folder ``own``; ``more`` wins over all.
    """
    foreign = ("PYTEST_XDIST_", "PYTEST_CURRENT_TEST")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(foreign) and name not in PLACE_VARIABLES
    }
    # Files that one trial leaves in the folder for temporary ones must not be there for the next.
    temporary = own / "tmp"
    temporary.mkdir()
    own_files = {
        folder.VARIABLE: str(own),
        # A project that measures coverage in every run must not find it overwritten.
        "COVERAGE_FILE": str(own / "coverage"),
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary)),
    }
    return {**kept, **own_files, **more}


def _pass_on(
    reader: results.ResultsReader,
    gathering: Gathering,
    heard: Callable[[results.Result], None] | None,
) -> None:
    for result in reader.more():
        gathering.take(result)
        if heard is not None:
            heard(result)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and what it started, as far as that is known."""
    if sys.platform != "win32":
        # Even of one that has ended: workers and what tests started are in its group.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:  # Workers end when the pipe to them does.
        process.kill()
    process.wait()


def _why(output: Path, status: int, *, hung: bool) -> str:
    how = "it was ended, as it took too long" if hung else f"exit code {status}"
    return f"pytest ran no test ({how}); the end of what it printed:\n{end_of(output.read_bytes())}"


def end_of(printed: bytes) -> str:
    """The last lines of what a child printed, to be shown in an error."""
    lines = printed.decode("utf-8", errors="replace").strip().splitlines()
    return "\n".join(f"  {line}" for line in lines[-_SHOWN_LINES:]) or "  (it printed nothing)"
