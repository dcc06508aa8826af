"""The findings that commands left, and which tests were watched."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_markersteal.races.findings import Finding, FindingsError, read_findings

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


def left_in(folder: Path) -> list[Path]:
    """The files of findings in the project in ``folder``, sorted."""
    return sorted((folder / FOLDER).glob("*.json"))


def read_all(paths: Sequence[Path]) -> Found:
    """What is in the files at ``paths``; ``FindingsError`` or ``OSError`` if one has none."""
    findings: list[Finding] = []
    watched: list[frozenset[str]] = []
    for path in paths:
        findings += read_findings(path)
        tests = json.loads(path.read_bytes()).get(WATCHED)
        if tests is None:
            continue
        if type(tests) is not list or not all(type(test) is str for test in tests):
            raise FindingsError(f"{path}: {WATCHED!r} must list the node ids of tests")
        watched.append(frozenset(tests))
    return Found(tuple(dict.fromkeys(findings)), tuple(watched))
