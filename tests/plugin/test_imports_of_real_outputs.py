"""What pytest and its plugins really write is imported, all formats to the same tests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_markersteal.cli.main import main
from pytest_markersteal.durations.importing import read_any
from pytest_markersteal.durations.junit import node_id_of
from pytest_markersteal.durations.store import FILE, read

# Its tests sleep so that there are durations to import; nothing here waits for them.
SUITE = """
import time
import unittest
import pytest


def test_quick():
    pass


def test_slow():
    time.sleep(0.2)


@pytest.mark.parametrize("x", ["a b", "c::d", "e[f]", "g/h.py", "ü", "1.00s call x", "a - b"])
def test_with(x):
    time.sleep(0.02)


class TestOuter:
    class TestInner:
        @pytest.fixture(autouse=True)
        def slow_fixture(self):
            time.sleep(0.05)
            yield
            time.sleep(0.03)

        def test_in(self):
            pass

    def test_fails(self):
        assert not time.sleep(0.02)
        assert 0


class Case(unittest.TestCase):
    def test_method(self):
        time.sleep(0.02)


@pytest.mark.skip
def test_skipped():
    pass


@pytest.mark.xfail
def test_xfails():
    time.sleep(0.02)
    assert 0


@pytest.fixture
def bad_in_the_end():
    yield
    raise ValueError("in teardown")


def test_error(bad_in_the_end):
    time.sleep(0.02)
"""
FILES = ("tests/test_a.py", "tests/inner/test_a.py", "tests.v2/test_b.py")
TAKES_TIME = {
    "::test_slow": 0.2,
    "::TestOuter::TestInner::test_in": 0.08,
    "::Case::test_method": 0.02,
    **{
        f"::test_with[{x}]": 0.02
        for x in ("a b", "c::d", "e[f]", "g/h.py", "\\xfc", "1.00s call x", "a - b")
    },
}
EXPECTED = {file + test: seconds for file in FILES for test, seconds in TAKES_TIME.items()}
TOLERATED_S = 0.15
"""How much longer a test may take than it sleeps, on a busy machine."""


@pytest.fixture
def outputs(pytester: pytest.Pytester) -> dict[str, Path]:
    """One run of the suite, as each tool has written it."""
    for file in FILES:
        path = pytester.path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SUITE, encoding="utf-8")
    pytester.makeini("[pytest]\naddopts = --import-mode=importlib")
    options = ["--durations=0", "-vv", "--junitxml=junit.xml", "--report-log=log.jsonl"]
    done = pytester.runpytest_subprocess(
        "-p", "no:randomly", *options, "--store-durations", "--durations-path=split.json"
    )
    (pytester.path / "output.txt").write_text("\n".join(done.outlines), encoding="utf-8")
    (pytester.path / "powershell.txt").write_text("\n".join(done.outlines), encoding="utf-16")
    names = ("junit.xml", "log.jsonl", "split.json", "output.txt", "powershell.txt")
    return {name: pytester.path / name for name in names}


def test_each_format_tells_of_the_same_tests(outputs: dict[str, Path]) -> None:
    """By the same node ids, only those that passed, and about as long as they sleep.

    Durations of pytest-split don't say what passed.
    """
    for name, path in outputs.items():
        found = read_any(path.read_bytes())
        seconds = {node_id: times.total_s for node_id, times in found.tests.items()}
        for classname, case, file, total_s in found.unnamed:
            node_id = node_id_of(path.parent, classname, case, file)
            assert node_id is not None
            seconds[node_id] = total_s
        quick = {f"{file}::test_quick" for file in FILES}
        did_not_pass = seconds.keys() - EXPECTED.keys() - quick
        if name == "split.json":
            assert len(did_not_pass) == len(FILES) * 4
        else:
            assert not did_not_pass, name
            assert found.not_passed == len(FILES) * 4 or name.endswith(".txt")
        for node_id, sleeps_s in EXPECTED.items():
            assert sleeps_s * 0.9 <= seconds[node_id] <= sleeps_s + TOLERATED_S, (name, node_id)


def test_a_first_file_is_made_of_each(
    outputs: dict[str, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the next run knows how long the tests take."""
    monkeypatch.chdir(outputs["junit.xml"].parent)
    for name in outputs:
        FILE.unlink(missing_ok=True)
        assert main(["durations", "import", name]) == 0
        history = read(FILE)
        for node_id, sleeps_s in EXPECTED.items():
            times = history.times(node_id)
            assert times is not None
            assert sleeps_s * 0.6 <= times.total_s <= 2 * (sleeps_s + TOLERATED_S)
        assert main(["durations", "import", name]) == 0
        assert "knows all of that already" in capsys.readouterr().out


def test_what_is_exported_is_used_by_pytest_split(
    outputs: dict[str, Path],
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With the names of all tests, each has its seconds; the file that it makes can be split by."""
    monkeypatch.chdir(pytester.path)
    assert main(["durations", "import", "log.jsonl"]) == 0
    collected = pytester.runpytest_subprocess("-p", "no:randomly", "--collect-only", "-q")
    (pytester.path / "ids.txt").write_text("\n".join(collected.outlines))
    capsys.readouterr()
    arguments = ("durations", "export", "--format", "pytest-split", "--collected", "ids.txt")
    assert main(arguments) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out).keys() >= EXPECTED.keys()
    assert "of which nothing is known" in captured.err
    (pytester.path / "again.json").write_text(captured.out)
    split = ("--splits=2", "--group=1", "--durations-path=again.json", "--collect-only", "-q")
    done = pytester.runpytest_subprocess("-p", "no:randomly", *split)
    done.stdout.fnmatch_lines(["*[[]pytest-split[]] Running group 1/2*"])
    assert "No test durations found" not in done.stdout.str()
