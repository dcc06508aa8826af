"""The trace that a run leaves."""

from __future__ import annotations

import os

import pytest

from pytest_markersteal.trace.folder import FOLDER, KEPT, traces
from pytest_markersteal.trace.idle import idle_spans
from pytest_markersteal.trace.model import CRASHED, RUNNING
from pytest_markersteal.trace.reader import read

SUITE = """
    import time

    import pytest

    @pytest.fixture(scope="module")
    def shared():
        time.sleep(0.05)

    @pytest.mark.no_parallel
    def test_alone(): time.sleep(0.1)

    @pytest.mark.shared_resource("db", units=2)
    @pytest.mark.parametrize("number", range(3))
    def test_db(number, shared): time.sleep(0.05)

    @pytest.mark.parametrize("number", range(4))
    def test_plain(number): time.sleep(0.02)

    def test_fails(): assert False

    def test_skips(): pytest.skip()

    @pytest.fixture
    def broken(): assert False

    def test_error(broken): pass
"""


@pytest.fixture
def newest(pytester):
    """The trace that the latest run in the test's folder wrote."""
    return lambda: read(traces(pytester.path)[-1])


def by_name(trace):
    """The run of each test."""
    return {trace.ids[run.test].rpartition("::")[2]: run for run in trace.tests}


def test_every_run_leaves_a_trace(pytester, run_markersteal, newest):
    """With each test, its slot, phases, outcome, claims and instances; and all workers."""
    pytester.makeini("[pytest]\nmarkersteal_resources = db = 2")
    pytester.makepyfile(test_it=SUITE)
    run_markersteal("--tb=no")
    trace = newest()
    head = trace.head
    assert (head.dist, head.slots, head.arguments[-1]) == ("markersteal", 2, "--tb=no")
    assert set(head.versions) == {
        "python",
        "pytest",
        "pytest-xdist",
        "pytest-markersteal",
        "execnet",
        "msgpack",
    }
    assert [(worker.name, worker.slot) for worker in trace.workers] == [("gw0", 0), ("gw1", 1)]
    for worker in trace.workers:
        times = (worker.launched_s, worker.ready_s, worker.collected_s, worker.joined_s)
        assert (0.0, *times) == tuple(sorted((0.0, *times)))
        assert worker.joined_s <= trace.began_s
    runs = by_name(trace)
    assert len(runs) == len(trace.tests) == len(trace.ids) == 11
    assert {name: run.outcome for name, run in runs.items() if run.outcome != "passed"} == {
        "test_fails": "failed",
        "test_skips": "skipped",
        "test_error": "error",
    }
    alone = runs["test_alone"]
    assert [phase for phase, _ in alone.phases()] == ["setup", "call", "teardown"]
    assert dict(alone.phases())["call"].seconds >= 0.1
    assert alone.own_s >= 0.1
    assert trace.demand(alone.test).exclusive
    db = runs["test_db[1]"]
    assert [(claim.key, claim.units) for claim in trace.demand(db.test).claims] == [("db", 2)]
    assert trace.instances[db.test] == {"db": [0, 1]}
    setups = [fixture for run in trace.tests for fixture in run.fixtures]
    assert [(one.scope, one.node, one.name) for one in setups] == [
        ("module", "test_it.py", "shared")
    ]
    assert setups[0].span.seconds >= 0.05
    assert trace.commands
    assert trace.end is not None
    assert (trace.end.exit_status, trace.end.why) == (1, None)
    assert trace.end.controller_cpu_us > 0


def test_waiting_is_told_with_its_cause(pytester, run_markersteal, newest):
    """One worker rests while the other runs a test alone, and a chain of a key."""
    pytester.makepyfile(
        test_it="""
        import time

        import pytest

        @pytest.mark.no_parallel
        def test_alone(): time.sleep(0.2)

        @pytest.mark.shared_resource("db")
        @pytest.mark.parametrize("number", range(3))
        def test_db(number): time.sleep(0.2)
        """
    )
    run_markersteal()
    waited_s = {}
    for idle in idle_spans(newest()):
        waited_s[str(idle.cause)] = waited_s.get(str(idle.cause), 0.0) + idle.span.seconds
    assert waited_s["no_parallel"] >= 0.15
    assert waited_s["key db"] >= 0.3
    assert waited_s["nothing left"] >= 0.15
    assert waited_s["start-up"] > 0


