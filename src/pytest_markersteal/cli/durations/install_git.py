"""Let git merge the durations file without conflicts, and show it as text in diffs.

Adds a line to .gitattributes in the current folder, which you commit, and settings to this clone,
which git does not let anybody commit: everybody runs this once in each clone. Where that was not
done, and in merges on the web, the file may be in conflict: either side will do.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from pytest_markersteal.cli.durations.driver import (
    ATTRIBUTES,
    CACHE,
    LINE,
    has_attributes,
    setting,
    settings,
)
from pytest_markersteal.cli.durations.git import GitError, ask, git, is_repository
from pytest_markersteal.cli.usage import OK, WRONG_USAGE, UsageError
from pytest_markersteal.durations.store import FILE

HELP = "let git merge the durations file without conflicts, and show it as text"
USAGE = ""
EPILOG = f"""\
Run it again where the virtual environment has moved, and after an upgrade.

example:
  markersteal durations install-git

exit codes: {OK} done, also where nothing was left to do, {WRONG_USAGE} wrong usage: no git, no
repository here, or a file that can't be written
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes nothing."""


def run(_chosen: argparse.Namespace) -> int:
    """Set it up, and say what was done."""
    root = Path.cwd()
    try:
        git(root, "--version")
    except GitError as error:
        raise UsageError(f"{error}; install git, and see that it is on the PATH") from error
    if not is_repository(root):
        raise UsageError(f"{root} is in no working tree of git; run this in pytest's rootdir")
    _attributes(root)
    for key, value in settings().items():
        _set(root, key, value)
    if ask(root, "rev-parse", "--verify", "--quiet", CACHE):
        git(root, "update-ref", "-d", CACHE)
        print("dropped what git had kept of earlier diffs")
    print("Settings are not committed: run this once in each clone.")
    return OK


def _attributes(root: Path) -> None:
    path = root / ATTRIBUTES
    if has_attributes(root):
        print(f"found in {ATTRIBUTES}: {FILE.as_posix()} is merged and shown by markersteal")
        return
    try:
        before = path.read_bytes() if path.exists() else b""
        if LINE.encode() not in before.splitlines():
            start = b"" if not before or before.endswith(b"\n") else b"\n"
            with path.open("ab") as file:
                file.write(start + LINE.encode() + b"\n")
    except OSError as error:
        raise UsageError(f"can't write {path}: {error.strerror}; add the line '{LINE}'") from error
    if not has_attributes(root):
        raise UsageError(
            f"{path} has the line '{LINE}', but other attributes win over it; see 'git check-attr "
            f"-a {FILE.as_posix()}'"
        )
    print(f"added to {ATTRIBUTES}, for you to commit: {LINE}")


def _set(root: Path, key: str, value: str) -> None:
    before = setting(root, key)
    if before == value:
        print(f"found in this clone: {key} = {value}")
        return
    try:
        git(root, "config", "--local", "--replace-all", key, value)
    except GitError as error:
        raise UsageError(f"git does not take {key}: {error}") from error
    print(f"{'set' if before is None else 'changed'} in this clone: {key} = {value}")
