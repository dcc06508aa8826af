"""Options of pytest, pytest-xdist and the plugin, together."""

from __future__ import annotations

import pytest

TWO_FAIL = """
    import pytest, witness

    @pytest.mark.parametrize("number", range(6))
    def test_number(number):
        witness.tell(str(number))
        assert number not in (2, 4)
"""

MARKED = """
    import pytest

    @pytest.mark.serial
    def test_serial(): pass

    @pytest.mark.no_parallel
    def test_alone(): pass

    @pytest.mark.shared_resource("db", units=1)
    def test_keyed(): pass

    @pytest.mark.shared_resource
    def test_bare(): pass
"""


def test_failed_first_and_failed_only(pytester, run_markersteal, witness):
    """--lf runs what failed before, --ff all with that first, --sw from the first failure on."""
    pytester.makepyfile(TWO_FAIL)
    run_markersteal().assert_outcomes(passed=4, failed=2)
    witness.clear()
    run_markersteal("--lf").assert_outcomes(failed=2)
    assert sorted(witness.names()) == ["2", "4"]
    witness.clear()
    run_markersteal("--ff", n=1).assert_outcomes(passed=4, failed=2)
    assert witness.names() == ["2", "4", "0", "1", "3", "5"]
    result = run_markersteal("--ff")
    result.assert_outcomes(passed=4, failed=2)


@pytest.mark.parametrize("paths", [["gone.py"], ["test_it.py", "gone.py"], ["test_it.py::test_x"]])
def test_a_path_that_is_not_there(pytester, run_markersteal, run_pytest, paths):
    """Pytest's own words, and its exit status, as without workers."""
    pytester.makepyfile(test_it="def test_it(): pass")
    alone, distributed = run_pytest(*paths), run_markersteal(*paths)
    assert distributed.ret == alone.ret == pytest.ExitCode.USAGE_ERROR
    said = [line for line in alone.errlines if line]
    assert said
    assert [line for line in distributed.errlines if line] == said


def test_a_path_that_is_not_there_once_all_have_collected_nothing(pytester, run_markersteal):
    """The same where no worker ends before the other has told that it collected no tests."""
    pytester.makeconftest(
        """
        import os, time
        from pathlib import Path

        def pytest_sessionfinish(session):
            name = os.environ.get("PYTEST_XDIST_WORKER")
            if name:
                here = session.config.rootpath
                Path(here, f"{name}.ends").touch()
                while len(list(here.glob("*.ends"))) < 2:
                    time.sleep(0.01)
        """
    )
    result = run_markersteal("gone.py")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines("ERROR: file or directory not found: gone.py")


def test_a_worker_that_is_written_wrongly(pytester, run_markersteal):
    """It is told before anything is started."""
    pytester.makepyfile("def test_it(): pass")
    result = run_markersteal("--tx=popn", n=None)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --tx 'popn' does not say what to start; *"])


def test_stepwise(pytester, run_markersteal, witness):
    """--sw ends the run at a failure, as interrupted."""
    pytester.makepyfile(TWO_FAIL)
    result = run_markersteal("--sw", n=1)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert witness.names() == ["0", "1", "2"]
    assert result.parseoutcomes()["failed"] == 1


@pytest.mark.parametrize("option", ["--stepwise", "--stepwise-skip"])
def test_stepwise_with_several_workers(pytester, run_markersteal, witness, option):
    """It would leave out tests that never ran, and so nothing runs."""
    pytester.makepyfile(TWO_FAIL)
    result = run_markersteal(option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --stepwise goes on at *; use it with -n0, or use -x and*"])
    assert witness.names() == []


def test_selection(pytester, run_markersteal, witness):
    """-k and --deselect leave tests out."""
    pytester.makepyfile(test_it=TWO_FAIL)
    result = run_markersteal("-k", "1 or 3 or 5", "--deselect=test_it.py::test_number[5]")
    result.assert_outcomes(passed=2)
    assert sorted(witness.names()) == ["1", "3"]


@pytest.mark.parametrize(("option", "failures"), [("-x", 1), ("--maxfail=2", 2)])
def test_stop_after_failures(pytester, run_markersteal, witness, option, failures):
    """After so many failures no test starts that was not already on its way."""
    pytester.makepyfile(
        """
        import pytest, witness

        @pytest.mark.parametrize("number", range(200))
        def test_number(number):
            witness.tell(str(number))
            witness.linger()
            assert number not in (3, 4, 5)
        """
    )
    result = run_markersteal(option, n=2)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert result.parseoutcomes()["failed"] >= failures
    assert len(witness.names()) < 60
    assert len(set(witness.names())) == len(witness.names())
    not_run = 200 - len(witness.names())
    result.stdout.fnmatch_lines([f"not run: {not_run} tests (stopping after {failures} failures)*"])


def test_debugger(pytester, run_markersteal):
    """--pdb runs in process with -n auto, and is xdist's own usage error with a number."""
    pytester.makepyfile(MARKED)
    run_markersteal("--pdb", n="auto").assert_outcomes(passed=4)
    result = run_markersteal("--pdb", n=2)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--pdb is incompatible with distributing tests*"])


def test_collect_only(pytester, run_markersteal):
    """--collect-only lists the tests in process and runs none."""
    pytester.makepyfile(test_it=MARKED)
    result = run_markersteal("--collect-only", "-q")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["test_it.py::test_serial", "test_it.py::test_bare"])
    assert not (pytester.path / ".markersteal").exists()


