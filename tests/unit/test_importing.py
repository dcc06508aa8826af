"""Files of other tools: what is read from which line."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_markersteal.durations.history import Times
from pytest_markersteal.durations.importing import Found, read_any
from pytest_markersteal.durations.junit import node_id_of


def seconds(found: Found) -> dict[str, float]:
    return {node_id: round(times.total_s, 3) for node_id, times in found.tests.items()}


def test_output_is_read_from_a_log_of_ci() -> None:
    """With times before each line, colours, and outcomes as xdist prints them."""
    log = """\
2026-11-22T20:31:53.0007600Z [gw0] [ 10%] PASSED a.py::t
2026-11-22T20:31:53.0007600Z [gw1] [ 20%] FAILED a.py::test_f[x - y]
2026-11-22T20:31:53.0007600Z a.py::test_s SKIPPED (why: not here) [ 30%]
2026-11-22T20:31:53.0007600Z \x1b[33m===== slowest durations =====\x1b[0m
2026-11-22T20:31:53.0007600Z 1.50s call     a.py::t
2026-11-22T20:31:53.0007600Z 0.25s setup    a.py::t
2026-11-22T20:31:53.0007600Z 0.50s call     a.py::test_f[x - y]
2026-11-22T20:31:53.0007600Z 0.00s setup    a.py::test_s
2026-11-22T20:31:53.0007600Z 12.00s teardown a.py::test_e
2026-11-22T20:31:53.0007600Z 0.50s call     a.py::test_e
2026-11-22T20:31:53.0007600Z 0.50s call     a.py::test_e[1]
2026-11-22T20:31:53.0007600Z ERROR a.py::test_e - ValueError: 0.50s call     a.py::test_e[1]
"""
    found = read_any(log.encode())
    assert seconds(found) == {"a.py::t": 1.75, "a.py::test_e[1]": 0.5}
    assert found.tests["a.py::t"] == Times(0.25, 1.5, 0.0, 1.75)
    assert found.not_passed == 3


def test_where_short_phases_are_hidden_those_that_are_shown_count() -> None:
    """A test whose call is not shown took less than is shown; it need not have been skipped."""
    log = "== slowest durations ==\n0.30s setup    a.py::t\n\n(4 durations < 0.005s hidden. ...)"
    assert seconds(read_any(log.encode())) == {"a.py::t": 0.3}


def test_old_durations_of_pytest_split_are_a_list() -> None:
    """Of pairs."""
    assert seconds(read_any(b'[["a.py::t", 0.5], ["b.py::t", 1]]')) == {
        "a.py::t": 0.5,
        "b.py::t": 1.0,
    }


def test_a_test_that_ran_again_is_as_it_was_not_at_once() -> None:
    """pytest-rerunfailures reports both attempts; a test that needs two is no measure."""
    lines = [
        '{"$report_type": "TestReport", "nodeid": "a.py::t", "when": "call", '
        f'"outcome": "{outcome}", "duration": 0.5}}'
        for outcome in ("rerun", "passed")
    ]
    found = read_any("\n".join(lines).encode())
    assert not found.tests
    assert found.not_passed == 1


@pytest.mark.parametrize(
    ("classname", "file", "node_id"),
    [
        ("tests.test_a", "", "tests/test_a.py::t"),
        ("tests.test_a.TestX.TestY", "", "tests/test_a.py::TestX::TestY::t"),
        ("tests.v2.test_b.TestX", "", "tests.v2/test_b.py::TestX::t"),
        ("docs.page.md", "", "docs/page.md::t"),
        # With --junitprefix, only the file tells.
        ("prefix.tests.test_a.TestX", "tests/test_a.py", "tests/test_a.py::TestX::t"),
        ("prefix.tests.test_a", "tests\\test_a.py", "tests/test_a.py::t"),
        # A method that is inherited from another file is a test of the class that has it.
        ("tests.test_a.TestX", "tests/base.py", "tests/test_a.py::TestX::t"),
        ("tests.test_gone", "tests/test_gone.py", None),
        ("tests..test_a", "", None),
        ("..etc", "../../etc/passwd", None),
        ("", "", None),
    ],
)
def test_junit_names_are_found_by_the_files_there_are(
    tmp_path: Path, classname: str, file: str, node_id: str | None
) -> None:
    """Dots may end folders, files, and classes; or be in their names."""
    for name in ("tests/test_a.py", "tests/base.py", "tests.v2/test_b.py", "docs/page.md"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert node_id_of(tmp_path, classname, "t", file) == node_id


def test_a_junit_case_that_is_there_twice_is_one() -> None:
    """Pytest writes a test with an error in its teardown as a pass and an error."""
    case = '<testcase classname="a" name="t" time="1"'
    found = read_any(f"<testsuite>{case}/>{case}><error/></testcase></testsuite>".encode())
    assert (found.unnamed, found.not_passed) == ([], 1)
