"""The form of what commands find."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pytest_markersteal.races.findings import Finding, FindingsError, as_json, read_findings

FINDING = Finding(
    "conflict",
    "watch",
    ("a.py::one",),
    ("a.py::one", "b.py::two"),
    "file state.json",
    "Two tests wrote one file.",
    ("at 0.5 s",),
    "",
    "shared_resource:state",
    "",
)


def test_there_and_back(tmp_path: Path) -> None:
    """What is written is read; what else a document tells does not matter."""
    path = tmp_path / "findings.json"
    path.write_text(as_json([FINDING], seconds=3), encoding="utf-8")

    assert read_findings(path) == [FINDING]
    assert FINDING.tests == ("a.py::one", "b.py::two")


def test_json_of_a_depth_that_nobody_wrote(tmp_path: Path) -> None:
    """It is an error as any other that is no JSON."""
    path = tmp_path / "findings.json"
    path.write_text("[" * 100_000, encoding="ascii")

    with pytest.raises(FindingsError, match=r"findings.json is not JSON"):
        read_findings(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "something"}, "does not hold"),
        ({"version": 99}, "has version 99"),
        ({"findings": None}, "lists no findings"),
        ({"findings": [{}]}, "must have the fields kind, found_by"),
        ({"findings": [{**json.loads(as_json([FINDING]))["findings"][0], "kind": "odd"}]}, "'odd'"),
        (
            {"findings": [{**json.loads(as_json([FINDING]))["findings"][0], "tests": 1}]},
            "must have the fields",
        ),
        (
            {"findings": [{**json.loads(as_json([FINDING]))["findings"][0], "victims": [1]}]},
            "'victims' of finding 0",
        ),
    ],
)
def test_what_holds_no_findings(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    """The error says what is wrong with it, and where."""
    path = tmp_path / "findings.json"
    path.write_text(json.dumps({**json.loads(as_json([FINDING])), **change}), encoding="utf-8")

    with pytest.raises(FindingsError, match=message):
        read_findings(path)


def test_what_is_no_json(tmp_path: Path) -> None:
    """The error names the file."""
    path = tmp_path / "findings.json"
    path.write_bytes(b"\xff")

    with pytest.raises(FindingsError, match=r"findings\.json is not JSON"):
        read_findings(path)
