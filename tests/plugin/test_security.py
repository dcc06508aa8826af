"""What SECURITY.md says of runs, and of the code."""

from __future__ import annotations

import ast
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import pytest_markersteal
from pytest_markersteal.distribution import protocol

PACKAGE = Path(pytest_markersteal.__file__).parent

SUITE = """
import socket

import pytest


@pytest.mark.parametrize("number", range(20))
def test_ordinary(number):
    pass


@pytest.mark.no_parallel
def test_alone():
    pass


@pytest.mark.shared_resource("db")
@pytest.mark.parametrize("number", range(4))
def test_keyed(number):
    pass


def test_listens(pytestconfig):
    if pytestconfig.getoption("keyword") == "listens":
        with socket.create_server(("127.0.0.1", 0)):
            pass
"""


@pytest.fixture
def events(pytester, run_markersteal):
    """A function that runs the suite on two workers, and returns what its processes did."""
    shutil.copy(Path(__file__).with_name("listening.py"), pytester.path)
    pytester.makepyfile(SUITE)
    pytester.syspathinsert()
    log = pytester.path / "listening.jsonl"

    def run(*arguments: str, passed: int) -> list[dict[str, object]]:
        log.unlink(missing_ok=True)
        log.touch()
        run_markersteal("-p", "listening", *arguments).assert_outcomes(passed=passed)
        return [json.loads(line) for line in log.read_text(encoding="ascii").splitlines()]

    return run


def test_a_run_makes_no_socket_and_starts_only_its_workers(events):
    """Without durations and with them, watched and explained."""
    for more in ((), ("--markersteal-watch", "--markersteal-explain")):
        noted = events(*more, passed=26)
        started = [event for event in noted if event["event"] == "subprocess.Popen"]
        others = [event["event"] for event in noted if event not in started]
        # Since Python 3.13 that is how Popen starts most of them.
        assert {*others} <= {"os.posix_spawn"}
        assert len(others) <= len(started)
        programs = [event["program"] for event in started]
        assert programs.count(sys.executable) == 2
        # With which workers of xdist find out where they are.
        assert set(programs) <= {sys.executable, "uname"}


def test_a_socket_would_be_seen(events):
    """On workers too: the test before this one could fail."""
    noted = events("-k", "listens", passed=1)
    assert {"socket.__new__", "socket.bind"} <= {event["event"] for event in noted}


def test_nothing_is_evaluated_unpickled_or_run_by_a_shell():
    """In the whole package; and there are no more modules that start programs than are known."""
    called = {(path, name) for path, name in _calls()}
    names = {name for _, name in called}
    assert not names & {"eval", "exec", "compile", "__import__", "os.system", "os.popen"}
    assert not {name for name in names if name.partition(".")[0] in ("pickle", "marshal", "shelve")}
    assert {path for path, name in called if name.startswith(("subprocess.", "os.exec"))} == {
        "cli/durations/git.py",
        "races/collecting/running.py",
        "races/stress/noise.py",
        "races/trials/running.py",
    }
    # And one that has other hosts run something.
    assert {path for path, name in called if name.endswith("remote_exec")} == {
        "distribution/installed.py"
    }
    assert {path for path, name in called if name.endswith("import_module")} == {
        "__init__.py",
        "safety/caches.py",
    }


@pytest.mark.skipif(os.name == "nt", reason="its folder for temporary files is the user's own")
def test_black_boxes_are_their_users_alone_and_go_with_the_run(pytester, run_markersteal):
    """Of whatever worker has a test."""
    pytester.makepyfile(
        f"""
        import pytest, stat
        from pathlib import Path

        @pytest.fixture(autouse=True)
        def box(pytestconfig):
            box = Path(pytestconfig.workerinput[{protocol.BOX_KEY!r}])
            assert stat.S_IMODE(box.stat().st_mode) == 0o600
            assert stat.S_IMODE(box.parent.stat().st_mode) == 0o700
            assert box.parent.name.startswith("markersteal-")
            Path(f"{{box.name}}.told").write_text(str(box))

        @pytest.mark.parametrize("n", range(10))
        def test_it(n): pass
        """
    )
    run_markersteal().assert_outcomes(passed=10)
    told = [Path(path.read_text()) for path in pytester.path.glob("*.told")]
    assert told
    assert not any(box.parent.exists() for box in told)


def _calls() -> Iterator[tuple[str, str]]:
    """What is called, by module; no call in the package has ``shell``."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                assert "shell" not in {keyword.arg for keyword in node.keywords}, path
                yield path.relative_to(PACKAGE).as_posix(), ast.unparse(node.func)