def test_a_test_that_crashes_its_worker(pytester, run_markersteal, newest):
    """It is in the trace as crashed, and the replacement has its slot."""
    pytester.makepyfile(
        test_it="""
        import os, time

        def test_crash():
            time.sleep(0.1)
            os._exit(1)

        def test_after(): pass
        """
    )
    run_markersteal(n=1)
    trace = newest()
    runs = by_name(trace)
    assert runs["test_crash"].outcome == CRASHED
    assert runs["test_crash"].span.seconds >= 0.05  # Its start was told a moment late.
    assert runs["test_after"].outcome == "passed"
    assert [worker.slot for worker in trace.workers] == [0, 0]
    assert runs["test_after"].worker == 1


def test_why_a_run_ended_early_is_told(pytester, run_markersteal, newest):
    """With -x, tests that never started are not in the trace."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.serial
        @pytest.mark.parametrize("number", range(5))
        def test_it(number): assert number != 1
        """
    )
    run_markersteal("-x")
    trace = newest()
    assert len(trace.tests) == 2
    assert trace.end is not None
    assert trace.end.why == "stopping after 1 failures"


def test_only_the_newest_are_kept(pytester, run_markersteal):
    """Twenty of them, in a folder that git does not see."""
    pytester.makepyfile("def test_it(): pass")
    folder = pytester.mkdir(".markersteal") / "runs"
    folder.mkdir()
    for number in range(KEPT + 5):
        (folder / f"2020-01-01T00-00-{number:02}.trace").touch()
    run_markersteal()
    kept = traces(pytester.path)
    assert len(kept) == KEPT
    assert kept[0].name == "2020-01-01T00-00-06.trace"
    assert len(read(kept[-1]).tests) == 1
    assert (folder / ".gitignore").read_text() == "*\n"


def test_a_trace_that_can_not_be_written_fails_nothing(pytester, run_markersteal):
    """The summary tells why there is none."""
    pytester.makepyfile("def test_it(): pass")
    pytester.mkdir(".markersteal").joinpath("runs").write_text("not a folder")
    result = run_markersteal()
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines([f"warning: *no trace could be written in *{FOLDER}*"])


@pytest.mark.parametrize("arguments", [("-n1", "--dist=load"), ()])
def test_another_mode_s_trace_that_can_not_be_written(pytester, run_pytest, arguments):
    """It is told as well, and with -q too."""
    pytester.makepyfile("def test_it(): pass")
    pytester.mkdir(".markersteal").joinpath("runs").write_text("not a folder")
    result = run_pytest(*arguments, "--markersteal-trace", "-q")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines([f"markersteal: no trace could be written in *{FOLDER}*"])


def test_workers_that_tell_nothing_are_named(pytester, run_pytest):
    """A worker without this plugin is not traced, and that is not passed over in silence."""
    pytester.makepyfile("def test_it(): pass")
    pytester.makeconftest(
        """
        import pytest

        @pytest.hookimpl(optionalhook=True, trylast=True)
        def pytest_configure_node(node):
            del node.workerinput["markersteal_observed"]  # As if the worker did not know it.
        """
    )
    result = run_pytest("-n1", "--dist=load", "--markersteal-trace")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["markersteal: not traced: gw0; install pytest-markersteal * run"])
    assert traces(pytester.path) == []


def test_a_run_that_collects_nothing_leaves_none(pytester, run_markersteal):
    """It would tell nothing."""
    pytester.makepyfile("raise OSError")
    run_markersteal()
    assert traces(pytester.path) == []


