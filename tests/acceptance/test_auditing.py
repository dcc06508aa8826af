"""What pytest collects in real projects, and the audit of one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pytest_markersteal.cli.main import main
from pytest_markersteal.races.collecting.running import CollectingError, collect

OFF = "-p no:hypothesispytest -p no:pytest_cov -p no:randomly"
CONFTEST = """
import pytest


@pytest.fixture(scope="session", autouse=True)
def server(): ...


@pytest.fixture(params=[1, 2])
async def account(): ...
"""
TESTS = """
import asyncio
import pytest


def test_plain(): ...


class TestA:
    class TestIn:
        @pytest.mark.serial
        @pytest.mark.parametrize("n", ["a[1]"])
        def test_inner(self, n, tmp_path): ...


async def test_nobody(): ...


@pytest.mark.asyncio(loop_scope="module")
async def test_asyncio(account):
    await asyncio.gather()


@pytest.mark.anyio
async def test_anyio(): ...


@pytest.fixture
def anyio_backend():
    return "asyncio"
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with tests of all kinds, in which warnings are errors."""
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "CI"):
        monkeypatch.delenv(name, raising=False)
    tests = tmp_path / "tests"
    tests.mkdir()
    tests.joinpath("conftest.py").write_text(CONFTEST)
    tests.joinpath("test_all.py").write_text(TESTS)
    tmp_path.joinpath("pytest.ini").write_text(
        f"[pytest]\naddopts = -n2 --dist load {OFF}\nfilterwarnings = error\n"
        "asyncio_default_fixture_loop_scope = function\n"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_is_collected(project: Path) -> None:
    """Tests with where they stand, their marks and fixtures, and who runs the asynchronous ones."""
    found = collect(project, ["-k", "not plain"])

    assert [test.function for test in found.deselected] == ["test_plain"]
    by_name = {test.id.removeprefix("tests/test_all.py::"): test for test in found.tests}
    inner = by_name["TestA::TestIn::test_inner[a[1]]"]
    assert (inner.classes, inner.function) == (["TestA", "TestIn"], "test_inner")
    assert sorted(inner.marks) == ["parametrize", "serial"]
    assert inner.asks.serial
    names = {found.fixtures[number].name: found.fixtures[number] for number in inner.fixtures}
    assert {"server", "tmp_path"} <= names.keys()
    assert "n" not in names
    assert (names["server"].scope, names["server"].where, names["server"].autouse) == (
        "session",
        "tests",
        True,
    )
    assert not names["tmp_path"].autouse
    runners = {name: (test.runner, test.loop_scope) for name, test in by_name.items()}
    assert runners == {
        "TestA::TestIn::test_inner[a[1]]": ("", ""),
        "test_nobody": ("nothing", ""),
        "test_asyncio[1]": ("pytest-asyncio", "module"),
        "test_asyncio[2]": ("pytest-asyncio", "module"),
        "test_anyio": ("anyio", "function"),
    }
    assert any(fixture.name == "account" and fixture.is_async for fixture in found.fixtures)
    assert (found.conftests, found.asyncio_mode) == (["tests/conftest.py"], "strict")


def test_what_can_not_be_collected(project: Path) -> None:
    """The error has what pytest said."""
    project.joinpath("tests", "test_broken.py").write_text("import nothing_like_this\n")

    with pytest.raises(CollectingError, match="No module named 'nothing_like_this'"):
        collect(project)


def test_an_audit(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As text, as JSON and as a page that asks nobody for anything."""
    only = ["--", "--asyncio-mode=auto"]

    assert main(["audit", *only]) == 0
    said = capsys.readouterr().out
    assert re.search("asyncio mode +auto", said)
    assert "concurrent operation (1)" in said

    assert main(["audit", "--json", *only]) == 0
    content = json.loads(capsys.readouterr().out)
    assert (content["format"], content["version"]) == ("pytest-markersteal audit", 1)
    assert content["asynchronous"] == [
        {"runner": "pytest-asyncio", "loop_scope": "function", "tests": 2},
        {"runner": "pytest-asyncio", "loop_scope": "module", "tests": 2},
    ]
    assert content["run"] is None

    assert main(["audit", "--html", "audit.html", *only]) == 0
    page = project.joinpath("audit.html").read_text(encoding="utf-8")
    assert "http" not in page
    assert "<caption>Risk by folder</caption>" in page
    assert "<td>await asyncio.gather()" not in page
    assert "<td>asyncio.gather()</td>" in page
