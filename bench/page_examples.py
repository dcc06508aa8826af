"""The tables of pages whose own examples are measured: docs/migrate, and late binding.

    python bench/page_examples.py [--runs 5] [PAGE ...]

Writes the files that a page shows, and runs its commands in turn, after one round that is not
measured and lets durations be recorded. Times are from the first test's start to the last one's
end, read from traces: start-up depends on the suite, and on what else the machine does. Those of
several commands are added up; where each is a job of its own, the slowest counts. Run it with the
Python of an environment that has the package, filelock and pytest-split.
"""

from __future__ import annotations

import argparse
import re
import shlex
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from environments import HERE
from measuring import measure

from pytest_markersteal.trace.folder import traces
from pytest_markersteal.trace.reader import read

_PAGES = HERE.parent / "docs"
_BLOCK = re.compile(r"^```(console|ini|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_PROGRAMS = {
    "pytest": ("pytest", "--markersteal-trace"),
    "markersteal": ("pytest_markersteal.cli",),
}
_NOT_PASSED = re.compile(r"(\d+) (?:failed|error)")


@dataclass(frozen=True)
class Page:
    """``ways`` are the names of the blocks of pytest commands, in order; others prepare them.

    ``together_s`` makes one number of the seconds of a block's commands.
    """

    name: str
    ways: tuple[str, ...]
    plugins: str = ""
    together_s: Callable[[Iterable[float]], float] = sum


PAGES = {
    page.name: page
    for page in (
        Page("migrate/two-passes", ("two passes", "one run, the same marks", "one run, keys")),
        Page("explanation/late-binding", ("`worksteal`", "`markersteal`, first run")),
        Page("migrate/loadgroup", ("`loadgroup`", "the same groups", "keys")),
        Page("migrate/filelock", ("`worksteal`, locks", "a key")),
        Page(
            "migrate/pytest-split",
            ("", "pytest-split, chunks", "pytest-split, least duration", "shards"),
            "pytest_split.plugin",
            max,
        ),
    )
}
"""A way without a name is run, but not in the table."""


@dataclass(frozen=True)
class Block:
    """Commands to be run one after another in ``folder``."""

    folder: Path
    commands: tuple[str, ...]

    @property
    def is_way(self) -> bool:
        """Whether it runs tests."""
        return all(command.startswith("pytest ") for command in self.commands)


def blocks(page: Page, scratch: Path) -> list[Block]:
    """Write the files of ``page``; its commands, which run where the file before them begins."""
    found = []
    folder = scratch
    text = (_PAGES / f"{page.name}.md").read_text(encoding="utf-8")
    for language, code in _BLOCK.findall(text):
        if language == "console":
            lines = (line.removeprefix("$ ") for line in code.splitlines())
            commands = tuple(line for line in lines if "pip install" not in line)
            if commands:
                found.append(Block(folder, commands))
            continue
        name = code.partition("\n")[0].removeprefix("# ")
        path = scratch / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, encoding="utf-8")
        first, *more = Path(name).parts
        folder = scratch / first if more else scratch
    return found


def run(command: str, folder: Path, plugins: str) -> tuple[float, int]:
    """Run ``command``: what its tests took in seconds, and how many did not pass."""
    program, *arguments = shlex.split(command)
    module, *options = _PROGRAMS[program]
    done = measure(
        [sys.executable, "-m", module, *arguments, *options],
        folder,
        {
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTEST_PLUGINS": f"xdist.plugin,pytest_markersteal.plugin,{plugins}".rstrip(","),
        },
    )
    if done.exit_code not in (0, 1):
        sys.exit(f"{command} failed:\n{done.output}")
    if not options:
        return 0.0, 0
    trace = read(traces(folder)[-1])
    return trace.ended_s - trace.began_s, sum(map(int, _NOT_PASSED.findall(done.output)))


def main() -> None:
    """Run and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", nargs="*", metavar="PAGE", help=", ".join(PAGES))
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    for name in chosen.pages or PAGES:
        if name not in PAGES:
            parser.error(f"there is no page {name!r}; choose from {', '.join(PAGES)}")
        with tempfile.TemporaryDirectory() as scratch:
            table(PAGES[name], Path(scratch), chosen.runs)


def table(page: Page, scratch: Path, runs: int) -> None:
    """Measure the ways of ``page`` in turn, and print a row for each."""
    all_blocks = blocks(page, scratch)
    for block in all_blocks:
        for command in block.commands:
            run(command, block.folder, page.plugins)
    named = zip(page.ways, (block for block in all_blocks if block.is_way), strict=True)
    ways = {name: block for name, block in named if name}
    took_s: dict[str, list[float]] = {name: [] for name in ways}
    failed: dict[str, list[int]] = {name: [] for name in ways}
    for number in range(runs):
        print(f"{page.name}: round {number + 1} of {runs}", file=sys.stderr, flush=True)
        for name, block in ways.items():
            ran = [run(command, block.folder, page.plugins) for command in block.commands]
            took_s[name].append(page.together_s(seconds for seconds, _ in ran))
            failed[name].append(sum(count for _, count in ran))
    print(f"| {page.name} | median of {runs} | least to most | sessions | failed tests |")
    print("|---|---|---|---|---|")
    for name, several_s in took_s.items():
        least, most = min(failed[name]), max(failed[name])
        print(
            f"| {name} | {statistics.median(several_s):.2f} s "
            f"| {min(several_s):.2f} to {max(several_s):.2f} | {len(ways[name].commands)} "
            f"| {least if least == most else f'{least} to {most}'} |"
        )
    print()


if __name__ == "__main__":
    main()
