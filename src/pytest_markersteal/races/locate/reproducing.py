"""A command that shows what was found: tried out before it is told."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from pytest_markersteal import options
from pytest_markersteal.races.locate.case import Located
from pytest_markersteal.races.locate.oracle import Oracle
from pytest_markersteal.races.trials.model import Trial
from pytest_markersteal.races.trials.running import TrialError, Trials
from pytest_markersteal.races.trials.script import write_script

FOLDER = Path(".markersteal", "locate")
NAMED_MOST = 8
"""So many tests a command names; more go into a file."""
TRIES = 5
"""How often a command is tried that lets tests meet."""
_NAME_MOST = 80


class Reproducing:
    """Finds commands for the project in ``folder``, of which pytest gets ``arguments``."""

    def __init__(
        self, oracle: Oracle, folder: Path, arguments: Sequence[str], bare: Trials
    ) -> None:
        """``bare`` are trials in ``folder`` without arguments: each command has its own."""
        self._oracle = oracle
        self._folder = folder
        self._arguments = list(arguments)
        self._bare = bare
        self._scripts = 0

    def command(self, located: Located) -> str:
        """A shell command that showed it, or nothing where none did."""
        tests = [test for slot in located.trial.slots for test in slot]
        is_one_process = len(located.trial.slots) == 1
        if is_one_process and len(tests) <= NAMED_MOST:
            for command in self._by_name(tests):
                if self._works(command, located, 1, tests):
                    return _shell(command)
        for command in self._by_script(located):
            if self._works(command, located, 1 if is_one_process else TRIES):
                return _shell(command)
        return ""

    def _by_name(self, tests: Sequence[str]) -> list[list[str]]:
        own = without_paths(self._folder, self._arguments)
        if _shuffles():
            own += ["-p", "no:randomly"]
        return [[*own, *tests], [*own, "-n0", *tests]]

    def _by_script(self, located: Located) -> list[list[str]]:
        name = re.sub(r"[^\w.-]+", "-", self._oracle.victim)[-_NAME_MOST:].strip("-")
        self._scripts += 1
        if self._scripts > 1:
            name += f"-{self._scripts}"
        home = self._folder / FOLDER
        home.mkdir(parents=True, exist_ok=True)
        (home / ".gitignore").write_text("*\n", encoding="ascii")
        path = FOLDER / f"{name}.trace"
        write_script(self._folder / path, located.trial.slots, located.trial.times)
        replay = [*self._arguments, f"{options.REPLAY_OPTION}={path.as_posix()}"]
        slots = len(located.trial.slots)
        if slots == 1:
            return [[*replay, options.SLOT_OPTION, "0"]]
        # Only where the ini file has another number must it be said.
        return [replay, [*replay, "-n", str(slots)]]

    def _works(
        self, command: Sequence[str], located: Located, tries: int, order: Sequence[str] = ()
    ) -> bool:
        """Whether it shows with ``command``; with an ``order``, of tests in just one process."""
        try:
            return any(self._shows(command, located, order) for _ in range(tries))
        except TrialError:  # As where the ini file has another -n.
            return False

    def _shows(self, command: Sequence[str], located: Located, order: Sequence[str]) -> bool:
        ran = self._oracle.run(Trial(workers=None, arguments=command), self._bare)
        self._bare.discard(ran)
        victim = ran.results.get(self._oracle.victim)
        if victim is None or not located.symptom.shows(victim):
            return False
        on_workers = any(result.worker for result in ran.results.values())
        return not order or ([*ran.results] == [*order] and not on_workers)


def without_paths(folder: Path, arguments: Sequence[str]) -> list[str]:
    """``arguments`` without those that name something in ``folder``: with them, more would run."""
    return [
        argument
        for argument in arguments
        if argument.startswith("-") or not (folder / argument.partition("::")[0]).exists()
    ]


def _shuffles() -> bool:
    """Whether pytest-randomly is likely to be there, which may keep an order once, by chance."""
    is_off = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    return not is_off and importlib.util.find_spec("pytest_randomly") is not None


def _shell(arguments: Sequence[str]) -> str:
    return shlex.join(["pytest", *arguments])
