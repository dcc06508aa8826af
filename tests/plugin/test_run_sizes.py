"""Runs with few workers, few tests, or very many."""

from __future__ import annotations

import pytest

MIXED = """
    import pytest, witness

    def test_1(): witness.tell("1")

    @pytest.mark.no_parallel
    def test_2(): witness.tell("2")

    @pytest.mark.shared_resource("db")
    def test_3(): witness.tell("3")

    @pytest.mark.serial
    def test_4(): witness.tell("4")

    @pytest.mark.xdist_group("group")
    def test_5(): witness.tell("5")

    @pytest.mark.shared_resource("db", mode="read")
    def test_6(): witness.tell("6")

    def test_7(worker_slot):
        assert worker_slot == 0
        witness.tell("7")
"""

IN_ORDER = ["1", "2", "3", "4", "5", "6", "7"]


@pytest.mark.parametrize("n", [0, 1])
def test_one_process_keeps_the_order(pytester, run_markersteal, witness, n):
    """With one process the marks change nothing: tests run in collection order."""
    pytester.makepyfile(MIXED)
    run_markersteal(n=n).assert_outcomes(passed=7)
    assert witness.names() == IN_ORDER
    witness.clear()
    run_markersteal(n=n).assert_outcomes(passed=7)
    assert witness.names() == IN_ORDER


def test_the_outer_slot_does_not_count(pytester, run_markersteal, witness, monkeypatch):
    """A run in one process has slot 0, also when a worker of another run started it."""
    monkeypatch.setenv("PYTEST_MARKERSTEAL_SLOT", "3")
    pytester.makepyfile(MIXED)
    run_markersteal(n=0).assert_outcomes(passed=7)


def test_more_workers_than_tests(pytester, run_markersteal, witness):
    """Workers without a test stay idle, and the run ends."""
    pytester.makepyfile("import witness\ndef test_one(): witness.tell('one')")
    result = run_markersteal(n=4)
    result.assert_outcomes(passed=1)
    assert result.ret == pytest.ExitCode.OK
    assert witness.names() == ["one"]


@pytest.mark.parametrize("n", [0, 2])
def test_no_tests(pytester, run_markersteal, n):
    """A run without tests ends with the exit status that says so."""
    pytester.makepyfile("def not_a_test(): pass")
    result = run_markersteal(n=n)
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.parametrize("mark", ["serial", "no_parallel"])
def test_all_marked(pytester, run_markersteal, witness, mark):
    """A suite of special tests only runs on the dedicated worker, in order."""
    pytester.makepyfile(
        f"""
        import pytest, witness

        pytestmark = pytest.mark.{mark}

        @pytest.mark.parametrize("number", range(8))
        def test_marked(number):
            with witness.span(str(number)):
                pass
        """
    )
    run_markersteal(n=3).assert_outcomes(passed=8)
    assert witness.names() == [str(number) for number in range(8)]
    assert len({span.worker for span in witness.spans()}) == 1


def test_five_thousand_parameters(pytester, run_markersteal):
    """Each of very many small tests runs once."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("number", range(5000))
        def test_small(number): pass
        """
    )
    run_markersteal("-q", n=2).assert_outcomes(passed=5000)


def test_environments_given_by_tx(pytester, run_markersteal):
    """Workers may be given by --tx as well as by -n, and --maxprocesses limits -n."""
    pytester.makepyfile("def test_one(): pass\ndef test_two(): pass")
    result = run_markersteal("--tx", "2*popen", n=None)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["2 tests on 2 workers in *"])
    result = run_markersteal("--maxprocesses=2", n=4)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["2 tests on 2 workers in *"])
