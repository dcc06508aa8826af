"""Workers that die while they hold what others wait for: all of it is handed on."""

from __future__ import annotations

import pytest

ORDINARY = """
@pytest.mark.parametrize("n", range(8))
def test_plain(n):
    time.sleep(0.005)
"""


@pytest.mark.parametrize("mark", ["serial", 'shared_resource("db")', "no_parallel"])
def test_death_hands_on_what_was_held(lab, mark):
    """After a death in a marked test, the others with that mark still run, and still apart."""
    lab.module(
        f"""
@pytest.mark.{mark}
@pytest.mark.parametrize("n", range(5))
def test_marked(n):
    time.sleep(0.005)
    if n == 1:
        die("kill")
"""
        + ORDINARY
    )
    ledger = lab.run(workers=3).check(status=1, crashed=["test_marked[1]"])
    assert len(ledger.passed) == 4 + 8


def test_death_while_holding_several_keys(lab):
    """A death frees every key that the worker held, also those of tests that it had queued."""
    lab.module(
        """
@pytest.mark.shared_resource("a", "b")
def test_both():
    die()

@pytest.mark.shared_resource("a")
@pytest.mark.parametrize("n", range(4))
def test_a(n):
    if n == 2:
        die("kill")

@pytest.mark.shared_resource("b")
@pytest.mark.parametrize("n", range(4))
def test_b(n):
    time.sleep(0.005)
"""
    )
    lab.run().check(status=1, crashed=["test_both", "test_a[2]"])


def test_group_stays_together_after_a_death(lab):
    """After a death in a group, what remains of the group runs on one worker again."""
    lab.module(
        """
@pytest.mark.xdist_group("g")
@pytest.mark.parametrize("n", range(8))
def test_grouped(n):
    time.sleep(0.005)
    if n == 2:
        die()
"""
        + ORDINARY
    )
    ledger = lab.run(workers=3).check(status=1, crashed=["test_grouped[2]"])
    workers = ledger.workers_of("test_grouped")
    assert len(set(workers[:3])) == 1
    assert len(set(workers[3:])) == 1


def test_death_of_the_dedicated_worker_in_an_ordinary_test(lab):
    """When the dedicated worker dies in an ordinary test, serial tests go on elsewhere."""
    # The first serial test makes its worker known; the next ordinary test there dies.
    lab.module(
        """
@pytest.mark.serial
@pytest.mark.parametrize("n", range(3))
def test_serial(n):
    touch("dedicated-" + os.environ["PYTEST_XDIST_WORKER"])

@pytest.mark.parametrize("n", range(30))
def test_plain(n):
    time.sleep(0.01)
    dedicated = (HERE / ("dedicated-" + os.environ["PYTEST_XDIST_WORKER"])).exists()
    if dedicated and first("died"):
        die("kill")

@pytest.mark.no_parallel
def test_alone():
    pass
"""
    )
    ledger = lab.run()
    assert len(ledger.crashed) == 1
    assert "test_plain" in ledger.crashed[0]
    ledger.check(status=1, crashed=ledger.names(ledger.crashed))


def test_death_in_one_of_many_no_parallel_tests_keeps_the_rest_alone(lab):
    """Deaths in the first and the last no_parallel test leave the phases apart."""
    lab.module(
        """
@pytest.mark.no_parallel
@pytest.mark.parametrize("n", range(4))
def test_alone(n):
    time.sleep(0.005)
    if n in (0, 3):
        die()
"""
        + ORDINARY
    )
    ledger = lab.run(workers=3)
    ledger.check(status=1, crashed=["test_alone[0]", "test_alone[3]"])
    alone = [place for place, name in enumerate(ledger.started) if "test_alone" in name]
    assert alone == [0, 1, 2, 3]
