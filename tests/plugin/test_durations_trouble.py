"""Trouble with the durations file is told, and never fails a run."""

from __future__ import annotations

import msgpack
import pytest

FILE = ".markersteal/durations.msgpack"
NEWER = msgpack.packb({"format": "pytest-markersteal durations", "version": 999})
OTHER = msgpack.packb({"format": "something else"})
HALF = msgpack.packb(
    {"format": "pytest-markersteal durations", "version": 3, "files": {"test_it.py": {"": [1]}}}
)

UNREADABLE = {
    "empty": b"",
    "corrupt": b"\xc1 this is no msgpack",
    "cut off": NEWER[:-1],
    "newer": NEWER,
    "older": msgpack.packb({"format": "pytest-markersteal durations", "version": 2}),
    "with conflict markers": b"<<<<<<< HEAD\n" + NEWER,
    "of another tool": OTHER,
    "without all parts": HALF,
    "a list": msgpack.packb([1, 2, 3]),
    "a number": b"\x07",
}


@pytest.fixture
def file(pytester):
    """The durations file of a small suite, which is not there yet."""
    pytester.makepyfile(
        test_it="""
        import pytest

        @pytest.mark.parametrize("number", range(3))
        def test_number(number): pass

        @pytest.mark.shared_resource("db")
        def test_keyed(): pass
        """
    )
    path = pytester.path / FILE
    path.parent.mkdir()
    return path


@pytest.mark.parametrize("content", UNREADABLE)
def test_unusable_file(run_markersteal, file, content):
    """A file that can't be read is a line of warning, and replaced unless it is a newer one's."""
    file.write_bytes(UNREADABLE[content])
    result = run_markersteal("-Werror")
    assert result.ret == pytest.ExitCode.OK
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(
        ["durations: none were known*", "warning: *durations.msgpack can't be used: *"]
    )
    assert not str(result.stderr)
    if content == "newer":
        assert file.read_bytes() == NEWER
        return
    again = msgpack.unpackb(file.read_bytes())
    assert again["version"] == 3
    functions = again["files"]["test_it.py"]["::"]
    assert list(functions) == ["test_keyed", "test_number"]
    assert functions["test_number"][4] == 3


def test_directory_in_its_place(run_markersteal, file):
    """Where something else has the file's name, the run goes on and says that nothing was saved."""
    file.mkdir()
    result = run_markersteal("-Werror")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        ["durations: none were known", "warning: *durations were not written to *"]
    )
    assert [path.name for path in file.parent.iterdir() if path.name != "runs"] == [file.name]


def test_file_in_the_place_of_the_directory(run_markersteal, file):
    """Where the directory can't be made, the run goes on and says so, in one line."""
    file.parent.rmdir()
    file.parent.write_text("not a directory", encoding="utf-8")
    result = run_markersteal("-Werror")
    assert result.ret == pytest.ExitCode.OK
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["warning: *durations were not written to *"])
    assert file.parent.read_text(encoding="utf-8") == "not a directory"


def test_tests_that_change_directory(pytester, run_markersteal, file):
    """The file lies under the rootdir, wherever tests go and leave their worker."""
    pytester.makepyfile(
        test_moves="""
        import os, pytest

        @pytest.mark.parametrize("number", range(6))
        def test_moves(tmp_path, number):
            os.chdir(tmp_path)
        """
    )
    run_markersteal().assert_outcomes(passed=10)
    result = run_markersteal()
    result.assert_outcomes(passed=10)
    result.stdout.fnmatch_lines(["durations: known for 10 of 10 tests"])
    assert [path.parent.parent for path in pytester.path.rglob("*.msgpack")] == [pytester.path]


def test_run_from_a_subdirectory(pytester, run_markersteal, file, monkeypatch):
    """A run from elsewhere uses the same file."""
    pytester.makeini("[pytest]")
    run_markersteal().assert_outcomes(passed=4)
    below = pytester.mkdir("below")
    monkeypatch.chdir(below)
    result = run_markersteal(str(pytester.path))
    result.stdout.fnmatch_lines(["durations: known for 4 of 4 tests"])
    assert not (below / ".markersteal").exists()


def test_failures_teach_nothing(pytester, run_markersteal, file):
    """Only tests that passed are in the file."""
    pytester.makepyfile(
        test_other="""
        import pytest

        def test_fails(): assert False

        def test_passes(): pass

        @pytest.mark.skip
        def test_skipped(): pass

        @pytest.fixture
        def broken():
            yield
            raise RuntimeError

        def test_error_at_teardown(broken): pass
        """
    )
    result = run_markersteal()
    result.assert_outcomes(passed=6, failed=1, skipped=1, errors=1)
    known = msgpack.unpackb(file.read_bytes())["files"]["test_other.py"]
    assert list(known["::"]) == ["test_passes"]


@pytest.mark.parametrize("option", ["--setup-plan", "--setup-only"])
def test_runs_without_calls_teach_nothing(run_markersteal, file, option):
    """A run that calls no test leaves what is known as it was."""
    assert run_markersteal(option).ret == pytest.ExitCode.OK
    assert not file.exists()
