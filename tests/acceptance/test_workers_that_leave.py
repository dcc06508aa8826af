"""Workers that end their session by themselves: exits, interrupts, stops, broken hooks."""

from __future__ import annotations

import pytest

# Of three workers one leaves; the others are in the middle of a test until it has left.
SUITE = """
@pytest.mark.parametrize("n", range(60))
def test_any(n):
    if (HERE / "left").exists():
        return
    touch("runs-" + os.environ["PYTEST_XDIST_WORKER"])
    wait_until(lambda: len(list(HERE.glob("runs-*"))) == 3)
    if first("leaves"):
        note(event="leaver")
        {leave}
    wait_until(lambda: seen("down") >= 1)
    touch("left")
"""

LEAVE = {
    "exit": 'pytest.exit("enough")',
    "exit with 3": 'pytest.exit("enough", returncode=3)',
    "exit with 0": 'pytest.exit("enough", returncode=0)',
    "interrupt": "raise KeyboardInterrupt",
}


@pytest.mark.parametrize("leave", LEAVE)
def test_a_test_that_ends_the_session(lab, leave):
    """A test that exits or interrupts stops the whole run, is told, and is no success."""
    lab.module(SUITE.format(leave=LEAVE[leave]))
    ledger = lab.run(workers=3)
    assert ledger.status != 0, ledger.output
    assert "INTERNALERROR" not in ledger.output
    leaver = {name for name in ledger.started if name not in ledger.ended}
    assert len(leaver) == 1
    assert leaver <= {*ledger.crashed, *ledger.failed} or leaver.pop() in ledger.output
    assert ledger.not_run, "nothing was told as not run, though the run should have stopped"
    assert ledger.not_run in (60 - len(ledger.started), 60 - len(ledger.ended))
    doubled = {name for name in ledger.started if ledger.started.count(name) > 1}
    assert not doubled


def test_system_exit_is_a_failure(lab):
    """SystemExit in a test is the failure of that test, as in pytest itself, and no more."""
    lab.module(
        """
@pytest.mark.parametrize("n", range(9))
def test_any(n):
    if n == 4:
        sys.exit(0)
"""
    )
    ledger = lab.run().check(status=1)
    assert ledger.names(ledger.failed) == ["test_any[4]"]


def test_stop_asked_by_a_hook_on_a_worker(lab):
    """session.shouldstop set on a worker stops the run with its reason; nothing is lost."""
    lab.conftest(
        """
def pytest_runtest_teardown(item):
    if (HERE / "leaves").exists() and first("stopped"):
        item.session.shouldstop = "enough of it"
"""
    )
    lab.module(SUITE.format(leave="return"))
    ledger = lab.run(workers=3)
    ledger.check(status=2, not_run=ledger.not_run)
    assert "enough of it" in ledger.output
    assert ledger.why == "enough of it"
    assert ledger.not_run >= 45


def test_broken_hook_on_a_worker(lab):
    """An internal error on a worker is shown with its cause, ends the run, and leaves nobody."""
    lab.conftest(
        """
@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report):
    if "PYTEST_XDIST_WORKER" in os.environ and report.when == "call" and first("broken"):
        raise RuntimeError("the hook is broken")
"""
    )
    lab.module(
        """
@pytest.mark.parametrize("n", range(40))
def test_any(n):
    time.sleep(0.005)
"""
    )
    ledger = lab.run(workers=2)
    assert ledger.status not in (0, 5)
    assert "RuntimeError: the hook is broken" in ledger.output
    assert not lab.leftovers()