def test_without_xdist(pytester, run_pytest):
    """Where xdist is disabled, the marks and fixtures are there all the same."""
    pytester.makepyfile(
        MARKED
        + """
    @pytest.mark.shared_resource("db")
    def test_fixtures(worker_slot, resource):
        assert worker_slot == 0
        assert resource("db").instance == 0
    """
    )
    run_pytest("-pno:xdist", "--strict-markers", "-Werror").assert_outcomes(passed=5)


@pytest.mark.parametrize(
    "options",
    [
        ("-Werror", "--strict-markers", "--strict-config", "-pno:cacheprovider"),
        ("-pno:terminal",),
        ("--import-mode=importlib", "--max-worker-restart=0", "--runxfail"),
    ],
    ids=" ".join,
)
def test_options_together(pytester, run_markersteal, options):
    """Options that switch parts of pytest off, or make it stricter, leave the run as it is."""
    pytester.makepyfile(MARKED)
    result = run_markersteal(*options)
    assert result.ret == pytest.ExitCode.OK
    assert not str(result.stderr)
    if "-pno:terminal" not in options:
        result.assert_outcomes(passed=4)


CRASHING = """
    import os, pytest

    @pytest.mark.parametrize("number", range(4))
    def test_number(number):
        if number == 1:
            os._exit(1)

    @pytest.mark.parametrize("number", range(4))
    def test_other(number): pass
"""


@pytest.mark.parametrize("restarts", [0, 1])
def test_worker_restarts(pytester, run_markersteal, restarts):
    """A crash fails the test that ran; the rest runs, whether or not a worker is replaced."""
    pytester.makepyfile(test_it=CRASHING)
    result = run_markersteal(f"--max-worker-restart={restarts}")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=7, failed=1)
    result.stdout.fnmatch_lines(["*'test_it.py::test_number[[]1]'*", "FAILED *test_number[[]1]*"])


def test_no_worker_left(pytester, run_markersteal):
    """When all workers have crashed, the run ends and names the tests that did not run."""
    pytester.makepyfile(
        test_it="""
        import os, pytest

        @pytest.mark.parametrize("number", range(6))
        def test_number(number):
            os._exit(1)
        """
    )
    result = run_markersteal("--max-worker-restart=1")
    assert result.ret not in (pytest.ExitCode.OK, pytest.ExitCode.USAGE_ERROR)
    crashed = result.parseoutcomes()["failed"]
    assert crashed in (2, 3)
    why = "no worker was left: maximum crashed workers reached: 1"
    result.stdout.fnmatch_lines([f"not run: {6 - crashed} tests ({why})*"])


@pytest.mark.parametrize(
    ("end", "why"),
    [
        ("raise KeyboardInterrupt", "the run was interrupted"),
        ("pytest.exit('it is late')", "it is late"),
    ],
)
def test_a_run_that_is_ended_on_the_controller(pytester, run_markersteal, end, why):
    """What is told of the tests that did not run is why it ended."""
    pytester.makeconftest(
        f"""
        import os, pytest

        def pytest_runtest_logreport(report):
            if "PYTEST_XDIST_WORKER" not in os.environ and report.when == "call":
                {end}
        """
    )
    pytester.makepyfile(
        """
        import pytest, time

        @pytest.mark.parametrize("number", range(20))
        def test_number(number):
            time.sleep(0.05)
        """
    )
    result = run_markersteal()
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines([f"not run: * tests ({why})*"])
