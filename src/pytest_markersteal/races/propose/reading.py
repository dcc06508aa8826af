"""The findings that commands left, and which tests were watched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_markersteal.races.findings import Finding, FindingsError, findings_in, parsed
from pytest_markersteal.races.propose import watched
from pytest_markersteal.races.watch.common import as_common
from pytest_markersteal.races.watch.findings import FORMAT

FOLDER = Path(".markersteal", "findings")
"""Where commands leave what they found, a file each, with the newest of it."""

WATCHED = "watched"
"""The field of a document of findings that lists the tests whose every step was watched."""


@dataclass(frozen=True, slots=True)
class Found:
    """``findings`` of all files; ``watched`` has the node ids of each watched run's tests."""

    findings: tuple[Finding, ...]
    watched: tuple[frozenset[str], ...]

    def watched_runs(self, tests: Iterable[str]) -> int:
        """How many runs watched all of ``tests``."""
        wanted = set(tests)
        return sum(wanted <= watched for watched in self.watched)


def left_in(root: Path) -> list[Path]:
    """The files of findings in the project at ``root``, sorted."""
    found = sorted((root / FOLDER).glob("*.json"))
    watched_file = root / watched.FILE
    return [*found, watched_file] if watched_file.is_file() else found


def read_all(paths: Sequence[Path], traces: Sequence[Path] = ()) -> Found:
    """What is in the files at ``paths``; ``FindingsError`` or ``OSError`` if one has none.

    ``traces``, the oldest first, tell which tests ran in a run that was watched.
    """
    findings: list[Finding] = []
    runs: list[frozenset[str]] = []
    for path in paths:
        document = parsed(path)
        if type(document) is dict and document.get("format") == FORMAT:
            run = watched.watched_in(path)
            findings += map(as_common, run.findings)
            tests = watched.tests_of(path, run, traces)
        else:
            findings += findings_in(path, document)
            tests = _listed(path, document)
        if tests is not None:
            runs.append(tests)
    return Found(tuple(dict.fromkeys(findings)), tuple(runs))


def _listed(path: Path, document: Mapping[str, Any]) -> frozenset[str] | None:
    tests = document.get(WATCHED)
    if tests is None:
        return None
    if type(tests) is not list or not all(type(test) is str for test in tests):
        raise FindingsError(f"{path}: {WATCHED!r} must list the node ids of tests")
    return frozenset(tests)
