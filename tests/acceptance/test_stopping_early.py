"""``-x`` and ``--maxfail``: after the last straw no worker starts anything but what it must."""

from __future__ import annotations

import pytest

TESTS = 200
WORKERS = 4


def suite(straw: str, how_many: int = 1) -> str:
    """Tests that wait until ``how_many`` failures are told, which the first of them bring.

    So every worker is in the middle of a test when the controller learns of the last failure.
    """
    return f"""
@pytest.mark.parametrize("n", range({TESTS}))
def test_waits(n):
    if (HERE / "failure-told-{how_many}").exists():
        return
    touch("runs-" + os.environ["PYTEST_XDIST_WORKER"])
    wait_until(lambda: len(list(HERE.glob("runs-*"))) == {WORKERS})
    for number in range({how_many}):
        if first(f"straw-{{number}}"):
            {straw}
    wait_for("failure-told-{how_many}")
"""


def begun_after_it_was_told(ledger) -> int:
    """How many tests began after the controller had taken in the last failure that counts."""
    failures = [
        place
        for place, event in enumerate(ledger.events)
        if event["event"] == "report" and event["outcome"] == "failed"
    ]
    return sum(event["event"] == "begin" for event in ledger.events[failures[-1] :])


@pytest.mark.parametrize("option", ["-x", "--maxfail=1"])
def test_first_failure_stops_all(lab, option):
    """After the first failure, each worker finishes its test, and the rest is told as not run."""
    lab.module(suite('pytest.fail("the last straw")'))
    ledger = lab.run(option, workers=WORKERS)
    assert begun_after_it_was_told(ledger) <= WORKERS, ledger.output
    assert ledger.not_run >= TESTS - 3 * WORKERS
    ledger.check(status=2, not_run=ledger.not_run)
    assert "stopping after 1 failures" in str(ledger.why)


def test_first_failure_stops_all_among_tiny_tests(lab):
    """Also when thousands of tests a second go by, a failure stops the run in its tracks."""
    lab.module(
        """
@pytest.mark.parametrize("n", range(600))
def test_tiny(n):
    assert n != 5
"""
    )
    ledger = lab.run("-x", workers=2)
    assert ledger.not_run >= 300
    ledger.check(status=2, not_run=ledger.not_run)


def test_a_crash_is_a_failure_to_x(lab):
    """With -x a crash stops the run like a failure."""
    lab.module(suite('die("kill")'))
    ledger = lab.run("-x", workers=WORKERS)
    assert len(ledger.crashed) == 1
    assert begun_after_it_was_told(ledger) <= WORKERS, ledger.output
    assert ledger.not_run >= TESTS - 3 * WORKERS
    assert ledger.why, ledger.output
    ledger.check(status=ledger.status, crashed=ledger.names(ledger.crashed), not_run=ledger.not_run)
    assert ledger.status in (1, 2)


def test_second_failure_stops_all(lab):
    """--maxfail=2 counts failures of all workers together."""
    lab.module(suite('pytest.fail("a straw")', how_many=2))
    ledger = lab.run("--maxfail=2", workers=WORKERS)
    assert begun_after_it_was_told(ledger) <= WORKERS, ledger.output
    ledger.check(status=2, not_run=ledger.not_run)
    assert len(ledger.failed) == 2
    assert ledger.not_run >= TESTS - 4 * WORKERS
    assert "stopping after 2 failures" in str(ledger.why)


@pytest.mark.parametrize("straw", ["assert False", "die()"])
def test_failure_in_the_phase_of_no_parallel_tests(lab, straw):
    """With -x a no_parallel test that fails or dies leaves nothing to the parallel phase."""
    lab.module(
        f"""
@pytest.mark.no_parallel
@pytest.mark.parametrize("n", range(3))
def test_alone(n):
    if n == 1:
        {straw}

@pytest.mark.parametrize("n", range(10))
def test_plain(n):
    pass
"""
    )
    ledger = lab.run("-x", workers=2)
    assert not [name for name in ledger.started if "plain" in name]
    crashed = ["test_alone[1]"] if straw == "die()" else []
    assert ledger.not_run >= 10  # The third may already be on its way when a death is noticed.
    ledger.check(status=ledger.status, crashed=crashed, not_run=ledger.not_run)
    assert ledger.status in (1, 2)
