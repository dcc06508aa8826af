"""Runs the own test suites of pytest and pytest-xdist with pytest-markersteal installed.

    python bench/upstream_suites.py                 # both, half an hour
    python bench/upstream_suites.py pytest-xdist

The suites are those of the source distributions. Each runs with worksteal where pytest-markersteal
is not installed, with worksteal where it is, and with markersteal, cold and warm. Prints the table
of docs/plugins.md, and, on stderr, tests whose outcome is not that of the first run. What the runs
printed stays in bench/.cache/upstream.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tarfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from environments import HERE, Environment, python_of

FOLDER = HERE / ".cache" / "upstream"
LIMIT_S = 3600
WORKERS = 2

Outcomes = dict[str, str]


@dataclass(frozen=True)
class Upstream:
    """A source distribution with a suite in ``testing``, and what that needs."""

    name: str
    version: str
    needs: tuple[str, ...]

    @property
    def unpacked(self) -> Path:
        """Where its files are."""
        return FOLDER / f"{self.name.replace('-', '_')}-{self.version}"


class Way(NamedTuple):
    """How a suite runs."""

    title: str
    dist: str
    has_package: bool = True
    is_cold: bool = True


UPSTREAM = (
    Upstream("pytest-xdist", "3.8.0", ("filelock==4.2.11", "psutil==7.2.2")),
    Upstream(
        "pytest",
        "9.2.0",
        (
            "argcomplete==3.7.2",
            "attrs==26.1.0",
            "hypothesis==6.170.15",
            "mock==5.2.0",
            "numpy==2.4.6",
            "pexpect==4.9.0",
            "pyyaml==6.0.3",
            "requests==2.34.2",
            "setuptools==84.2.1",
            "xmlschema==4.3.2",
        ),
    ),
)

WAYS = (
    Way("worksteal, markersteal not installed", "worksteal", has_package=False),
    Way("worksteal", "worksteal"),
    Way("markersteal, cold", "markersteal"),
    Way("markersteal, warm", "markersteal", is_cold=False),
)


def unpack(suite: Upstream, python: Path) -> None:
    """Fetch the source distribution, unless it is there."""
    if suite.unpacked.exists():
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    pip: list[str | Path] = [python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    where = ("--dest", FOLDER, "--no-deps", "--no-binary", suite.name)
    subprocess.run([*pip, "download", *where, f"{suite.name}=={suite.version}"], check=True)
    with tarfile.open(f"{suite.unpacked}.tar.gz") as archive:
        archive.extractall(FOLDER, filter="data")


def run(suite: Upstream, way: Way) -> Outcomes:
    """The outcome of each test."""
    kind = "with" if way.has_package else "without"
    name = f"upstream/{suite.name}-{kind}"
    python = python_of(Environment(name, suite.needs, has_package=way.has_package))
    unpack(suite, python)
    if way.is_cold:
        shutil.rmtree(suite.unpacked / ".markersteal", ignore_errors=True)
    title = f"{suite.name} {way.title}".replace(", ", "-").replace(" ", "-")
    junit = FOLDER / f"{title}.xml"
    junit.unlink(missing_ok=True)
    options = [f"-n{WORKERS}", f"--dist={way.dist}", f"--junit-xml={junit}"]
    with (FOLDER / f"{title}.txt").open("wb") as output:
        done = subprocess.run(
            [python, "-m", "pytest", "-q", "testing", *options],
            cwd=suite.unpacked,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=LIMIT_S,
            check=False,
        )
    if done.returncode not in (0, 1) or not junit.exists():
        sys.exit(f"{title} did not run: see {output.name}")
    return outcomes(junit)


def outcomes(junit: Path) -> Outcomes:
    """The outcome of each test in a JUnit file; of several reports of one, all."""
    told: dict[str, list[str]] = {}
    for case in ElementTree.parse(junit).iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        parts = [part.tag for part in case if part.tag in ("error", "failure", "skipped")]
        told.setdefault(name, []).extend(parts or ["passed"])
    return {name: " and ".join(sorted(parts)) for name, parts in told.items()}


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    known = {suite.name: suite for suite in UPSTREAM}
    parser.add_argument("names", nargs="*", help=f"of {', '.join(known)} (all)")
    chosen = parser.parse_args().names or list(known)
    if unknown := [name for name in chosen if name not in known]:
        parser.error(f"no such suite: {', '.join(unknown)}; there are {', '.join(known)}")
    print("| suite | with | outcomes | other than at first |")
    print("|---|---|---|---|", flush=True)
    for suite in (known[name] for name in chosen):
        first: Outcomes | None = None
        for way in WAYS:
            found = run(suite, way)
            first = first or found
            others = sorted(
                test for test in first.keys() | found.keys() if first.get(test) != found.get(test)
            )
            counts = Counter(found.values())
            told = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(counts.items()))
            title = f"{suite.name} {suite.version} | {way.title}"
            print(f"| {title} | {told} | {len(others)} |", flush=True)
            for test in others:
                line = f"{way.title}: {test} was {found.get(test)}, at first {first.get(test)}"
                print(f"    {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
