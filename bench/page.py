"""Writes what was measured into docs/benchmarks.md, between markers, and docs/benchmarks/*.svg."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from environments import HERE, Environment
from suites import TOOLS

PAGE = HERE.parent / "docs" / "benchmarks.md"
PICTURES = HERE.parent / "docs" / "benchmarks"


def put(section: str, text: str) -> None:
    """Replace what stands in the page between the markers of ``section``."""
    begin, end = f"<!-- {section}: begin -->", f"<!-- {section}: end -->"
    page = PAGE.read_text()
    before, _, rest = page.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise SystemExit(f"{PAGE} lacks the markers of {section!r}")
    PAGE.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}")


def picture(name: str, svg: str, says: str) -> str:
    """Write a picture; the Markdown that shows it."""
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / f"{name}.svg").write_text(svg)
    return f"![{says}](benchmarks/{name}.svg)"


def conditions(runs: int, environments: Iterable[Environment]) -> str:
    """When, on what and with which versions it was measured."""
    peers = [peer for environment in environments for peer in environment.peers]
    versions = ", ".join(pin.replace("==", " ") for pin in [*TOOLS, *_distinct(peers)])
    return (
        f"Measured on {date.today().isoformat()} on {_machine()}, with CPython "
        f"{platform.python_version()}, {versions}; {runs} runs of each, interleaved. "
        f"{_load()}"
    )


def _load() -> str:
    """How much else the machine had to do just before."""
    waiting = os.getloadavg()[0]
    return f"Before it began, {waiting:.1f} processes wanted a core (load average of a minute)."


def _distinct(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _machine() -> str:
    count = os.cpu_count() or 1
    numbers = {1: "one core", 2: "two cores", 4: "four cores", 8: "eight cores"}
    try:
        virtual = "hypervisor" in Path("/proc/cpuinfo").read_text()
    except OSError:
        virtual = False
    kind = "virtual machine" if virtual else "machine"
    return f"a {kind} with {numbers.get(count, f'{count} cores')}"
