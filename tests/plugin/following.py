"""Follows a page of the documentation from top to bottom, as a reader would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from doc_pages import READ, all_blocks

COMMAND_TIMEOUT_S = 120.0
"""After this long a command is taken to hang."""

_PROMPT = re.compile(r"^\$ ", re.MULTILINE)
_CUT = "..."
"""A line of a page that stands for lines of the output."""


@dataclass(frozen=True)
class Write:
    """The page shows a file: a block whose first line is a comment with its name."""

    name: str
    text: str


@dataclass(frozen=True)
class Command:
    """The page shows a command, and what it prints."""

    line: str
    shown: str


def steps(page: str) -> Iterator[Write | Command]:
    """What a reader of ``page`` does, in order."""
    for _, _, language, code in all_blocks(page):
        READ.add((page, language))
        if language == "console":
            for step in _PROMPT.split(code)[1:]:
                line, _, shown = step.partition("\n")
                yield Command(line, shown)
        elif language in ("python", "ini"):
            first_line, _, rest = code.partition("\n")
            assert first_line.startswith("# "), f"{page} does not name the file of {code!r}"
            yield Write(first_line.removeprefix("# "), rest.lstrip("\n"))


def write(step: Write, folder: Path) -> None:
    """Do what the page says."""
    path = folder / step.name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(step.text, encoding="utf-8")


def run(step: Command, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the page; both streams are in its ``stdout``."""
    return subprocess.run(
        step.line,
        shell=True,  # as a reader does
        cwd=folder,
        env={**os.environ, **reader(), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=COMMAND_TIMEOUT_S,
    )


def reader() -> Mapping[str, str]:
    """The environment of a reader who has installed no other plugin, and is on no index."""
    programs = str(Path(sys.executable).parent)
    return {
        "PATH": os.pathsep.join([programs, os.environ.get("PATH", "")]),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_PLUGINS": "xdist.plugin,pytest_markersteal.plugin",
        "PIP_NO_INDEX": "1",
        "COLUMNS": "80",
    }


def check(step: Command, printed: str) -> None:
    """The command printed what the page shows: but for numbers, and for what came first.

    What pip prints is not shown, as it depends on what is there.
    """
    if "pip install" in step.line:
        return
    wanted, found = Counter(masked(step.shown)), Counter(masked(printed))
    missing, added = wanted - found, found - wanted
    if missing.pop(_CUT, 0):
        added.clear()
    assert not missing, f"$ {step.line}\nprinted no {list(missing)}:\n{printed}"
    assert not added, f"$ {step.line}\nprinted {list(added)}, too:\n{printed}"


def masked(text: str) -> list[str]:
    """The lines of ``text`` without what differs between two runs."""
    return [_masked(line) for line in text.splitlines() if line.strip()]


def _masked(line: str) -> str:
    if re.fullmatch(r"[.FE]+ +\[ *\d+%\]", line):
        return "".join(sorted(line.split()[0]))
    line = re.sub(r"^(platform|rootdir:) .*", r"\1", line)
    line = re.sub(r"[=─━-]{3,}|[█░]+", "", line)
    line = re.sub(r"\d+(\.\d+)*|0x[0-9a-f]+", "0", line)
    return " ".join(re.sub(r"\S*(?:/0)?-0-0T0-0-0", "RUN", line).split())