@pytest.mark.parametrize(
    ("arguments", "dist", "slots"),
    [
        (("-n2", "--dist=worksteal"), "worksteal", 2),
        (("-n2", "--dist=loadscope"), "loadscope", 2),
        (("-n2",), "load", 2),
        (("-n0", "--dist=markersteal"), "", 1),
        ((), "", 1),
        (("-pno:xdist",), "", 1),
    ],
)
def test_other_modes_can_be_traced(pytester, run_pytest, newest, arguments, dist, slots):
    """And runs without workers, with the same facts but those of a scheduler."""
    pytester.makeini("[pytest]\nmarkersteal_resources = db = 2")
    pytester.makepyfile(test_it=SUITE)
    run_pytest(*arguments)
    assert traces(pytester.path) == []
    result = run_pytest(*arguments, "--markersteal-trace")
    result.stdout.fnmatch_lines(["markersteal: wrote .markersteal/runs/*.trace; see *"])
    trace = newest()
    assert (trace.head.dist, trace.head.slots, len(trace.workers)) == (dist, slots, slots)
    runs = by_name(trace)
    assert len(runs) == len(trace.tests) == 11
    assert {name: run.outcome for name, run in runs.items() if run.outcome != "passed"} == {
        "test_fails": "failed",
        "test_skips": "skipped",
        "test_error": "error",
    }
    assert trace.demand(runs["test_alone"].test).exclusive
    assert dict(runs["test_alone"].phases())["call"].seconds >= 0.1
    assert trace.commands == []
    assert trace.end is not None
    assert trace.end.exit_status == 1


def test_a_crash_under_another_mode(pytester, run_pytest, newest):
    """The test that was running is told."""
    pytester.makepyfile(test_it="import os\ndef test_a(): os._exit(1)\ndef test_b(): pass")
    run_pytest("-n1", "--dist=load", "--markersteal-trace")
    outcomes = {name: run.outcome for name, run in by_name(newest()).items()}
    assert outcomes == {"test_a": CRASHED, "test_b": "passed"}


@pytest.mark.parametrize("arguments", [("--dist=markersteal",), ("--dist=worksteal",)])
def test_a_run_is_explained(pytester, run_pytest, arguments):
    """With --markersteal-explain, below the summary; whatever scheduled it."""
    pytester.makeini("[pytest]\nmarkersteal_resources = db = 2")
    pytester.makepyfile(test_it=SUITE)
    result = run_pytest("-n2", "--markersteal-explain", *arguments)
    result.stdout.fnmatch_lines(
        [
            "*- markersteal explain -*",
            "* s until the last test ended, of which the floor is:",
            "* s  the floor: no schedule on as many workers is faster",
            "* s  start-up and collection",
            "the critical path to the end, * tests:",
            "* s  gw?  test_it.py::test_*: start-up and collection",
            "for a picture of it: markersteal report .markersteal/runs/*.trace",
        ]
    )


def test_a_run_without_tests_is_not_explained(pytester, run_markersteal):
    """It says so, and why."""
    result = run_markersteal("--markersteal-explain")
    result.stdout.fnmatch_lines(["there is nothing to explain: no test*"])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_a_read_only_project(pytester, run_markersteal):
    """As a folder that is no folder: the run passes and tells."""
    pytester.makepyfile("def test_it(): pass")
    pytester.path.chmod(0o555)
    result = run_markersteal()
    pytester.path.chmod(0o755)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["warning: *no trace could be written in *"])


def test_ctrl_c_without_workers(pytester, run_pytest, newest):
    """What was running has not passed, and the trace says what ended it."""
    pytester.makepyfile("def test_a(): pass\ndef test_b(): raise KeyboardInterrupt")
    result = run_pytest("-n0", "--markersteal-trace", "--markersteal-explain")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    trace = newest()
    assert {name: run.outcome for name, run in by_name(trace).items()} == {
        "test_a": "passed",
        "test_b": RUNNING,
    }
    assert (trace.end.exit_status, trace.end.why) == (2, "the run was interrupted")
    result.stdout.fnmatch_lines(
        ["the run ended early (the run was interrupted), in the midst of 1 test; *"]
    )
