"""What is said in several places: counts, and what limits a run."""

from __future__ import annotations

from pathlib import Path

from pytest_markersteal.core.floor import Limit


def count(number: int, noun: str) -> str:
    """``number`` of what ``noun`` is one of."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def path_from(folder: Path, path: Path) -> str:
    """``path`` as whoever works in ``folder`` would write it."""
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)


_REST_SHARE = 0.02
"""Of the floor: less would be told only by who looks for it."""


def limit_label(limit: Limit, test: str | None) -> str:
    """A limit in as few words as a table has room for; ``test`` is the node id of its test."""
    match limit.kind:
        case "test":
            return f"test {test}"
        case "tests":
            return count(limit.tests, "long test")
        case "key" | "group":
            return f"{limit.kind} {limit.name}"
        case kind:
            return kind


def limit_phrase(limit: Limit, test: str | None, workers: int, floor_s: float | None = None) -> str:
    """What ``limit`` is of a run on ``workers`` workers; ``test`` is the node id of its test.

    Where the rest of the floor of ``floor_s`` seconds matters, what it is for is told too.
    """
    rest_s = (floor_s or 0.0) - limit.seconds
    rest = ""
    if floor_s and rest_s >= _REST_SHARE * floor_s:
        others = "the others" if limit.kind == "no_parallel" else "no_parallel tests"
        rest = f"; and {rest_s:.2f} s for {others}"
    return f"{_phrase(limit, test, workers)}{rest}"


def _phrase(limit: Limit, test: str | None, workers: int) -> str:
    longest = f", the longest {test}" if limit.tests > 1 and test else ""
    tests = count(limit.tests, "test")
    seconds = f"{limit.seconds:.2f} s"
    match limit.kind:
        case "work":
            return f"the work itself: {seconds} for each of {count(workers, 'worker')}"
        case "test":
            return f"the longest test: {test} ({seconds})"
        case "tests":
            return f"the {tests} that are longest: {seconds} on {count(workers, 'worker')}"
        case "key":
            each = f" on each of {limit.hosts} hosts" if limit.hosts > 1 else ""
            return f"key {limit.name!r}: {tests}, {seconds} one after another{each}{longest}"
        case "group":
            return f"group {limit.name!r}: {tests}, {seconds} on one worker{longest}"
        case "serial":
            return f"serial: {tests}, {seconds} one after another{longest}"
        case "no_parallel":
            return f"no_parallel: {tests}, {seconds} alone{longest}"
        case _:
            return f"the cores: {tests} keep all of them busy for {seconds}"
