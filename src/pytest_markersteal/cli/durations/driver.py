"""What git has to know: an attribute of the file, which is committed, and settings of a clone."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
import sysconfig
from pathlib import Path

from pytest_markersteal.cli.durations.git import ask
from pytest_markersteal.durations.store import FILE

NAME = "markersteal"
ATTRIBUTES = Path(".gitattributes")
LINE = f"/{FILE.as_posix()} merge={NAME} diff={NAME} -text"
"""``-text``, because git takes what has no zero byte near its start for text, and may turn line
ends in it."""
CACHE = f"refs/notes/textconv/{NAME}"

_WANTED = {"merge": NAME, "diff": NAME, "text": "unset"}


def settings() -> dict[str, str]:
    """Keys and values of git's configuration.

    Git runs these with a shell from the top of the working tree, with whatever PATH there is then.
    """
    command = program()
    return {
        f"merge.{NAME}.name": "durations of pytest-markersteal",
        # Git replaces %O, %A and %B, and %% by %.
        f"merge.{NAME}.driver": f"{command.replace('%', '%%')} durations merge %O %A %B",
        f"diff.{NAME}.textconv": f"{command} durations export --textconv",
        f"diff.{NAME}.cachetextconv": "true",
    }


def program() -> str:
    """The ``markersteal`` of this installation for a shell, by its full path."""
    script = shutil.which("markersteal", path=sysconfig.get_path("scripts"))
    if script is not None:
        return shlex.quote(Path(script).as_posix())
    return f"{shlex.quote(Path(sys.executable).as_posix())} -m pytest_markersteal.cli"


def has_attributes(root: Path) -> bool:
    """Whether git treats the durations file of ``root`` as it should, by whichever lines."""
    found = {}
    for name in _WANTED:
        answer = ask(root, "check-attr", name, "--", FILE.as_posix())
        found[name] = (answer or "").rpartition(": ")[2]
    return found == _WANTED


def setting(root: Path, key: str) -> str | None:
    """What is set for this clone."""
    return ask(root, "config", "--local", "--get", key)


def driver_works(root: Path) -> bool:
    """Whether a merge driver is set, and its program is there."""
    command = setting(root, f"merge.{NAME}.driver")
    if command is None:
        return False
    try:
        first = re.sub("%%", "%", shlex.split(command)[0])
    except (ValueError, IndexError):
        return False
    return shutil.which(first) is not None
