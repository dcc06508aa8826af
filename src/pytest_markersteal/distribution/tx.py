"""Workers that ``--tx`` and ``--px`` name: what xdist leaves to its users, and how to call them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import execnet
import pytest

from pytest_markersteal.distribution import installed
from pytest_markersteal.durations.machines import HERE

_RESTARTS = 4
"""How often each worker may be replaced: what xdist takes for those of ``-n``."""


def complete_options(config: pytest.Config) -> None:
    """Make xdist's options say what they must, before xdist reads them.

    - With ``--tx``, xdist would replace for ever a worker that can't start.
    - A proxy that serves several workers runs several things at once, which execnet refuses unless
      it is told so.
    """
    option = config.option
    if option.maxworkerrestart is None and not option.numprocesses:
        option.maxworkerrestart = str(_RESTARTS * _workers(option.tx))
    if hasattr(option, "px"):  # Older versions of xdist have no proxies.
        option.px = [px if "execmodel=" in px else f"{px}//execmodel=thread" for px in option.px]


def _workers(tx: Sequence[str]) -> int:
    """How many workers there are in all, where ``3*popen`` is three."""
    counts = [spec.partition("*")[0] for spec in tx]
    return sum(int(count) if count.isdecimal() else 1 for count in counts)


def check_arguments(config: pytest.Config, specs: Sequence[execnet.XSpec]) -> None:
    """``UsageError`` for a path that xdist does not know how to name on other hosts."""
    if all(spec.popen and not spec.chdir for spec in specs):
        return
    roots = [Path(root).resolve() for root in (*config.option.rsyncdir, *_ini_roots(config))]
    for argument in map(str, config.invocation_params.args):
        path = Path(argument.partition("::")[0])
        if path.exists() and not any(path.is_relative_to(root) for root in roots):
            whole = path.resolve()
            raise pytest.UsageError(
                f"{argument}: which path is this on other hosts? Either leave it out, and let "
                "testpaths in the ini file of each host say it; or have what is in it sent "
                f"there, and name it whole: --rsyncdir={config.rootpath} {whole}"
            )


def _ini_roots(config: pytest.Config) -> Sequence[str]:
    roots: Sequence[str] = config.getini("rsyncdirs")
    return roots


def machine_of(spec: execnet.XSpec) -> str:
    """What the machine of the worker of ``spec`` is called, as far as the command line says it."""
    if spec.popen:
        return spec.via or HERE
    return str(spec.ssh or spec.vagrant_ssh or spec.socket)


class Fitness:
    """Whether workers can run where they are to: each interpreter is asked once."""

    def __init__(self) -> None:
        self._fits: dict[str, bool] = {}
        self._problems: list[str] = []

    def look(self, gateway: execnet.Gateway) -> bool:
        """Whether a worker behind ``gateway``, where nothing runs yet, can run."""
        spec = gateway.spec
        if spec.popen and not spec.via and not spec.python:
            return True  # It is this very interpreter.
        where = described(spec)
        if where not in self._fits:
            # xdist has it import from where this process does.
            shares_path = bool(spec.popen)
            found = installed.ask(gateway, list(sys.path) if shares_path else None)
            problem = installed.problem(found, shares_path=shares_path)
            self._fits[where] = problem is None
            if problem:
                self._problems.append(f"worker {named(gateway)}: {problem}")
        return self._fits[where]

    def check(self) -> None:
        """``UsageError`` if a worker can't run: which, why, and what to do."""
        if self._problems:
            raise pytest.UsageError("\n".join(self._problems))


def why_not_ready(gateway: execnet.Gateway, error: object) -> str | None:
    """Why a worker ended before it was ready, if it was by an ``error`` that it told."""
    if not isinstance(error, execnet.RemoteError):
        return None
    return f"worker {named(gateway)} can't start: {_last_exception(error.formatted)}"


def named(gateway: execnet.Gateway) -> str:
    """The name of the worker behind ``gateway``, and where it runs."""
    return f"{gateway.id} ({described(gateway.spec)})"


def _last_exception(traceback: str) -> str:
    """The last exception in ``traceback``, which may have several lines."""
    lines = traceback.rstrip().splitlines()
    frames = [number for number, line in enumerate(lines) if line.startswith("  File ")]
    if not frames:
        return traceback.strip()
    after = frames[-1] + 1
    while after < len(lines) - 1 and lines[after].startswith("  "):
        after += 1
    return "\n".join(lines[after:])


def described(spec: execnet.XSpec) -> str:
    """The parts of ``spec`` that say where it is, without those that others add."""
    kinds = ("ssh", "vagrant_ssh", "socket", "popen")
    found = [
        name if value is True else f"{name}={value}"
        for name in (*kinds, "via", "python", "chdir")
        if (value := getattr(spec, name))
    ]
    return "//".join(found)
