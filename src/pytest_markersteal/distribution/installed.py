"""What is installed where a worker is to run.

pytest-xdist sends options and a program to its workers, and takes it for granted that they have the
same plugins. Where they don't, each says so in a traceback, or not at all, and is replaced by one
that does the same. So whoever is not this process's own interpreter is asked beforehand.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest_markersteal
from pytest_markersteal.distribution import probe

if TYPE_CHECKING:
    import execnet

PLUGIN = "pytest-markersteal"
_OLDEST_PYTHON = (3, 10)
_MODULES = {
    PLUGIN: "pytest_markersteal",
    "pytest": "pytest",
    "pytest-xdist": "xdist",
    "msgpack": "msgpack",
}
"""What a worker must have, and the module by which it is found."""


@dataclass(frozen=True, slots=True)
class Installed:
    """What an interpreter, the file ``executable``, has; ``version`` is its own.

    ``packages`` has the version of each, "" where it is there and nothing says which it is.
    """

    executable: str
    version: tuple[int, ...]
    packages: dict[str, str]


def problem(found: Installed, *, shares_path: bool) -> str | None:
    """Why a worker with these can't run here, and what to do; None if it can.

    ``shares_path``: the worker imports from this process's ``sys.path`` instead of its own.
    """
    if found.version < _OLDEST_PYTHON:
        version, oldest = _dotted(found.version), _dotted(_OLDEST_PYTHON)
        return f"{found.executable} is Python {version}; name one from {oldest} on with python="
    if shares_path and found.version[:2] != sys.version_info[:2]:
        return (
            f"{found.executable} is Python {_dotted(found.version)}, and pytest-xdist has popen "
            "workers import from the sys.path of this one, which is Python "
            f"{_dotted(sys.version_info[:2])}; reach it with ssh= or socket=, whose workers have "
            "a path of their own"
        )
    here = pytest_markersteal.__version__
    mend = f"run there: {found.executable} -m pip install {PLUGIN}=={here}"
    if shares_path:
        mend = (
            "have the folders of this process's sys.path, from which popen workers import, there "
            "too, or reach it with ssh= or socket="
        )
    missing = [name for name in _MODULES if name not in found.packages]
    if missing:
        return f"{found.executable} has no {' and no '.join(missing)}; {mend}"
    there = found.packages[PLUGIN]
    if there not in ("", here):
        return f"{found.executable} has {PLUGIN} {there}, here it is {here}; {mend}"
    return None


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version[:2]))


def ask(gateway: execnet.Gateway, path: list[str] | None) -> Installed:
    """Ask the interpreter behind ``gateway``, which must not be running anything.

    ``path``: where to look instead of on its own ``sys.path``.
    """
    channel = gateway.remote_exec(probe)
    channel.send((_MODULES, path))
    executable, version, packages = channel.receive()
    channel.waitclose()
    return Installed(executable, tuple(version), packages)
