"""A real git repository that knows nothing of the user's settings, nor of this environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from pytest_markersteal.durations.history import History
from pytest_markersteal.durations.store import FILE, read, write


class Repository:
    """One repository in ``path``, with a home of its own beside it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.home = path.with_name(f"{path.name}-home")
        self.home.mkdir()
        path.mkdir(parents=True, exist_ok=True)
        environment = os.environ.copy()
        places = environment.get("PATH", "").split(os.pathsep)
        own = os.path.dirname(sys.executable)
        for name in [
            name
            for name in environment
            if name.startswith(("CI", "GIT_", "MARKERSTEAL_", "VIRTUAL_ENV"))
        ]:
            del environment[name]
        self.environment = {
            **environment,
            # Git finds the program by itself, as it must from an editor.
            "PATH": os.pathsep.join(place for place in places if place != own),
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home),
            "GIT_CONFIG_NOSYSTEM": "1",
            **{
                f"GIT_{who}_{what}": value
                for who in ("AUTHOR", "COMMITTER")
                for what, value in (("NAME", "A"), ("EMAIL", "a@example.org"))
            },
        }
        self.git("init", "--quiet", "--initial-branch=main")

    def run(self, *command: str, ok: bool = True) -> subprocess.CompletedProcess[str]:
        """Run ``command`` in the repository; it must succeed where that is ``ok``, else fail."""
        done = subprocess.run(
            command,
            cwd=self.path,
            env=self.environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
            check=False,
        )
        assert (done.returncode == 0) is ok, (command, done.stdout, done.stderr)
        return done

    def git(self, *arguments: str, ok: bool = True) -> str:
        """What git prints, on both streams."""
        done = self.run("git", *arguments, ok=ok)
        return done.stdout + done.stderr

    def markersteal(self, *arguments: str, ok: bool = True) -> str:
        """What ``markersteal durations`` prints, on both streams."""
        module = ("-m", "pytest_markersteal.cli", "durations")
        done = self.run(sys.executable, *module, *arguments, ok=ok)
        return done.stdout + done.stderr

    def write(self, history: History) -> None:
        """Write the durations file."""
        write(self.path / FILE, history)

    def read(self) -> History:
        """Read it."""
        return read(self.path / FILE)

    def commit(self, message: str) -> None:
        """Commit all that there is."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
