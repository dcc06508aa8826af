"""What watching left, as findings of the common form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from trace_files import Ran, write_trace

from pytest_markersteal.races.findings import FindingsError
from pytest_markersteal.races.propose.reading import Found, left_in, read_all
from pytest_markersteal.trace.folder import FOLDER

A, B = "test_it.py::test_a", "test_it.py::test_b"


def use(test: str, slot: int, **other: Any) -> dict[str, Any]:
    return {
        "test": test,
        "fixture": None,
        "place": "",
        "is_wide": False,
        "worker": f"gw{slot}",
        "slot": slot,
        "phase": "call",
        "how": "written",
        "writes": True,
        "since_s": slot + 0.5,
        "until_s": slot + 2.0,
        **other,
    }


def shared(**other: Any) -> dict[str, Any]:
    return {
        "kind": "conflict",
        "thing_kind": "file",
        "thing": "state.json",
        "uses": [use(A, 0), use(B, 1, fixture="module fixture server")],
        "overlaps": [[0, 1]],
        "overlap_count": 1,
        "remnants": [],
        "mark": "shared_resource:state.json",
        "advice": "or use tmp_path",
        "is_doubtful": False,
        **other,
    }


LEFT = {
    **shared(),
    "kind": "leak",
    "thing_kind": "variable",
    "thing": "TZ",
    "uses": [],
    "overlaps": [],
    "remnants": [
        {
            "test": A,
            "fixture": None,
            "worker": "gw0",
            "phase": "call",
            "was": "was not set",
            "now": "is set",
        }
    ],
    "mark": "",
    "advice": "use monkeypatch.setenv",
    "is_doubtful": True,
}


def document(*findings: dict[str, Any], **other: Any) -> dict[str, Any]:
    return {
        "format": "pytest-markersteal watch",
        "version": 1,
        "began": "2026-11-22T09:59:58+00:00",
        "arguments": ["-n", "2"],
        "slots": 2,
        "processes": 0,
        "trouble": [],
        "findings": list(findings),
        **other,
    }


def found_in(root: Path, content: dict[str, Any], *traces: Path) -> Found:
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    folder.joinpath("watch.json").write_text(json.dumps(content))
    return read_all(left_in(root), traces)


def test_what_was_watched(tmp_path: Path) -> None:
    """Each thing is a finding of the common form, with the mark and the advice."""
    uses = [use(A, 0), use(B, 1, fixture="module fixture server", place="test_it.py")]
    conflict, leak = found_in(tmp_path, document(shared(uses=uses), LEFT)).findings

    assert (conflict.kind, conflict.tests, conflict.thing) == (
        "conflict",
        (A, B, "test_it.py"),
        "file state.json",
    )
    assert (conflict.mark, conflict.advice) == ("shared_resource:state.json", "or use tmp_path")
    assert (leak.kind, leak.tests, leak.thing) == ("leak", (A,), "variable TZ")
    assert leak.story == f"{A} left variable TZ changed, which is often harmless."
    assert (leak.mark, leak.advice) == ("", "use monkeypatch.setenv")


def test_the_trace_of_the_run_tells_which_tests_were_watched(tmp_path: Path) -> None:
    """Not that of another run, and not where something was missed."""
    trace = write_trace(tmp_path / "a.trace", Ran(A, 1.0), Ran(B, 1.0))
    later = write_trace(tmp_path / "b.trace", Ran(A, 1.0), workers=3)

    assert found_in(tmp_path, document(), trace, later).watched == (frozenset([A, B]),)
    assert found_in(tmp_path, document(), later).watched == ()
    assert found_in(tmp_path, document(trouble=["gw1 was not watched"]), trace).watched == ()
    other_time = document(began="2026-11-22T09:00:00+00:00")
    assert found_in(tmp_path, other_time, trace).watched == ()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            document(version=2),
            "watch.json has version 2, and this one reads 1: run pytest --marker",
        ),
        (document({}), "watch.json is damaged: a Finding has no "),
        (document(shared(overlaps=[[0, 7]])), "watch.json is damaged"),
        (document(shared(uses=3)), "watch.json is damaged: 3 is no list"),
        (document(began="today"), "watch.json is damaged: Invalid isoformat string: 'today'"),
    ],
)
def test_a_damaged_file(tmp_path: Path, content: dict[str, Any], message: str) -> None:
    """Is named, with what is wrong."""
    trace = write_trace(tmp_path / "a.trace", Ran(A, 1.0))

    with pytest.raises(FindingsError, match=message):
        found_in(tmp_path, content, trace)
