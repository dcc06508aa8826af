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
    ledger.check(status=1, crashed=["test_fatal[0]", "test_fatal[1]"])
    assert "maximum crashed workers reached: 1" in ledger.output


def test_last_death_while_a_replacement_starts(lab):
    """That one is not dismissed: it is all that is left, and runs what is left."""
    lab.conftest(
        """
if os.environ.get("PYTEST_XDIST_WORKER") == "gw2":
    wait_until(lambda: seen("down") == 2)
"""
    )
    lab.module(
        """
OWN = os.environ.get("PYTEST_XDIST_WORKER")

@pytest.mark.parametrize("n", range(8))
def test_any(n):
    if OWN == "gw1":
        wait_until(lambda: seen("down") == 1)
    if OWN != "gw2":
        die()
"""
    )
    ledger = lab.run("--max-worker-restart=1", workers=2)
    assert len(ledger.crashed) == 2
    ledger.check(status=1, crashed=ledger.names(ledger.crashed))
    assert len(ledger.passed) == 6


@pytest.mark.parametrize("workers", [2, 3])
def test_death_while_the_others_collect(lab, workers):
    """Without restarts they go on, and run everything."""
    lab.conftest(
        """
OWN = os.environ.get("PYTEST_XDIST_WORKER")

def pytest_collection_modifyitems():
    if OWN == "gw0":
        die()
    if OWN == "gw1":
        wait_until(lambda: seen("down") == 1)
"""
    )
    lab.module(suite(0, 6))
    ledger = lab.run("--max-worker-restart=0", workers=workers).check(status=0)
    assert len(ledger.passed) == 6


def test_host_whose_last_worker_still_starts(lab):
    """It runs what no other host can run any more, when its replacement is there."""
    lab.conftest(
        """
OWN = os.environ.get("PYTEST_XDIST_WORKER")
if OWN == "gw3":
    wait_until(lambda: seen("down") == 2)

def pytest_markersteal_check_resource(host):
    return host == "b"
"""
    )
    lab.module(
        """
OWN = os.environ.get("PYTEST_XDIST_WORKER")

@pytest.fixture(autouse=True)
def after_the_death_of_gw2():
    if OWN == "gw2":
        die()
    wait_until(lambda: seen("down") >= 1)

@pytest.mark.shared_resource("port", scope="host")
@pytest.mark.parametrize("n", range(3))
def test_port(n):
    if OWN in ("gw0", "gw1"):
        die()

@pytest.mark.parametrize("n", range(3))
def test_plain(n):
    pass
"""
    )
    hosts = [f"--tx=popen//env:MARKERSTEAL_HOST={host}" for host in "aab"]
    ledger = lab.run("--max-worker-restart=1", *hosts, workers=None)
    assert len(ledger.crashed) == 2
    ledger.check(status=1, crashed=ledger.names(ledger.crashed))
    assert len(ledger.passed) == 4


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
