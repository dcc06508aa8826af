"""The git executable."""

from __future__ import annotations

import subprocess
from pathlib import Path


class GitError(Exception):
    """Git is not there, or refused; the message is its own."""


def git(folder: Path, *arguments: str) -> bytes:
    """What ``git`` prints in ``folder``; ``GitError`` if it fails."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, check=False
        )
    except OSError as error:
        raise GitError(f"git can't be run: {error.strerror}") from error
    if done.returncode:
        message = done.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
        raise GitError(message.partition("\n")[0])
    return done.stdout


def ask(folder: Path, *arguments: str) -> str | None:
    """The first line of what ``git`` prints; None if it says no, by its exit code."""
    try:
        return git(folder, *arguments).decode(errors="surrogateescape").partition("\n")[0]
    except GitError:
        return None


def is_repository(folder: Path) -> bool:
    """Whether ``folder`` is in the working tree of a repository."""
    return ask(folder, "rev-parse", "--is-inside-work-tree") == "true"
