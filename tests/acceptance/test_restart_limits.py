"""``--max-worker-restart``: what is left of the fleet finishes, and what can't run is told."""

from __future__ import annotations

import pytest


def suite(deaths: int, tests: int, mark: str = "") -> str:
    """A suite in which the first ``deaths`` tests kill their worker."""
    return f"""
{mark}
@pytest.mark.parametrize("n", range({deaths}))
def test_fatal(n):
    die()

@pytest.mark.parametrize("n", range({tests}))
def test_plain(n):
    time.sleep(0.005)
"""


@pytest.mark.parametrize("mark", ["", "@pytest.mark.no_parallel", "@pytest.mark.serial"])
def test_survivors_finish_without_restarts(lab, mark):
    """With no restart allowed, the workers that are left run all that is left."""
    lab.module(suite(1, 12, mark))
    ledger = lab.run("--max-worker-restart=0", workers=3)
    ledger.check(status=1, crashed=["test_fatal[0]"])
    assert len(ledger.of("up")) == 3
    assert len(ledger.passed) == 12


def test_one_restart_and_two_deaths(lab):
    """With one restart allowed, a second death costs a worker, not a test."""
    lab.module(suite(2, 12))
    ledger = lab.run("--max-worker-restart=1", workers=2)
    ledger.check(status=1, crashed=["test_fatal[0]", "test_fatal[1]"], not_run=ledger.not_run)
    assert "maximum crashed workers reached: 1" in ledger.output


EVERY_TEST_DIES = """
{mark}
@pytest.mark.parametrize("n", range(12))
def test_fatal(n):
    die()
"""


@pytest.mark.parametrize("mark", ["", "@pytest.mark.no_parallel"])
def test_all_die_without_restarts(lab, mark):
    """When nobody is left and nobody comes, the run ends and tells what was not run, and why."""
    lab.module(EVERY_TEST_DIES.format(mark=mark))
    ledger = lab.run("--max-worker-restart=0", workers=2)
    assert len(ledger.crashed) == 2
    ledger.check(status=1, crashed=ledger.names(ledger.crashed), not_run=10)
    assert str(ledger.why).startswith("no worker was left: worker gw")
    assert str(ledger.why).endswith("crashed and worker restarting disabled")


def test_every_test_dies(lab):
    """When every test kills its worker, each is blamed or told as not run, and the run ends."""
    lab.module(EVERY_TEST_DIES.format(mark=""))
    ledger = lab.run("--max-worker-restart=2", workers=2)
    assert 3 <= len(ledger.crashed) <= 4
    ledger.check(status=1, crashed=ledger.names(ledger.crashed), not_run=12 - len(ledger.crashed))
