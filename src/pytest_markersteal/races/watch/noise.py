"""What is not worth a look: rules, as data.

A thing is noise where no two tests can disturb each other by it, because it is one test's or one
worker's own, or because it belongs to the interpreter, to pytest, or to tools around them.
"""

from __future__ import annotations

import os
import re
import sys
import sysconfig
import tempfile
from pathlib import Path

FOLDERS = (
    "__pycache__",
    "site-packages",
    "dist-packages",
    ".cache",
    ".coverage",
    ".git",
    ".hg",
    ".hypothesis",
    ".markersteal",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".nox",
    ".tox",
)
"""Nothing in folders of these names is looked at."""

NAMES = re.compile(r"\.coverage.*|coverage\.(xml|json)|.*\.py[cod]|\.hypothesis.*|nul", re.I)
"""Names of files that tools around the tests write."""

CODE = (".py", ".pyi", ".so", ".pyd", ".dll", ".pth", ".dylib")
"""Files of these kinds are read by importing, by tracebacks and by linters."""

LOCKS = (".lock", ".lck", ".lockfile")
"""Files by which others are kept away, so to open them at the same time is what they are for."""

SYSTEM = ("/dev", "/proc", "/sys")
"""Paths that are no files."""

TEMPORARY = re.compile(r"(^|/)pytest-of-[^/]+(/pytest-\d+)?(/|$)")
"""Where a run of pytest without workers has its temporary files."""

VARIABLES = ("PYTEST_", "_PYTEST_", "COV_CORE_", "COVERAGE_PROCESS_")
"""Variables that begin so are pytest's own and those of its plugins."""


class Noise:
    """Tells noise from files, for one process.

    ``rootdir`` is pytest's. ``basetemp`` is where this process's pytest has its temporary files, if
    that is known; all else under the temporary folder of the machine is anybody's. ``worker`` is
    its name, as in ``gw0``: what has it in its path is this worker's own.
    """

    def __init__(self, rootdir: Path, basetemp: Path | None = None, worker: str = "") -> None:
        self._root = f"{_slashed(str(rootdir))}/".replace("//", "/")
        prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix}
        paths = {path for name, path in sysconfig.get_paths().items() if name != "data"}
        # The rootdir may be in the folder of a Python, or of a system's files.
        self._ignored = tuple(
            _folder(path)
            for path in {*prefixes, *paths, *SYSTEM}
            if not self._root.startswith(_folder(path))
        )
        self._is_alone = basetemp is None
        if basetemp is not None:
            # pytest makes it anew for the first test that asks for it, and then resolves links.
            self._ignored += (_folder(str(basetemp)), _folder(str(basetemp.resolve())))
        self._readable = (self._root, _folder(tempfile.gettempdir()))
        self._worker = (
            re.compile(rf"(?<![A-Za-z0-9]){re.escape(worker)}(?![A-Za-z0-9])") if worker else None
        )
        self._private: set[str] = set()

    def claim(self, path: str | bytes) -> None:
        """``path`` is a file or folder with a random name, so that nobody else comes across it."""
        self._private.add(_slashed(os.path.abspath(os.fsdecode(path))))

    def named(self, path: str, *, writes: bool) -> str | None:
        """What to call the file at ``path``, from the working directory; None if it is noise.

        It has slashes, and under the rootdir begins there.
        """
        full = _slashed(os.path.abspath(path))
        folder = f"{full}/"
        if folder.startswith(self._ignored) or folder in self._readable:
            return None  # Who lists the rootdir, or the temporary folder, expects anything there.
        if self._is_alone and not full.startswith(self._root) and TEMPORARY.search(full):
            return None
        if not writes and not full.startswith(self._readable):
            return None
        name = full.removeprefix(self._root)
        *folders, last = name.split("/")
        if NAMES.fullmatch(last) or not set(FOLDERS).isdisjoint((*folders, last)):
            return None
        if not writes and last.endswith(CODE):
            return None
        if self._worker is not None and self._worker.search(name):
            return None
        if self._private and self._is_private(full):
            return None
        return name

    def _is_private(self, full: str) -> bool:
        while full:
            if full in self._private:
                return True
            full = full.rpartition("/")[0]
        return False


def _slashed(path: str) -> str:
    # Where upper and lower case are the same, as on Windows, one thing has one name.
    return os.path.normcase(path).replace(os.sep, "/")


def _folder(path: str) -> str:
    return f"{_slashed(os.path.abspath(path)).rstrip('/')}/"
