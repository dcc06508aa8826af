"""From findings to marks of a suite whose source is not to be changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_markersteal.cli.main import main
from pytest_markersteal.races.findings import Finding, as_json

ORDERS = '''"""Orders."""

import time
from pathlib import Path


def test_export():
    path = Path("state.txt")
    path.write_text("orders")
    time.sleep(0.1)
    assert path.read_text() == "orders"
'''
USERS = """import pytest
from test_orders import test_export as check


@pytest.mark.parametrize("name", ["ada", "grace"])
def test_names(name):
    check()


@pytest.mark.serial
def test_small():
    assert True
"""
SLOW_TO_IMPORT = ("anyio", "asyncio", "hypothesispytest", "pytest_cov", "randomly")
EXPORT = "test_orders.py::test_export"
NAMES = ("test_users.py::test_names[ada]", "test_users.py::test_names[grace]")
SMALL = "test_users.py::test_small"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project two of whose modules write one file, as a finding says."""
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "CI"):
        monkeypatch.delenv(name, raising=False)
    off = " ".join(f"-p no:{plugin}" for plugin in SLOW_TO_IMPORT)
    tmp_path.joinpath("pytest.ini").write_text(f"[pytest]\naddopts = -n2 {off}\n")
    tmp_path.joinpath("test_orders.py").write_text(ORDERS)
    tmp_path.joinpath("test_users.py").write_text(USERS)
    conflict = Finding(
        "conflict", "watch", (), (EXPORT, *NAMES), "file state.txt", "They wrote it.", (), "",
        "shared_resource:state.txt", "",
    )  # fmt: skip
    watched = [EXPORT, *NAMES, SMALL]
    tmp_path.joinpath("found.json").write_text(as_json([conflict], watched=watched))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_from_findings_to_a_map(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of a suite whose source is not to be changed; removals are left out, as they are off."""
    assert main(["propose", "found.json"]) == 0
    text = project.joinpath(".markersteal", "proposals.toml").read_text()
    assert 'apply = false\naction = "remove"' in text

    assert main(["propose", "--apply", "map"]) == 0
    assert (
        project.joinpath("markersteal.toml")
        .read_text()
        .endswith(
            '[marks]\n"test_orders.py::test_export" = { shared_resource = ["state.txt"] }\n'
            '"test_users.py::test_names" = { shared_resource = ["state.txt"] }\n'
        )
    )
    assert main(["propose", "--apply", "map"]) == 0
    assert "nothing to change in markersteal.toml" in capsys.readouterr().out

    assert main(["propose", "found.json"]) == 0
    said = capsys.readouterr().out
    assert "0 proposals and 1 that is off, from 1 finding" in said
    assert 'remove serial from 1 test (off, unless you set "apply = true")' in said
    assert 'all of it is off: set "apply = true" there' in said
    assert "kept apart by marks already: file state.txt" in said


def test_tests_that_a_conftest_marks_are_left_as_they_are(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They hold the key that all are to have, and only the one that was forgotten gets it."""
    project.joinpath("conftest.py").write_text(
        "import pytest\n"
        "def pytest_collection_modifyitems(items):\n"
        "    for item in items:\n"
        "        if item.path.stem == 'test_users':\n"
        "            item.add_marker(pytest.mark.shared_resource('users'))\n"
    )
    assert main(["propose", "found.json"]) == 0
    assert main(["propose", "--apply", "map"]) == 0
    capsys.readouterr()
    marks = project.joinpath("markersteal.toml").read_text().partition("[marks]\n")[2]
    assert marks == '"test_orders.py::test_export" = { shared_resource = ["users"] }\n'
